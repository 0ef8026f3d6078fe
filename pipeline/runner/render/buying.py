"""Buying one take: the only place from which a paid request leaves.

Write order: intent (durable in the journal, then in the lock) → first byte → answer → generation
id (durable) → first poll.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace
from enum import Enum, auto
from typing import assert_never

from pipeline.adapters.journal.sqlite import BudgetRefused, Journal
from pipeline.core.purchase.answers import (
    Accepted,
    AccountRefused,
    Rejected,
    SubmitAnswer,
    Throttled,
    Unknown,
    Unsent,
)
from pipeline.core.purchase.attempt import State
from pipeline.core.purchase.pacing import backoff_s, has_given_up
from pipeline.core.purchase.plan import Buy
from pipeline.core.wanted.digest import client_request_id
from pipeline.errors import ExitCode, JournalDamaged, LockDamaged, SongmakeError, StorageFull
from pipeline.runner.render.booking import book
from pipeline.runner.render.run import Connection, Run, Unrecorded


class BuyingStopped(Exception):
    """This run begins no more paid requests; nothing of this one was sent."""


class Next(Enum):
    """What follows a POST."""

    DONE = auto()  # submitted, rejected, in doubt: the journal says which
    AGAIN = auto()  # not taken, nothing charged: try again after a wait


async def buy(run: Run, action: Buy) -> str | None:
    """Submits until the provider has taken or refused the request.

    Returns the client request id of the attempt that was recorded, or None if buying stopped
    first.
    """
    connection = run.connections[action.take.provider]
    began_s, failures = run.clock.steady_s(), 0
    while True:
        await run.submit_pause.wait()
        post = Post(run, action, connection)
        task = asyncio.create_task(post.send())
        run.posts[task] = post
        task.add_done_callback(lambda done: _forget(run, done))
        try:
            await asyncio.shield(task)
        except BuyingStopped as error:
            run.refusals[action.take.ref] = str(error)
            return None
        if post.next is Next.DONE:
            return post.id
        if post.is_recorded:
            action = replace(action, replaces=None)  # the first intent superseded it
        waited_s = run.clock.steady_s() - began_s + max(run.submit_pause.left_s, 0.0)
        is_reached = run.was_reached or isinstance(post.answer, Throttled)
        timeout_s = run.settings.poll_timeout_s
        if has_given_up(waited_s=waited_s, was_reached=is_reached, timeout_s=timeout_s):
            run.causes.add(ExitCode.UNFINISHED)
            run.stop_buying("the provider could not be reached in time")
            run.reason = f"{connection.origin} could not be reached in time"
            return None
        failures += 1
        if isinstance(post.answer, Unsent):
            await _wait_before_retry(run, connection, post.answer, failures)


def _forget(run: Run, task: asyncio.Task[None]) -> None:
    run.posts.pop(task, None)
    if not task.cancelled():
        task.exception()  # asked for, so that a stopped run does not complain about it


async def _wait_before_retry(
    run: Run, connection: Connection, answer: Unsent, failures: int
) -> None:
    wait_s = backoff_s(failures, jitter=run.clock.jitter())
    run.warn(
        f"not sent ({answer.reason}): {connection.origin} cannot be reached, trying again",
        hint="Ctrl-C is safe",
    )
    await asyncio.sleep(wait_s)


class Post:
    """One POST, from its slot to its record. It is never cancelled once it may have left."""

    def __init__(self, run: Run, action: Buy, connection: Connection) -> None:
        self._run = run
        self._action = action
        self._connection = connection
        self.id = client_request_id(
            action.take.digest, attempt=action.number, nonce=run.clock.nonce()
        )
        self.next = Next.AGAIN
        self.answer: SubmitAnswer | None = None
        self.is_recorded = False

    async def send(self) -> None:
        """Sends and records; raises ``BuyingStopped`` if nothing may be sent any more."""
        async with self._run.post_slots:
            self._refuse_if_stopped()
            self._refuse_over_budget()
            if self._run.submit_pause.left_s > 0:
                return
            try:
                self.answer = await self._connection.api.submit(
                    self._action.take.body_json,
                    client_request_id=self.id,
                    on_sending=self._record_intent,
                )
                self.next = await self._record(self.answer)
            finally:
                self._run.posts_out -= self.is_recorded

    def _refuse_if_stopped(self) -> None:
        if self._run.buying_stopped is not None:
            raise BuyingStopped(self._run.buying_stopped)

    def _refuse_over_budget(self) -> None:
        """Spares a connection; what counts is the same check within the intent's transaction."""
        run, take = self._run, self._action.take
        reason = run.journal.refusal(take, run.caps, run_reserved_microusd=run.reserved_microusd)
        if reason is not None:
            raise self._refused(reason)

    def _refused(self, reason: str) -> BuyingStopped:
        self._run.warn(
            f"{self._action.take.ref.album}: not everything is bought: {reason}",
            code=ExitCode.BUDGET,
        )
        return BuyingStopped(reason)

    async def _record_intent(self) -> None:
        self._refuse_if_stopped()
        run, action = self._run, self._action
        before_microusd = run.reserved_microusd
        run.reserved_microusd += action.take.price_microusd  # intents of one moment see each other
        try:
            await run.write(self._intent(before_microusd))
        except BaseException as error:
            self._give_back()
            raise self._reason_of(error) from None
        self.is_recorded = True
        run.intents.add(self.id)
        run.posts_out += 1
        await self._secure_intent()
        run.tell(self.id, ref=action.take.ref)

    def _intent(self, run_reserved_microusd: int) -> Callable[[Journal], None]:
        action, at = self._action, self._run.clock.stamp()
        return lambda journal: journal.write_intent(
            action.take,
            client_request_id=self.id,
            number=action.number,
            origin=self._connection.origin,
            at=at,
            caps=self._run.caps,
            run_reserved_microusd=run_reserved_microusd,
            replaces=action.replaces.client_request_id if action.replaces else None,
        )

    def _reason_of(self, error: BaseException) -> BaseException:
        """Why no intent was written, as what the run knows."""
        match error:
            case BudgetRefused():
                return self._refused(str(error))
            case StorageFull() | JournalDamaged():
                return self._stopped_by(error)
            case _:
                return error

    async def _secure_intent(self) -> None:
        """The intent is in the lock too, or nothing is sent."""
        try:
            await self._run.locks.secure(self.id)
            await asyncio.sleep(0)  # a cancellation that the journal held back arrives here
            self._refuse_if_stopped()
        except (StorageFull, JournalDamaged, LockDamaged) as error:
            await self._take_back(error.message)
            raise self._stopped_by(error) from None
        except BaseException:
            await self._take_back("the run ended before it was sent")
            raise

    async def _take_back(self, reason: str) -> None:
        """No byte has left: the intent is planned again."""
        at = self._run.clock.stamp()
        try:
            with contextlib.suppress(SongmakeError):  # then it is in doubt, and looked up for free
                await self._run.write(
                    lambda journal: journal.record_planned(self.id, at=at, reason=reason)
                )
        finally:
            self._run.posts_out -= 1
            self._run.intents.discard(self.id)
            self.is_recorded = False
            self._give_back()

    def _stopped_by(self, error: SongmakeError) -> BuyingStopped:
        run = self._run
        run.stop_buying(error.message)
        run.warn(error.message, hint=error.hint, code=error.exit_code)
        return BuyingStopped(error.message)

    async def _record(self, answer: SubmitAnswer) -> Next:
        if not self.is_recorded:
            return Next.AGAIN
        try:
            return await self._record_answer(answer)
        except (StorageFull, JournalDamaged) as error:
            self._tell_unrecorded(answer, error)
            return Next.DONE

    async def _record_answer(self, answer: SubmitAnswer) -> Next:
        """What the answer means for the others holds at once; they do not wait for the disk."""
        run = self._run
        if not isinstance(answer, (Unknown, Unsent)):
            run.was_reached = True
        match answer:
            case Accepted():
                await self._record_accepted(answer)
                return Next.DONE
            case Throttled(reason=reason, wait_s=asked_s):
                wait_s = run.submit_pause.extend(asked_s)
                await self._record_planned(reason)
                run.wait_noted(f"the provider asks for patience ({reason})", wait_s)
                return Next.AGAIN
            case AccountRefused(reason=reason):
                run.stop_buying(f"the account was refused: {reason}")
                await self._record_planned(reason)
                run.warn(
                    f"the account was refused: {reason}",
                    hint="check AIMLAPI_KEY and the account's balance, then: songmake render",
                    code=ExitCode.FAILED,
                )
                return Next.DONE
            case Rejected(reason=reason):
                await self._record_state(State.REJECTED, reason)
                self._give_back()
                return Next.DONE
            case Unknown(reason=reason) | Unsent(reason=reason):
                await self._record_state(State.IN_DOUBT, reason)
                return Next.DONE
            case _:
                assert_never(answer)

    async def _record_accepted(self, answer: Accepted) -> None:
        run = self._run
        run.submit_pause.clear()
        if not await book(run, run.attempt(self.id), answer.generation_id, answer.cost):
            reason = "the answer names a generation that another take already has"
            await self._record_state(State.IN_DOUBT, reason)

    async def _record_state(self, state: State, reason: str) -> None:
        at = self._run.clock.stamp()
        await self._run.write(
            lambda journal: journal.record_state(self.id, state, at=at, reason=reason)
        )

    async def _record_planned(self, reason: str) -> None:
        at = self._run.clock.stamp()
        await self._run.write(lambda journal: journal.record_planned(self.id, at=at, reason=reason))
        self._give_back()
        self._run.tell(self.id, ref=self._action.take.ref)

    def _give_back(self) -> None:
        self._run.reserved_microusd -= self._action.take.price_microusd

    def _tell_unrecorded(self, answer: SubmitAnswer, error: StorageFull | JournalDamaged) -> None:
        run, ref = self._run, self._action.take.ref
        run.causes.add(ExitCode.IN_DOUBT)
        run.stop_buying(error.message)
        run.warn(error.message, hint=error.hint, code=error.exit_code)
        if isinstance(answer, Accepted):
            run.unrecorded.append(Unrecorded(self.id, ref, answer))
            run.warn(
                f"{ref} was taken as generation {answer.generation_id}: not recorded",
                hint="make room, then: "
                f"songmake settle '{ref}' --generation {answer.generation_id}",
                ref=ref,
            )
