"""Asking until a generation is rendered, has failed, or has to wait for the next run."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import assert_never

from pipeline.core.purchase.answers import (
    AccountRefused,
    Failed,
    Finished,
    NotFound,
    PollAnswer,
    Running,
    Throttled,
    Unreachable,
)
from pipeline.core.purchase.attempt import Attempt, State
from pipeline.core.purchase.pacing import LOCAL_POLL_S, backoff_s, has_given_up
from pipeline.core.run.expecting import age_s, kind_of
from pipeline.errors import ExitCode
from pipeline.runner.render.run import Run

ACCOUNT_REFUSALS = 3  # in a row, before this run stops asking for a generation
GONE_AFTER = 5  # "not found" in a row, ever further apart, for what was rendered before


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The provider has the file; ``link`` leads to it for a while."""

    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """The provider no longer knows what it had rendered."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """Nothing to fetch now: it failed, or is left for the next run. The journal says which."""


PollResult = Rendered | Gone | Ended


class Poller:
    """Polls one attempt within its time-out.

    ``is_new`` was submitted just now: its age is exact, and how long it takes is learned from.
    """

    __slots__ = (
        "_absences",
        "_asking",
        "_began_s",
        "_born_s",
        "_connection",
        "_failures",
        "_generation_id",
        "_is_young",
        "_kind",
        "_refusals",
        "_run",
        "client_request_id",
    )

    def __init__(self, run: Run, attempt: Attempt, *, began_s: float, is_new: bool) -> None:
        self._run = run
        self._connection = run.connections[attempt.provider]
        self._asking = run.asking(attempt.provider)
        # not the attempt: it holds all that was asked
        self.client_request_id = attempt.client_request_id
        self._generation_id = attempt.generation_id
        self._kind = kind_of(attempt.provider, attempt.model)
        self._began_s = began_s
        self._born_s = began_s if is_new else began_s - age_s(attempt, run.clock.now())
        is_learning = run.settings.poll_interval_s is None and not self._connection.is_own_log
        self._is_young = is_new and is_learning
        self._failures = 0
        self._refusals = 0
        self._absences = 0

    def begin(self) -> None:
        """It is asked after from here on, until :meth:`look` has a result."""
        self._asking.pace.begin(self.client_request_id, self._kind, is_young=self._is_young)
        self._is_young = False

    async def look(self) -> PollResult | None:
        """One poll, when its turn comes; None if it has to be asked again after a wait."""
        result: PollResult | None = None
        is_over = True
        try:
            result = await self._look()
            is_over = result is not None
        finally:
            if is_over:
                self._asking.pace.end(self.client_request_id)
        return result

    async def until_rendered(self, *, is_first_now: bool) -> PollResult:
        """Polls until there is a link or an end. ``is_first_now`` asks at once, then waits."""
        self.begin()
        if not is_first_now:
            await asyncio.sleep(self.first_wait_s)
        while True:
            result = await self.look()
            if result is not None:
                return result
            await asyncio.sleep(self.next_wait_s)

    async def _look(self) -> PollResult | None:
        assert self._generation_id is not None
        if not await self._has_turn():
            return self._leave("the time-out for this run passed")
        result = await self._ask_once(self._generation_id)
        if result is None and not self._run.settings.is_waiting:
            return self._leave("not waiting for it (--no-wait)")
        return result

    async def _ask_once(self, generation_id: str) -> PollResult | None:
        asked_s = self._age_s
        deadline_s = min(30.0, max(self.left_s, 0.1))
        answer = await self._connection.api.poll(generation_id, deadline_s=deadline_s)
        if isinstance(answer, Running):
            self._asking.pace.running_at(self.client_request_id, asked_s)
        return await self._result(answer)

    async def _has_turn(self) -> bool:
        """Waits for whatever everybody waits for; False if that is beyond the time-out."""
        pause = self._run.poll_pause
        while self.left_s > max(pause.left_s, 0.0):
            await pause.wait()
            if await self._asking.turn(within_s=self.left_s) and pause.left_s <= 0:
                return True
        return False

    @property
    def _age_s(self) -> float:
        return self._run.clock.steady_s() - self._born_s

    @property
    def left_s(self) -> float:
        """What remains of this generation's time in this run."""
        spent_s = self._run.clock.steady_s() - self._began_s
        return self._run.settings.poll_timeout_s - spent_s

    @property
    def interval_s(self) -> float:
        """Until the next poll: as fixed on the command line, else by what was learned."""
        fixed_s = self._run.settings.poll_interval_s
        if fixed_s is not None:
            return fixed_s
        if self._connection.is_own_log:
            return LOCAL_POLL_S
        return self._asking.pace.wait_s(self.client_request_id, self._age_s)

    @property
    def first_wait_s(self) -> float:
        """From now until the first poll of what was submitted just now."""
        return self._within(self.interval_s)

    @property
    def next_wait_s(self) -> float:
        """From now until the next poll, after one without a result."""
        trouble = self._failures
        if self._absences and self._was_rendered:
            trouble = self._absences
        if not trouble:
            return self._within(self.interval_s)
        backed_off_s = backoff_s(trouble + 1, jitter=self._run.clock.jitter())
        return self._within(max(self.interval_s, backed_off_s))

    def _within(self, wait_s: float) -> float:
        return max(0.0, min(wait_s, self.left_s))

    async def _result(self, answer: PollAnswer) -> PollResult | None:
        self._count(answer)
        match answer:
            case Finished(link=link):
                self._asking.pace.ready_by(self.client_request_id, self._age_s)
                await self._record_ready()
                return Rendered(link=link)
            case Failed(reason=reason):
                return await self._fail(reason)
            case NotFound(reason=reason):
                return self._absent(reason)
            case Running(status=status, is_known=is_known):
                if not is_known:
                    self._run.warn(f"unknown status '{status}' is taken as still running")
                return None
            case Throttled(reason=reason, wait_s=asked_s):
                wait_s = self._run.poll_pause.extend(asked_s)
                self._run.wait_noted(f"the provider asks for patience ({reason})", wait_s)
                return None
            case AccountRefused(reason=reason):
                return self._refused(reason)
            case Unreachable(reason=reason):
                return self._unreachable(reason)
            case _:
                assert_never(answer)

    def _count(self, answer: PollAnswer) -> None:
        self._failures = self._failures + 1 if isinstance(answer, Unreachable) else 0
        self._refusals = self._refusals + 1 if isinstance(answer, AccountRefused) else 0
        self._absences = self._absences + 1 if isinstance(answer, NotFound) else 0
        if not isinstance(answer, (Unreachable, Throttled)):
            self._run.was_reached = True
            self._run.poll_pause.clear()

    async def _record_ready(self) -> None:
        run, crid = self._run, self.client_request_id
        if run.attempt(crid).state is State.SUBMITTED:
            at = run.clock.stamp()
            await run.write(lambda journal: journal.record_ready(crid, at=at))
            run.tell(crid)

    async def _fail(self, reason: str) -> PollResult:
        run, crid = self._run, self.client_request_id
        if self._was_rendered:
            return Gone(reason=f"it was rendered, and now: {reason}")
        at = run.clock.stamp()
        run.fail()
        await run.write(
            lambda journal: journal.record_state(crid, State.FAILED, at=at, reason=reason)
        )
        return Ended()

    @property
    def _was_rendered(self) -> bool:
        return self._run.attempt(self.client_request_id).state is not State.SUBMITTED

    def _absent(self, reason: str) -> Gone | None:
        is_own = self._connection.is_own_log
        if is_own or (self._was_rendered and self._absences >= GONE_AFTER):
            return Gone(reason=f"the provider no longer knows it ({reason})")
        return None

    def _refused(self, reason: str) -> Ended | None:
        run = self._run
        run.stop_buying(f"the account was refused: {reason}")
        run.warn(
            f"the account was refused: {reason}",
            hint="check AIMLAPI_KEY; what is paid is collected free: songmake render",
            code=ExitCode.FAILED,
        )
        return self._leave(reason) if self._refusals >= ACCOUNT_REFUSALS else None

    def _unreachable(self, reason: str) -> Ended | None:
        run = self._run
        waited_s = run.clock.steady_s() - self._began_s
        timeout_s = run.settings.poll_timeout_s
        if has_given_up(waited_s=waited_s, was_reached=run.was_reached, timeout_s=timeout_s):
            run.reason = f"{self._connection.origin} cannot be reached"
            return self._leave(f"the provider cannot be reached: {reason}")
        if self._failures == 3:
            self._warn_of_silence(reason)
        return None

    def _warn_of_silence(self, reason: str) -> None:
        if self._connection.is_own_log:
            self._run.warn(
                f"the sketch engine cannot go on ({reason}): asking again",
                hint="Ctrl-C is safe; what is wrong with the set-up: songmake doctor",
            )
            return
        self._run.warn(
            f"the provider cannot be reached ({reason}): asking again", hint="Ctrl-C is safe"
        )

    def _leave(self, reason: str) -> Ended:
        self._run.causes.add(ExitCode.UNFINISHED)
        note = f"left for the next run: {reason}"
        self._run.tell(self.client_request_id, note=note, is_settled=True)
        return Ended()
