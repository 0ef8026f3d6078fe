"""Publishing in a thread, so that other takes go on while a file is copied and synced."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from pipeline.adapters.journal.sqlite import Journal
from pipeline.adapters.journal.writer import cancel_later
from pipeline.core.handover.tracks import TrackFile
from pipeline.runner.outputs.publishing import Publisher
from pipeline.runner.render.run import Run

T = TypeVar("T")


async def publish_aside(
    run: Run, publisher: Publisher, tracks: Sequence[TrackFile]
) -> tuple[str, ...]:
    """``Publisher.publish``, one call at a time in a thread; what it writes is the writer's.

    It is as whole as a call: a cancellation that comes meanwhile is kept for the next wait.
    """
    loop = asyncio.get_running_loop()

    def ask(asked: Callable[[Journal], T]) -> T:
        return asyncio.run_coroutine_threadsafe(run.write(asked), loop).result()

    async with run.publishing:
        aside = replace(publisher, asking=ask)
        recorded = publisher.recorded(tracks)  # reading is for this thread
        work = asyncio.ensure_future(asyncio.to_thread(aside.publish, tracks, recorded))
        is_cancelled = False
        while not work.done():
            try:
                await asyncio.wait((work,))
            except asyncio.CancelledError:
                is_cancelled = True
        if is_cancelled:
            cancel_later()
        return work.result()
