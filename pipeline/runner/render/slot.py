"""One of the generations that may be in flight at once."""

from __future__ import annotations

import asyncio
from types import TracebackType


class Slot:
    """Is given back once: as soon as it is no longer needed, or at the end of the block."""

    __slots__ = ("_generations", "_is_taken")

    def __init__(self, generations: asyncio.Semaphore) -> None:
        self._generations = generations
        self._is_taken = False

    async def take(self) -> None:
        """Waits for room."""
        await self._generations.acquire()
        self._is_taken = True

    def pass_on(self) -> Slot:
        """The same room in other hands: the end of this block no longer gives it back."""
        passed = Slot(self._generations)
        passed._is_taken, self._is_taken = self._is_taken, False
        return passed

    def give_back(self) -> None:
        """Makes room for another one."""
        if self._is_taken:
            self._is_taken = False
            self._generations.release()

    def __enter__(self) -> Slot:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.give_back()
