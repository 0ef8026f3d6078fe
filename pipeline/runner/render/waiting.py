"""What a run waits for, each as a small entry of one heap instead of a task that is parked."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class WaitingRoom(Generic[T]):
    """Hands over what waits when its time has come, the longest due first.

    A task that sleeps holds every frame between it and its sleep: kilobytes, where a thousandth of
    the time is spent at work. ``on_due`` runs on the event loop and does not wait.
    """

    def __init__(self, on_due: Callable[[T], None]) -> None:
        self._on_due = on_due
        self._waiting: list[tuple[float, int, T]] = []
        self._entries = 0
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, waiting: T, *, wait_s: float) -> None:
        """``waiting`` is due in ``wait_s`` seconds."""
        loop = asyncio.get_running_loop()
        self._entries += 1
        heapq.heappush(self._waiting, (loop.time() + wait_s, self._entries, waiting))
        if self._waiting[0][1] == self._entries:
            self._wind(loop)

    def clear(self) -> None:
        """Nothing waits any more."""
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()

    def _wind(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if self._waiting:
            self._timer = loop.call_at(self._waiting[0][0], self._ring, loop)

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        until_s = max(loop.time(), self._waiting[0][0])  # a timer may ring a tick early
        while self._waiting and self._waiting[0][0] <= until_s:
            self._on_due(heapq.heappop(self._waiting)[2])
        self._wind(loop)
