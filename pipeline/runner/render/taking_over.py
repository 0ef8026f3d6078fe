"""Purchases that are held back because another journal buys for the album."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from pipeline.core.findings.phrases import some_of
from pipeline.core.purchase.plan import Action, Buy
from pipeline.core.wanted.album import Provider
from pipeline.runner.locks.reading import FoundLock, FoundLocks
from pipeline.runner.workspace import Workspace


def held_back(
    actions: Sequence[Action], locks: FoundLocks, journal_id: str | None
) -> tuple[Buy, ...]:
    """The paid purchases of a plan whose album's lock belongs to another journal."""
    albums = {each.album for each in locks.anothers(journal_id)}
    return tuple(
        action
        for action in actions
        if isinstance(action, Buy)
        and action.take.provider is not Provider.SKETCH
        and action.take.ref.album in albums
    )


def told_apart(
    held: Sequence[Buy], locks: FoundLocks, workspace: Workspace
) -> tuple[tuple[str, str], ...]:
    """A message and a hint for each album that is not bought for."""
    sources = {album.id: album.source for album in workspace.albums}
    found = []
    for each in locks.found:
        names = [f"{buy.take.ref.song}#{buy.take.ref.number}" for buy in held
                 if buy.take.ref.album == each.album]  # fmt: skip
        if names and each.album is not None:
            found.append((_message(each, names), _hint(sources[each.album])))
    return tuple(found)


def _message(each: FoundLock, names: Sequence[str]) -> str:
    assert each.journal is not None
    return (
        f"{each.file.shown} belongs to another journal ({each.journal[:8]}…): what is paid is "
        f"collected, and {some_of(names)} is not bought, for two that buy would buy twice"
    )


def _hint(source: str) -> str:
    command = shlex.join(["songmake", "render", source, "--take-over"])
    return f"if nobody else buys for this album any more: {command}"
