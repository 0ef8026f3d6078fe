"""Each take's way through a run, and the run as a whole."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import assert_never

from pipeline.core.purchase.attempt import COLLECTABLE, HAS_AUDIO, STUCK, Attempt, State
from pipeline.core.purchase.mends import settle_hint
from pipeline.core.purchase.plan import Action, Buy, Collect, Keep, LookUp, Publish, Share, Stuck
from pipeline.core.purchase.standing import Ledger
from pipeline.core.wanted.album import Provider, TakeRef
from pipeline.errors import ExitCode, SongmakeError, StorageFull
from pipeline.runner.outputs.publishing import Publisher
from pipeline.runner.render.booking import book
from pipeline.runner.render.buying import buy
from pipeline.runner.render.collecting import Flight, fetch, was_kept_back
from pipeline.runner.render.crew import Crew
from pipeline.runner.render.looking_up import LogSearch, Verdict, look_up
from pipeline.runner.render.polling import Poller
from pipeline.runner.render.run import Run
from pipeline.runner.render.slot import Slot
from pipeline.runner.render.tracks import Tracks

Way = Callable[[], Coroutine[None, None, None]]

STOP_PATIENCE_S = 1.5
BEGINNING = 64  # purchases on their way to a POST: many more than POSTs at a time


class Carrier:
    """Carries out a plan, every take at once, within the run's limits.

    Only what is at work is a task. A take that waits its turn to be bought is its action alone,
    one that the provider renders is a :class:`Flight` between two looks.
    """

    def __init__(
        self,
        run: Run,
        publisher: Publisher,
        searches: Mapping[Provider, LogSearch],
        ledger: Ledger,
    ) -> None:
        self._run = run
        self._searches = searches
        self._tracks = Tracks(run, publisher, ledger)
        self._to_buy: deque[Buy] = deque()
        self._beginning: set[TakeRef] = set()
        self._crew = Crew[Flight](lambda flight: self._guarded(partial(self._look, flight)))

    async def carry_all(self, actions: Sequence[Action]) -> None:
        """Returns when every take is as far as it gets, or soon after the run was stopped."""
        if not actions:
            return
        for action in actions:
            self._begin(action)
        done = asyncio.create_task(_set(self._crew.is_done))
        stopped = asyncio.create_task(_set(self._run.stopped))
        await asyncio.wait({done, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not done.done():
            await self._wind_up()
        stopped.cancel()
        await asyncio.gather(done, stopped, return_exceptions=True)
        await self._record_again()

    async def _record_again(self) -> None:
        """Tries once more to record what the disk refused: it may have room again."""
        run = self._run
        run.store.desk.clear_partials()
        for missed in run.unrecorded:
            with contextlib.suppress(SongmakeError):
                attempt = run.attempt(missed.client_request_id)
                await book(run, attempt, missed.answer.generation_id, missed.answer.cost)

    async def _wind_up(self) -> None:
        """Cancels what is free to do again and waits for what costs money."""
        self._to_buy.clear()
        self._crew.cancel()
        for post, sending in self._run.posts.items():
            if not sending.is_recorded:
                post.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_PATIENCE_S):
                await self._crew.is_done.wait()
        if self._run.posts_out:
            count = self._run.posts_out
            self._run.warn(f"waiting for the answers to {count} paid requests; again to leave now")
        if self._run.posts:
            await asyncio.wait(list(self._run.posts))

    async def _guarded(self, way: Way) -> None:
        """``way`` is begun here: a task that is cancelled before it began leaves nothing behind."""
        run = self._run
        try:
            await way()
        except (OSError, SongmakeError) as error:
            known = error if isinstance(error, SongmakeError) else disk_error(error)
            run.stop_buying(known.message)
            run.warn(known.message, hint=known.hint, code=known.exit_code)
        except Exception as error:  # a bug: the others go on, and it is reported at the end
            run.causes.add(ExitCode.FAILED)
            run.stop_buying("an unexpected error")
            run.bugs.append(error)

    def _begin(self, action: Action) -> None:
        match action:
            case Keep() | Share():
                pass  # what is there already needs no more
            case Publish(attempt=attempt):
                self._start(partial(self._tracks.publish, attempt))
            case Collect():
                self._start(partial(self._collect_known, action))
            case LookUp():
                self._start(partial(self._look_up, action))
            case Buy():
                self._to_buy.append(action)
                self._begin_buying()
            case Stuck():
                self._start(partial(self._tell_stuck, action))
            case _:
                assert_never(action)

    def _start(self, way: Way) -> None:
        self._crew.start(self._guarded(way))

    def _begin_buying(self) -> None:
        while self._to_buy and len(self._beginning) < BEGINNING:
            action = self._to_buy.popleft()
            self._beginning.add(action.take.ref)
            self._start(partial(self._buy, action))

    async def _tell_stuck(self, action: Stuck) -> None:
        self._run.causes.add(ExitCode.FAILED)
        crid = action.attempt.client_request_id
        self._run.tell(crid, ref=action.take.ref, is_settled=True)

    async def _buy(self, action: Buy) -> None:
        run, ref = self._run, action.take.ref
        with Slot(run.generations) as slot:
            await slot.take()
            crid, state = await self._submit(action)
            if crid is not None and state is State.SUBMITTED:
                is_waiting = run.settings.is_waiting
                run.tell(crid, is_settled=not is_waiting)
                if is_waiting:
                    await self._collect(crid, ref, slot.pass_on())
                else:
                    run.causes.add(ExitCode.UNFINISHED)
                return
        if crid is None or state is State.PLANNED:
            run.causes.add(ExitCode.UNFINISHED)
            run.tell_unbought(ref)
            return
        if state in STUCK:
            run.fail()
        run.tell(crid, ref=ref, is_settled=True)

    async def _submit(self, action: Buy) -> tuple[str | None, State]:
        """Buys and, if the answer was lost, looks it up; no request id if nothing was sent."""
        try:
            crid = None if self._run.buying_stopped is not None else await buy(self._run, action)
        finally:
            self._beginning.discard(action.take.ref)
            self._begin_buying()
        if crid is None:
            return None, State.PLANNED
        attempt = self._run.attempt(crid)
        if attempt.state is State.IN_DOUBT:
            self._run.tell(crid)
            attempt = await self._resolve(attempt)
        return crid, attempt.state

    async def _resolve(self, attempt: Attempt) -> Attempt:
        verdict = await look_up(self._run, attempt, self._searches[attempt.provider])
        if verdict is Verdict.IN_DOUBT:
            self._run.warn(
                f"{attempt.ref} is in doubt: it may have been billed, and is not bought again",
                hint=settle_hint(attempt.ref),
                ref=attempt.ref,
                code=ExitCode.IN_DOUBT,
            )
        return self._run.attempt(attempt.client_request_id)

    async def _look_up(self, action: LookUp) -> None:
        self._run.tell(action.attempt.client_request_id, ref=_ref_of(action))
        attempt = await self._resolve(action.attempt)
        if attempt.state is State.SUBMITTED:
            self._run.tell(attempt.client_request_id)
            await self._collect_known(
                Collect(take=action.take, attempt=attempt, reason="found in the log")
            )
        elif attempt.state is State.PLANNED and action.take is not None:
            await self._buy(Buy(take=action.take, number=attempt.number, reason="never sent"))
        else:
            self._run.tell(attempt.client_request_id, is_settled=True)

    async def _collect_known(self, action: Collect) -> None:
        """Collects what an earlier run paid for; it counts as in flight where there is room."""
        crid = action.attempt.client_request_id
        if not (action.take is None and action.attempt.state is State.PUBLISHED):
            self._run.tell(crid, ref=_ref_of(action))
        with Slot(self._run.generations) as slot:
            if not self._run.generations.locked():
                await slot.take()
            await self._collect(crid, action.attempt.ref, slot.pass_on(), known=action)

    async def _collect(
        self, client_request_id: str, ref: TakeRef, slot: Slot, *, known: Collect | None = None
    ) -> None:
        """Asks at once for what is ``known`` from an earlier run; nothing else can be ready yet."""
        run = self._run
        with slot:
            if await was_kept_back(run, client_request_id, ref, self._tracks.asked, slot):
                await self._collected(client_request_id, known)
                return
            attempt, is_new = run.attempt(client_request_id), known is None
            poller = Poller(run, attempt, began_s=run.clock.steady_s(), is_new=is_new)
            poller.begin()
            wait_s = poller.first_wait_s if is_new else 0.0
            flight = Flight(ref=ref, known=known, poller=poller, slot=slot.pass_on())
        if is_new:
            self._crew.later(flight, wait_s=wait_s)
        else:
            await self._look(flight)

    async def _look(self, flight: Flight) -> None:
        """Polls once. What is not rendered yet waits for its next look, without a task."""
        with flight.slot as slot:
            result = await flight.poller.look()
            if result is None:
                wait_s = flight.poller.next_wait_s
                flight.slot = slot.pass_on()
                self._crew.later(flight, wait_s=wait_s)
                return
        await fetch(self._run, flight, result, self._tracks.asked)
        await self._collected(flight.client_request_id, flight.known)

    async def _collected(self, client_request_id: str, known: Collect | None) -> None:
        after = self._run.attempt(client_request_id)
        if after.state is State.PUBLISHED:
            return
        if after.state in HAS_AUDIO:
            await self._tracks.publish(after)
            return
        if after.state in COLLECTABLE:
            return
        is_over = after.state is not State.PLANNED  # a sketch that was forgotten is made again
        self._run.tell(client_request_id, is_settled=is_over)
        if not is_over and known is not None and known.take is not None:
            await self._buy(Buy(take=known.take, number=after.number, reason="sketch it again"))


def _ref_of(action: Collect | LookUp) -> TakeRef:
    return action.attempt.ref if action.take is None else action.take.ref


async def _set(event: asyncio.Event) -> None:
    await event.wait()


def disk_error(error: OSError) -> StorageFull:
    """What the operating system refused, as an error for the user."""
    where = f"{error.filename}: " if error.filename else ""
    return StorageFull(
        f"{where}{error.strerror or error}",
        hint="nothing is lost: make room or mend the folder, then: songmake render",
    )
