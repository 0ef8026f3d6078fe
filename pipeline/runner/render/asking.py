"""A provider's polls in this run: how often each generation is asked after, and when."""

from __future__ import annotations

import asyncio

from pipeline.core.polling.pace import Pace
from pipeline.core.polling.schedule import HOSTED, ON_THIS_MACHINE
from pipeline.core.polling.turns import Turns
from pipeline.core.purchase.origins import is_loopback
from pipeline.core.run.expecting import History
from pipeline.runner.clock import Clock


class Asking:
    """What all generations of one provider share while they are asked after."""

    def __init__(self, clock: Clock, *, origin: str, history: History) -> None:
        manners = ON_THIS_MACHINE if is_loopback(origin) else HOSTED
        self.pace = Pace(manners, history)
        self._clock = clock
        self._turns = Turns(manners.most_a_second)
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._timer: asyncio.TimerHandle | None = None

    async def turn(self, *, within_s: float) -> bool:
        """Waits for the turn of a poll that is due now; False if it does not come in time."""
        ticket = self._turns.ask(self._clock.steady_s())
        mine = self._waiting[ticket] = asyncio.get_running_loop().create_future()
        self._give()
        try:
            if not mine.done():
                await asyncio.wait([mine], timeout=within_s)
        finally:
            if self._waiting.pop(ticket, None) is not None:
                self._turns.withdraw(ticket)
        return mine.done()

    def _give(self) -> None:
        now_s = self._clock.steady_s()
        for ticket in self._turns.give(now_s):
            self._waiting.pop(ticket).set_result(None)
        opens_s = self._turns.opens_s
        if opens_s is not None and self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(opens_s - now_s, 0.0), self._open)

    def _open(self) -> None:
        self._timer = None
        self._give()
