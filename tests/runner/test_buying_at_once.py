"""Many purchases at one moment: what one of them writes, the others meet."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.aimlapi.cdn import Cdn
from pipeline.adapters.blob_store import open_store
from pipeline.adapters.journal.sqlite import Journal
from pipeline.core.money import Cost
from pipeline.core.purchase.answers import Accepted, SubmitAnswer
from pipeline.core.purchase.attempt import State
from pipeline.core.purchase.budget import Caps
from pipeline.core.purchase.plan import Buy
from pipeline.core.wanted.album import Provider
from pipeline.errors import ExitCode
from pipeline.runner.clock import Clock
from pipeline.runner.locks.keeping import LockKeeper
from pipeline.runner.render.buying import BuyingStopped, buy
from pipeline.runner.render.run import Connection, RenderSettings, Run
from tests.adapters.journals import NO_CAPS, ORIGIN, Gate, open_at, takes

TAKES = takes(200)
PRICE = TAKES[0].price_microusd


class Till:
    """An API that answers a paid request once its intent stands; it counts what has left."""

    run: Run

    def __init__(self, answer: Callable[[str], SubmitAnswer]) -> None:
        self.sent: list[str] = []
        self._answer = answer

    async def submit(
        self,
        body_json: str,
        *,
        client_request_id: str,
        on_sending: Callable[[], Awaitable[None]],
    ) -> SubmitAnswer:
        await on_sending()
        self.sent.append(client_request_id)
        return self._answer(client_request_id)


def accepted(client_request_id: str) -> SubmitAnswer:
    return Accepted(generation_id=f"generation {client_request_id}", cost=Cost())


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with closing(open_at(tmp_path)) as opened:
        yield opened


def run_at(folder: Path, journal: Journal, till: Any, caps: Caps = NO_CAPS) -> Run:
    run = Run(
        journal=journal,
        locks=LockKeeper(journal, folder),
        store=open_store(None, folder),
        cdn=Cdn(),
        settings=RenderSettings(),
        caps=caps,
        clock=Clock(),
        emit=lambda event: None,
    )
    run.connections = {Provider.AIMLAPI: Connection(api=till, origin=ORIGIN, is_own_log=False)}
    run.post_slots = asyncio.Semaphore(len(TAKES))
    return run


async def buy_all(run: Run) -> list[str | None]:
    async with run.writer:
        actions = [Buy(take=take, number=1, reason="new") for take in TAKES]
        return await asyncio.gather(*(buy(run, action) for action in actions))


@pytest.mark.parametrize(
    "caps",
    [
        Caps(album_microusd={"album": 23 * PRICE + PRICE // 2}, run_microusd=None),
        Caps(album_microusd={}, run_microusd=23 * PRICE + PRICE // 2),
    ],
    ids=["the album", "the run"],
)
def test_of_two_hundred_at_once_exactly_those_are_sent_that_the_budget_has_room_for(
    journal: Journal, tmp_path: Path, caps: Caps
):
    till = Till(accepted)
    run = run_at(tmp_path, journal, till, caps)
    bought = asyncio.run(buy_all(run))
    assert sum(crid is not None for crid in bought) == 23
    assert sorted(till.sent) == sorted(attempt.client_request_id for attempt in journal.attempts())
    assert {attempt.state for attempt in journal.attempts()} == {State.SUBMITTED}
    assert (len(till.sent), run.posts_out, run.reserved_microusd) == (23, 0, 23 * PRICE)
    assert run.causes == {ExitCode.BUDGET}


class SlowTill(Till):
    """Its answers come together, while the journal is busy."""

    async def submit(self, body_json: str, **fields: Any) -> SubmitAnswer:
        answer = await super().submit(body_json, **fields)
        if len(self.sent) == 1:
            self.all_sent, self.gate = asyncio.Event(), Gate()
        if len(self.sent) == len(TAKES):
            self.held = asyncio.create_task(self.run.write(self.gate.hold))
            await asyncio.to_thread(self.gate.begun.wait, 10)
            self.all_sent.set()
            asyncio.get_running_loop().call_later(0.1, self.gate.may_end.set)
        await self.all_sent.wait()
        return answer


def test_two_answers_of_one_moment_that_name_one_generation_leave_all_but_one_in_doubt(
    journal: Journal, tmp_path: Path
):
    till = SlowTill(lambda crid: Accepted(generation_id="the same", cost=Cost()))
    till.run = run = run_at(tmp_path, journal, till)
    asyncio.run(buy_all(run))
    states = [attempt.state for attempt in journal.attempts()]
    assert (states.count(State.SUBMITTED), states.count(State.IN_DOUBT)) == (1, 199)
    assert (run.unrecorded, run.buying_stopped) == ([], None)


def test_a_run_that_ends_while_intents_are_on_their_way_sends_none_of_them(
    journal: Journal, tmp_path: Path
):
    till = Till(accepted)
    run = run_at(tmp_path, journal, till)

    async def end_soon() -> None:
        async with run.writer:
            tasks = [
                asyncio.create_task(buy(run, Buy(take=take, number=1, reason="new")))
                for take in TAKES
            ]
            for _ in range(3):  # begun, posted, handed in
                await asyncio.sleep(0)
            assert len(run.posts) == len(TAKES)
            run.stop(ExitCode.INTERRUPTED)
            for task in (*tasks, *run.posts):
                task.cancel()
            await asyncio.wait(tasks)
            await asyncio.wait(list(run.posts))

    asyncio.run(end_soon())
    assert till.sent == []
    assert {attempt.state for attempt in journal.attempts()} == {State.PLANNED}
    assert (run.posts_out, run.reserved_microusd, run.intents) == (0, 0, set())


class LateTill(Till):
    """Its deadline passes while the intent is on its way."""

    async def submit(self, body_json: str, **fields: Any) -> SubmitAnswer:
        try:
            async with asyncio.timeout(0):
                return await super().submit(body_json, **fields)
        except TimeoutError:
            raise BuyingStopped("too late") from None


def test_a_deadline_that_passes_while_the_intent_is_on_its_way_takes_it_back(
    journal: Journal, tmp_path: Path
):
    till = LateTill(accepted)
    run = run_at(tmp_path, journal, till)
    assert set(asyncio.run(buy_all(run))) == {None}
    assert till.sent == []
    assert {attempt.state for attempt in journal.attempts()} == {State.PLANNED}
    assert (run.posts_out, run.reserved_microusd) == (0, 0)
