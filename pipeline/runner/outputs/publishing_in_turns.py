"""Many tracks, group after group: while one waits for the disk, the next is copied."""

from __future__ import annotations

import errno
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

Turn = tuple[tuple[str, ...], Damaged, tuple[OSError, ...]]
FOR_ALL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})  # no other file fares better


def publish_in_turns(
    publisher: Publisher, groups: Iterable[Sequence[TrackFile]], recorded: Recorded
) -> Iterator[Turn]:
    """``Publisher.publish_sound`` of each group; the last is in its place when the turns end.

    Two groups lie there twice meanwhile. Where a group is refused, each of its tracks is published
    for itself, and what the operating system refused of it is part of the turn. Raises ``OSError``
    where the disk is full, and whatever else ``publish_sound`` raises.
    """
    with ThreadPoolExecutor(1) as thread:
        moving = Moving(publisher)
        try:
            for group in groups:
                copies: Sequence[Copy] = ()
                refused: Sequence[TrackFile] = ()
                notes: tuple[str, ...] = ()
                damaged: Damaged = {}
                try:
                    copies, damaged = publisher.copied(group, recorded)
                    refused = moving.end()
                    notes = publisher.claim(copies)
                except OSError:
                    discard(copies)
                    refused = (*refused, *group)
                except BaseException:
                    discard(copies)
                    raise
                else:
                    moving.begin(copies, thread.submit(moved, copies))
                yield notes, damaged, ()
                yield from _each_alone(publisher, refused)
            yield from _each_alone(publisher, moving.end())
        finally:
            moving.end()


def _each_alone(publisher: Publisher, tracks: Iterable[TrackFile]) -> Iterator[Turn]:
    for track in tracks:
        try:
            yield *publisher.publish_sound([track], publisher.recorded([track])), ()
        except OSError as error:
            if error.errno in FOR_ALL:
                raise
            yield (), {}, (error,)


class Moving:
    """A group on its way to its places; it is recorded when it is there."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._copies: Sequence[Copy] = ()
        self._moved: Future[list[int]] | None = None

    def begin(self, copies: Sequence[Copy], moving: Future[list[int]]) -> None:
        """These are moved from here on."""
        self._copies, self._moved = copies, moving

    def end(self) -> Sequence[TrackFile]:
        """Returns when they are in place and recorded; if one was refused, all of their tracks."""
        if self._moved is None:
            return ()
        underway, self._moved = self._moved, None
        try:
            moved_at = underway.result()
        except OSError:
            return [copy.track for copy in self._copies]
        self._publisher.record(self._copies, moved_at)
        return ()
