"""The last words of a render: what happened, what it cost, where it lies, what to do next."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from pipeline.cli.messages import print_hint, say
from pipeline.cli.typed import selection
from pipeline.core.findings.characters import inert
from pipeline.core.findings.phrases import some_of
from pipeline.core.handover.folder import PAGE_NAME
from pipeline.core.money import Balance, money_text, price_text
from pipeline.core.purchase.attempt import balance_of
from pipeline.core.run.closing import AlbumClosing, Closing
from pipeline.core.run.ending import counted_states
from pipeline.core.run.outcome import REASONS
from pipeline.core.wanted.album import TakeRef
from pipeline.errors import ExitCode
from pipeline.runner.render.finishing import Ended
from pipeline.runner.workspace import Workspace

MOST_NAMES = 3
GOING_ON = (ExitCode.UNFINISHED, ExitCode.INTERRUPTED, ExitCode.TERMINATED)  # by the same again
PLAIN_TERMINALS = ("", "dumb", "linux")  # they know no hyperlinks


def closing_of(workspace: Workspace, ended: Ended) -> Closing:
    """What there is to say of a run that came to its end."""
    caps = workspace.caps_microusd
    return Closing(
        code=ended.code,
        reason=ended.reason or REASONS[ended.code],
        next=ended.next,
        states=ended.ledger.states(workspace.takes),
        absent=ended.absent,
        actions=ended.actions,
        spent=balance_of(one for one in ended.attempts if one.client_request_id in ended.bought),
        albums=tuple(
            AlbumClosing(
                id=album.id,
                folder=f"{_shown(workspace.folders.outputs / album.id)}/",
                balance=balance_of(one for one in ended.attempts if one.ref.album == album.id),
                budget_microusd=caps[album.id],
            )
            for album in workspace.albums
        ),
        needs_ear=ended.needs_ear,
        page=_page(workspace),
    )


def print_closing(closing: Closing, *, is_quiet: bool) -> None:
    """Results on standard output; why it is not all there, and what to type, on standard error."""
    if not is_quiet:
        click.echo(closing_text(closing), nl=False)
    if closing.code is not ExitCode.OK:
        sys.stdout.flush()  # the reason comes last where both go to one place
        say(f"{inert(closing.reason)} (exit {int(closing.code)})")
        if closing.next is not None:
            goes_on = closing.code in GOING_ON
            print_hint(f"{closing.next}{selection()}" if goes_on else closing.next)


def closing_text(closing: Closing) -> str:
    """The results as standard output gets them."""
    lines = [*closing_lines(closing)]
    if closing.page is not None:
        lines.append(f"listen: {_link(closing.page)}")
    return "".join(f"{line}\n" for line in lines)


def closing_lines(closing: Closing) -> Iterator[str]:
    """What happened, the run's money, each album's folder with its money, what to listen to."""
    yield _happened(closing)
    if closing.spent != Balance():
        yield f"this run: {_spent(closing.spent)}"
    for album in closing.albums:
        yield f"{album.folder}{_lifetime(album)}"
    if closing.needs_ear:
        yield _ears(closing.needs_ear, has_several_albums=len(closing.albums) > 1)


def _happened(closing: Closing) -> str:
    total = len(closing.states)
    parts = [
        f"{count} {word}"
        for count, word in ((closing.new, "new"), (closing.written_again, "written again"))
        if count
    ]
    is_whole = closing.published == total
    aside = f" ({', '.join(parts)})" if parts else ", nothing changed" if is_whole else ""
    missing = counted_states(closing.missing)
    if closing.fileless:
        gone = f"{closing.fileless} without its file"
        missing = f"{missing}, {gone}" if missing else gone
    rest = f", {missing}" if missing else ""
    return f"{closing.published} of {total} takes published{aside}{rest}"


def _spent(spent: Balance) -> str:
    released = f"{price_text(spent.released)} given back" if spent.released else ""
    if not spent.committed:
        return released
    return f"{money_text(spent)}, {released}" if released else money_text(spent)


def _lifetime(album: AlbumClosing) -> str:
    if not album.balance.committed:
        return ""
    budget = album.budget_microusd
    limit = f" of {price_text(budget)}" if budget is not None else " so far"
    return f" · {money_text(album.balance)}{limit}"


def _ears(refs: tuple[TakeRef, ...], *, has_several_albums: bool) -> str:
    names = [str(ref) if has_several_albums else f"{ref.song}#{ref.number}" for ref in refs]
    return f"needs an ear: {some_of(names, MOST_NAMES)}; songmake status says why"


def _page(workspace: Workspace) -> str | None:
    """The page to open: the album's, or the one that leads to all of several albums."""
    outputs = workspace.folders.outputs
    folder = outputs / workspace.albums[0].id if len(workspace.albums) == 1 else outputs
    path = (folder / PAGE_NAME).resolve()
    return path.as_uri() if path.is_file() else None


def _link(uri: str) -> str:
    """The address, to be clicked where standard output is a terminal that knows hyperlinks."""
    if not sys.stdout.isatty() or os.environ.get("TERM", "") in PLAIN_TERMINALS:
        return uri
    return f"\x1b]8;;{uri}\x1b\\{uri}\x1b]8;;\x1b\\"


def _shown(path: Path) -> str:
    """A path as short as it can be from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
