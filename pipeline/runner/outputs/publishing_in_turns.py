"""Many tracks, group after group: while one waits for the disk, the next is copied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from pipeline.core.handover.tracks import TrackFile
from pipeline.runner.outputs.publishing import (
    Copy,
    Damaged,
    Publisher,
    Recorded,
    discard,
    moved,
)


def publish_in_turns(
    publisher: Publisher, groups: Iterable[Sequence[TrackFile]], recorded: Recorded
) -> Iterator[tuple[tuple[str, ...], Damaged]]:
    """``Publisher.publish_sound`` of each group; the last is in its place when the turns end.

    Two groups lie there twice meanwhile. Raises what ``publish_sound`` raises.
    """
    with ThreadPoolExecutor(1) as thread:
        moving = Moving(publisher)
        try:
            for group in groups:
                copies, damaged = publisher.copied(group, recorded)
                try:
                    moving.end()
                    notes = publisher.claim(copies)
                except BaseException:
                    discard(copies)
                    raise
                moving.begin(copies, thread.submit(moved, copies))
                yield notes, damaged
        finally:
            moving.end()


class Moving:
    """A group on its way to its places; it is recorded when it is there."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._copies: Sequence[Copy] = ()
        self._moved: Future[list[int]] | None = None

    def begin(self, copies: Sequence[Copy], moving: Future[list[int]]) -> None:
        """These are moved from here on."""
        self._copies, self._moved = copies, moving

    def end(self) -> None:
        """Returns when they are in place and recorded. Raises ``OSError``."""
        if self._moved is None:
            return
        underway, self._moved = self._moved, None
        self._publisher.record(self._copies, underway.result())
