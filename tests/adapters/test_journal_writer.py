"""Many tasks that write to one journal at once."""

import asyncio
import contextlib
import resource
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.adapters.journal.sqlite import BudgetRefused, Journal
from pipeline.adapters.journal.writer import JournalWriter
from pipeline.core.money import Booking
from pipeline.core.purchase.attempt import State
from pipeline.core.purchase.budget import Caps
from pipeline.core.wanted.takes import WantedTake
from pipeline.errors import JournalDamaged, StorageFull
from tests.adapters.journals import AT, Gate, intend, open_at, takes

PRICE = takes(1)[0].price_microusd


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with contextlib.closing(open_at(tmp_path)) as opened:
        yield opened


async def together(
    writer: JournalWriter, *writes: Callable[[Journal], object]
) -> list[object | BaseException]:
    """What becomes of writes that are committed as one group."""
    gate = Gate()
    held = asyncio.create_task(writer.write(gate.hold))
    await asyncio.to_thread(gate.begun.wait, 10)
    tasks = [asyncio.create_task(writer.write(write)) for write in writes]
    await asyncio.sleep(0)
    gate.may_end.set()
    await held
    return await asyncio.gather(*tasks, return_exceptions=True)


def states(journal: Journal) -> list[State]:
    return [attempt.state for attempt in journal.attempts()]


def test_two_hundred_intents_at_once_find_room_for_exactly_as_many_as_the_album_may_cost(
    journal: Journal,
):
    caps = Caps(album_microusd={"album": 17 * PRICE}, run_microusd=None)

    async def buy() -> list[object]:
        async with JournalWriter(journal) as writer:
            return await together(
                writer,
                *(lambda own, take=take: intend(own, take, caps=caps) for take in takes(200)),
            )

    found = asyncio.run(buy())
    assert sum(isinstance(one, BudgetRefused) for one in found) == 183
    assert sum(isinstance(one, str) for one in found) == 17
    assert journal.committed_microusd("album") == 17 * PRICE
    assert len(journal.attempts()) == 17


def test_a_write_that_is_refused_is_undone_alone(journal: Journal):
    one, other, last = takes(3)

    def half(own: Journal) -> None:
        crid = intend(own, last)
        own.record_planned(crid, at=AT, reason="429")
        raise ZeroDivisionError

    async def write() -> list[object]:
        async with JournalWriter(journal) as writer:
            return await together(
                writer,
                lambda own: intend(own, one),
                half,
                lambda own: intend(own, one, nonce="n1"),
                lambda own: intend(own, other),
            )

    first, bug, twice, second = asyncio.run(write())
    assert isinstance(bug, ZeroDivisionError)
    assert isinstance(twice, JournalDamaged)
    assert [found.client_request_id for found in journal.attempts()] == [first, second]
    assert journal.known_ids() == {first, second}


def test_a_write_that_gets_over_a_failure_of_its_own_keeps_what_did_not_fail(journal: Journal):
    one, other, last = takes(3)
    told: list[frozenset[str]] = []
    journal.watch(told.append)

    def get_over(own: Journal) -> str:
        with contextlib.suppress(ZeroDivisionError), own.as_one():
            intend(own, one)
            raise ZeroDivisionError
        return intend(own, other)

    async def write() -> list[object]:
        async with JournalWriter(journal) as writer:
            return await together(writer, get_over, lambda own: intend(own, last))

    found = asyncio.run(write())
    assert [attempt.client_request_id for attempt in journal.attempts()] == found
    assert told == [frozenset(found)]


def test_money_that_is_given_back_or_costs_more_counts_for_the_next_intent_of_its_group(
    journal: Journal,
):
    first, second, third, fourth = takes(4)
    dear = Booking(amount_microusd=PRICE + 1, source="answer")

    def buying(take: WantedTake, *, room_for: int) -> Callable[[Journal], str]:
        caps = Caps(album_microusd={"album": room_for * PRICE}, run_microusd=None)
        return lambda own: intend(own, take, caps=caps)

    def give_back(own: Journal) -> None:
        own.record_planned(own.attempts()[0].client_request_id, at=AT, reason="429")

    def cost_more(own: Journal) -> None:
        crid = own.attempts()[1].client_request_id
        own.record_submitted(crid, generation_id="g", booking=dear, credits_used=None, at=AT)

    async def buy() -> list[object]:
        async with JournalWriter(journal) as writer:
            return await together(
                writer,
                buying(first, room_for=2),
                buying(second, room_for=2),
                buying(third, room_for=2),
                give_back,
                buying(third, room_for=2),
                cost_more,
                buying(fourth, room_for=3),
            )

    _, _, no_room, _, room_again, _, too_dear = asyncio.run(buy())
    assert isinstance(no_room, BudgetRefused)
    assert isinstance(room_again, str)
    assert isinstance(too_dear, BudgetRefused)
    assert journal.committed_microusd("album") == 2 * PRICE + 1


