"""Publishing in a thread, so that other takes go on while files are copied and synced.

One call at a time. What is stored meanwhile is published by the next one together, in shared
commits and syncs: so publishing keeps up with the purchases where each of them takes long.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import TypeVar

from pipeline.adapters.journal.sqlite import Journal
from pipeline.adapters.journal.writer import cancel_later
from pipeline.core.handover.tracks import TrackFile
from pipeline.errors import SongmakeError
from pipeline.runner.outputs.publishing import Publisher, Recorded
from pipeline.runner.render.run import Run
from pipeline.runner.render.unpublished import Unpublished

T = TypeVar("T")

MOST_TOGETHER = 32  # all of them lie there twice meanwhile


async def publish_aside(
    run: Run, publisher: Publisher, tracks: Sequence[TrackFile]
) -> tuple[str, ...]:
    """``Publisher.publish`` in a thread; what it writes is the writer's.

    It is as whole as a call: a cancellation that comes meanwhile is kept for the next wait.
    """
    mine = Unpublished(tracks)
    run.unpublished.append(mine)
    try:
        async with run.publishing:
            if not mine.is_taken:
                await _publish_next(run, publisher)
    finally:
        if not mine.is_taken:
            run.unpublished.remove(mine)
    if mine.error is not None:
        raise mine.error
    return mine.notes


async def _publish_next(run: Run, publisher: Publisher) -> None:
    """Publishes what has waited longest: the lock serves in the same order."""
    group = [run.unpublished.popleft() for _ in range(min(len(run.unpublished), MOST_TOGETHER))]
    for each in group:
        each.is_taken = True
    loop = asyncio.get_running_loop()

    def ask(asked: Callable[[Journal], T]) -> T:
        return asyncio.run_coroutine_threadsafe(run.write(asked), loop).result()

    aside = replace(publisher, asking=ask)
    try:
        recorded = publisher.recorded([track for each in group for track in each.tracks])
    except SongmakeError as error:  # the journal's: it is everybody's
        for each in group:
            each.error = error
        return
    is_stopped = run.stopped.is_set
    work = asyncio.ensure_future(asyncio.to_thread(_publish, aside, group, recorded, is_stopped))
    is_cancelled = False
    while not work.done():
        try:
            await asyncio.wait((work,))
        except asyncio.CancelledError:
            is_cancelled = True
    if is_cancelled:
        cancel_later()
    work.result()


def _publish(
    publisher: Publisher,
    group: Sequence[Unpublished],
    recorded: Recorded,
    is_stopped: Callable[[], bool],
) -> None:
    """``recorded`` was read where the journal belongs: reading here would ask its writer.

    A run that is stopped does not begin the next copy; the next run publishes the rest.
    """
    if len(group) > 1 and _is_published_together(publisher, group, recorded, is_stopped):
        return
    for each in group:
        if is_stopped():
            return
        try:
            each.notes = publisher.publish(each.tracks, recorded)
        except Exception as error:
            each.error = error


def _is_published_together(
    publisher: Publisher,
    group: Sequence[Unpublished],
    recorded: Recorded,
    is_stopped: Callable[[], bool],
) -> bool:
    """False where something went wrong that may be about one of them: each finds out for itself."""
    try:
        tracks = (track for each in group for track in each.tracks)
        begun = takewhile(lambda _: not is_stopped(), tracks)
        group[0].notes, damaged = publisher.publish_sound(begun, recorded)
    except Exception:
        return False
    for each in group:
        audios = [track.source.audio for track in each.tracks]
        errors = [damaged.get(audio.checksum) for audio in audios if audio is not None]
        each.error = next(filter(None, errors), None)
    return True
