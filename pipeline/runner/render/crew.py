"""The tasks of a run, short ones, and what waits for one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Generic, TypeVar

from pipeline.runner.render.waiting import WaitingRoom

T = TypeVar("T")


class Crew(Generic[T]):
    """Starts work now or later; ``is_done`` is set while nothing is under way and nothing waits.

    Work lets no error out. ``work_on`` makes the work of what waited.
    """

    def __init__(self, work_on: Callable[[T], Coroutine[None, None, None]]) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting = WaitingRoom[T](lambda due: self.start(work_on(due)))
        self._is_ending = False
        self.is_done = asyncio.Event()
        self.is_done.set()

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Begins it."""
        self.is_done.clear()
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._forget)

    def later(self, waiting: T, *, wait_s: float) -> None:
        """Begins the work on it in ``wait_s`` seconds, unless the run ends before."""
        if not self._is_ending:
            self._waiting.put(waiting, wait_s=wait_s)

    def cancel(self) -> None:
        """Nothing that waits is begun any more, and every task is asked to end."""
        self._is_ending = True
        self._waiting.clear()
        for task in self._tasks:
            task.cancel()
        self._look_around()

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._look_around()

    def _look_around(self) -> None:
        if not self._tasks and not self._waiting:
            self.is_done.set()
