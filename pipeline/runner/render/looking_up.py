"""Deciding an in-doubt take by the provider's own request log."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto

from pipeline.core.money import Cost
from pipeline.core.purchase.answers import LogRow
from pipeline.core.purchase.attempt import Attempt, State
from pipeline.core.purchase.lookup import PAGES_A_WINDOW, SCHEDULE_S, Window, match, windows
from pipeline.errors import ExitCode
from pipeline.runner.clock import moment_of
from pipeline.runner.render.booking import book
from pipeline.runner.render.log_reading import LogReader
from pipeline.runner.render.run import Connection, Run

GRID = timedelta(minutes=10)
FRESH_S = 0.9  # looks that fall due together share what was read


class Verdict(Enum):
    """What the log said about one attempt; the journal has it already."""

    FOUND = auto()  # submitted now
    FAILED = auto()  # the provider refused it and charged nothing
    NEVER_SENT = auto()  # only where the log is our own and complete
    IN_DOUBT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look into the log. ``is_complete``: every page of the window was read."""

    row: LogRow | None
    is_complete: bool


@dataclass(slots=True)
class LogSearch:
    """The request log of one provider, read at most once a window and time."""

    connection: Connection
    run: Run
    rows: list[LogRow] = field(default_factory=list)
    read: list[tuple[Window, float]] = field(default_factory=list)
    reader: LogReader = field(init=False)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.reader = LogReader(api=self.connection.api)

    @property
    def missing(self) -> str | None:
        """Why there is no log to ask, once that is known."""
        return self.reader.missing

    async def look(self, attempt: Attempt, *, is_last: bool) -> Look:
        """What the log says of an attempt now; the last look is a wide one too."""
        since_s = self.run.clock.steady_s() - FRESH_S
        narrow, wide = map(_on_grid, windows(moment_of(attempt.intent_at)))
        is_complete = True
        async with self.turn:
            for window in (narrow, wide) if is_last else (narrow,):
                if match(self.rows, attempt.client_request_id) is None:
                    if not self._was_read(window, since_s=since_s):
                        await self._read(window)
                    is_complete &= self._was_read(window, since_s=since_s)
        return Look(row=match(self.rows, attempt.client_request_id), is_complete=is_complete)

    def _was_read(self, window: Window, *, since_s: float) -> bool:
        return any(
            done.start <= window.start and window.end <= done.end and at_s >= since_s
            for done, at_s in self.read
        )

    async def _read(self, window: Window) -> None:
        began_s = self.run.clock.steady_s()
        if await self.reader.read(window, self.rows, pages=PAGES_A_WINDOW):
            self.read.append((window, began_s))


def _on_grid(window: Window) -> Window:
    """A little wider, so that intents of one run share their windows."""
    return Window(start=_floor(window.start), end=_floor(window.end) + GRID)


def _floor(moment: datetime) -> datetime:
    return moment.replace(minute=moment.minute - moment.minute % 10, second=0, microsecond=0)


async def look_up(run: Run, attempt: Attempt, search: LogSearch) -> Verdict:
    """Asks the log on a schedule until it knows; absence proves nothing."""
    age_s = (run.clock.now() - moment_of(attempt.intent_at)).total_seconds()
    is_recent = 0 <= age_s < SCHEDULE_S[-1]
    waits = _waits(age_s) if is_recent and not search.connection.is_own_log else (0.0,)
    look = Look(row=None, is_complete=False)
    for number, wait_s in enumerate(waits, start=1):
        await asyncio.sleep(wait_s)
        look = await search.look(attempt, is_last=number == len(waits))
        if look.row is not None:
            verdict = await _record(run, attempt, look.row)
            if verdict is not None:
                return verdict
        if search.missing is not None or not run.settings.is_waiting:
            break
    if search.connection.is_own_log and look.is_complete:
        crid, at, reason = attempt.client_request_id, run.clock.stamp(), "the engine never had it"
        await run.write(lambda journal: journal.record_planned(crid, at=at, reason=reason))
        return Verdict.NEVER_SENT
    run.causes.add(ExitCode.IN_DOUBT)
    return Verdict.IN_DOUBT


def _waits(age_s: float) -> tuple[float, ...]:
    """The schedule as sleeps from one look to the next, for an attempt of this age."""
    due = [moment for moment in SCHEDULE_S if moment > age_s]
    starts = [age_s, *due[:-1]]
    return tuple(moment - start for moment, start in zip(due, starts, strict=True))


async def _record(run: Run, attempt: Attempt, row: LogRow) -> Verdict | None:
    """Records what a row of the log says; None if it decides nothing."""
    if row.has_failed:
        return None if row.cost.usd else await _record_failed(run, attempt)
    if row.generation_id is None:
        return None
    cost = row.cost if row.cost.usd else Cost()  # a cost that is not booked yet shows as zero
    is_booked = await book(run, attempt, row.generation_id, cost)
    return Verdict.FOUND if is_booked else None


async def _record_failed(run: Run, attempt: Attempt) -> Verdict:
    crid, at = attempt.client_request_id, run.clock.stamp()
    reason = "the provider's log says that it failed; nothing was charged"
    run.fail()
    await run.write(lambda journal: journal.record_state(crid, State.FAILED, at=at, reason=reason))
    return Verdict.FAILED
