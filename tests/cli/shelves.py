"""Albums whose journal tells of much, without a request: for what is printed about them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from pathlib import Path

from pipeline.adapters.journal.opening import open_journal
from pipeline.core.lock.joining import Arrivals
from pipeline.core.purchase.attempt import STUCK, Attempt, State, ref_of
from pipeline.core.wanted.takes import WantedTake, wanted_takes
from pipeline.runner.reading import read_manifests
from tests.adapters.journals import AT
from tests.builders import an_attempt, an_audio

NAMELESS = frozenset({State.IN_DOUBT, State.REJECTED})  # states without a generation id


def known(
    project: Path,
    state_of: Callable[[int, WantedTake], State | None],
    *,
    error: str | None = None,
    removed: int = 0,
) -> None:
    """Gives the journal an attempt at each take, and published songs that no manifest has.

    ``state_of`` is called with the take's place and the take; None leaves it out.
    """
    reading = read_manifests([project / "manifests"], provider=None)
    assert reading.albums, reading.diagnostics
    takes = [take for album in reading.albums for take in wanted_takes(album, reading.profiles)]
    told = [
        _attempt(place, take, state, error)
        for place, take in enumerate(takes)
        if (state := state_of(place, take)) is not None
    ]
    told += [_gone(place, reading.albums[0].id) for place in range(removed)]
    take_in(project, told)


def take_in(project: Path, attempts: Iterable[Attempt]) -> None:
    """Writes attempts to the project's journal."""
    state = project / ".songmake"
    state.mkdir(exist_ok=True)
    with contextlib.closing(open_journal(state, at=AT)) as journal:
        journal.take_in(Arrivals(new=tuple(attempts)), at=AT)


def _attempt(place: int, take: WantedTake, state: State, error: str | None) -> Attempt:
    has_audio = state in (State.STORED, State.PUBLISHED)
    return an_attempt(
        state,
        client_request_id=f"sm1.{take.digest[:32]}.1.n{place}",
        digest=take.digest,
        ref=take.ref,
        title=take.title,
        identity_json=take.identity_json,
        body_json=take.body_json,
        generation_id=None if state in NAMELESS else f"generation-{place:010}",
        audio=an_audio(checksum=f"{place + 1:064x}") if has_audio else None,
        error=error if state in STUCK | {State.IN_DOUBT} else None,
    )


def _gone(place: int, album: str) -> Attempt:
    digest = f"{place + 1:064x}"
    return an_attempt(
        client_request_id=f"sm1.{digest[:32]}.1.gone{place}",
        digest=digest,
        ref=ref_of(album, f"removed-{place}", 1),
        generation_id=f"removed-{place:013}",
        audio=an_audio(checksum=f"{place + 1:0>60x}dead"),
    )