def test_a_disk_that_refuses_the_commit_has_recorded_nothing_of_it(journal: Journal):
    one, other, last = takes(3)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(own: Journal) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 12, limits[1]))

    async def write() -> tuple[list[object], str]:
        async with JournalWriter(journal) as writer:
            try:
                found = await together(
                    writer, lambda own: intend(own, one), fill, lambda own: intend(own, other)
                )
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            assert journal.attempts() == ()
            return found, await writer.write(lambda own: intend(own, last))

    found, crid = asyncio.run(write())
    assert [type(one) for one in found] == [StorageFull] * 3
    assert [attempt.client_request_id for attempt in journal.attempts()] == [crid]


def test_a_task_goes_on_once_others_can_read_what_it_wrote_and_the_watcher_was_told(
    journal: Journal, tmp_path: Path
):
    told: list[tuple[frozenset[str], str]] = []
    journal.watch(lambda ids: told.append((ids, threading.current_thread().name)))

    async def write() -> str:
        async with JournalWriter(journal) as writer:
            crid = await writer.write(lambda own: intend(own, takes(1)[0]))
            with contextlib.closing(sqlite3.connect(tmp_path / "journal.sqlite3")) as db:
                assert db.execute("SELECT client_request_id FROM attempts").fetchall() == [(crid,)]
            assert told == [({crid}, threading.main_thread().name)]
            return crid

    crid = asyncio.run(write())
    assert journal.attempt(crid).state is State.INTENT


def test_others_go_on_while_the_disk_is_slow(journal: Journal):
    async def write() -> bool:
        gate = Gate()
        async with JournalWriter(journal) as writer:
            held = asyncio.create_task(writer.write(gate.hold))
            await asyncio.to_thread(gate.begun.wait, 10)
            for _ in range(100):
                await asyncio.sleep(0)
            is_waiting = not held.done()
            gate.may_end.set()
            await held
        return is_waiting

    assert asyncio.run(write())


def test_a_cancellation_waits_until_the_write_is_decided(journal: Journal):
    done: list[str] = []

    async def carry(writer: JournalWriter, gate: Gate) -> None:
        await writer.write(gate.hold)
        done.append("written")
        await asyncio.sleep(60)
        done.append("too far")

    async def write() -> None:
        async with JournalWriter(journal) as writer:
            gate = Gate()
            task = asyncio.create_task(carry(writer, gate))
            await asyncio.to_thread(gate.begun.wait, 10)
            task.cancel()
            await asyncio.sleep(0)
            assert not task.done()
            gate.may_end.set()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(write())
    assert done == ["written"]


def test_a_deadline_that_passes_meanwhile_is_still_a_deadline(journal: Journal):
    async def write() -> None:
        async with JournalWriter(journal) as writer:
            gate = Gate()
            asyncio.get_running_loop().call_later(0.05, gate.may_end.set)
            async with asyncio.timeout(0.01):
                await writer.write(gate.hold)
                await asyncio.sleep(60)

    with pytest.raises(TimeoutError):
        asyncio.run(write())


def test_a_writer_without_work_starts_no_thread(journal: Journal):
    async def write_nothing() -> int:
        async with JournalWriter(journal):
            return threading.active_count()

    before = threading.active_count()
    assert asyncio.run(write_nothing()) == before


def test_what_was_handed_in_is_written_before_the_end(journal: Journal):
    async def write() -> None:
        async with JournalWriter(journal) as writer:
            tasks = [
                asyncio.create_task(writer.write(lambda own, take=take: intend(own, take)))
                for take in takes(50)
            ]
            await asyncio.sleep(0)
        assert len(journal.attempts()) == 50
        await asyncio.gather(*tasks)
        with pytest.raises(RuntimeError, match="no more"):
            await writer.write(lambda own: None)

    asyncio.run(write())


def test_nobody_waits_for_a_writer_that_is_gone(journal: Journal, monkeypatch: pytest.MonkeyPatch):
    def fall_over(writer: JournalWriter, own: Journal, group: object) -> None:
        raise MemoryError

    async def write() -> list[object]:
        async with JournalWriter(journal) as writer:
            await writer.write(states)
            monkeypatch.setattr(JournalWriter, "_commit", fall_over)
            tasks = [writer.write(lambda own: intend(own, takes(1)[0])) for _ in range(9)]
            found = await asyncio.gather(*tasks, return_exceptions=True)
            with pytest.raises(MemoryError):
                await writer.write(lambda own: None)
            return found

    async def within_a_time() -> list[object]:
        return await asyncio.wait_for(write(), 10)

    found = asyncio.run(within_a_time())
    assert [type(one) for one in found] == [MemoryError] * 9
    assert journal.attempts() == ()
