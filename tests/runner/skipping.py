"""An event loop whose sleeps take no time: its clock jumps to whatever is due next."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


class SkippingLoop(asyncio.SelectorEventLoop):
    """For what only waits: nothing outside the loop may be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._skipped_to_s = 0.0

    def time(self) -> float:
        return self._skipped_to_s

    def _run_once(self) -> None:
        timers_s = [timer.when() for timer in self._scheduled if not timer.cancelled()]
        if timers_s and not self._ready:
            self._skipped_to_s = max(self._skipped_to_s, min(timers_s))
        super()._run_once()


def run_skipping(loop: SkippingLoop, work: Coroutine[Any, Any, Any]) -> Any:
    """Runs it to its end, and closes the loop."""
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()
