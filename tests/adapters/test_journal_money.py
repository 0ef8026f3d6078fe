"""What a reconciliation writes into the journal, and what the journal refuses of it."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.adapters.journal.sqlite import Journal
from pipeline.core.money import Balance, Booking
from pipeline.core.purchase.attempt import State
from pipeline.errors import JournalDamaged
from tests.adapters.journals import AT, LATER, intend, open_at, store, submit, takes

LEDGER = Booking(amount_microusd=250_000, source="ledger")
(TAKE, OTHER) = takes(2)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with contextlib.closing(open_at(tmp_path)) as opened:
        yield opened


def notes(folder: Path) -> list[tuple[str, str, str | None]]:
    with contextlib.closing(sqlite3.connect(folder / "journal.sqlite3")) as db:
        query = "SELECT state_before, state_after, note FROM transitions ORDER BY seq"
        return db.execute(query).fetchall()


def find(journal: Journal, crid: str, generation_id: str = "g1") -> None:
    journal.record_found(
        crid, generation_id=generation_id, booking=LEDGER, credits_used=7, at=LATER
    )


@pytest.mark.parametrize("state", [State.IN_DOUBT, State.PLANNED, State.REJECTED])
def test_what_the_provider_s_books_know_becomes_submitted(journal: Journal, state: State):
    crid = intend(journal, TAKE)
    if state is State.PLANNED:
        journal.record_planned(crid, at=AT, reason="429")
    else:
        journal.record_state(crid, state, at=AT, reason="r")
    find(journal, crid)
    found = journal.attempt(crid)
    assert (found.state, found.generation_id, found.error) == (State.SUBMITTED, "g1", None)
    assert (found.cost_microusd, found.cost_source, found.credits) == (250_000, "ledger", 7)
    assert found.balance == Balance(held=250_000)


def test_nothing_is_found_beside_a_live_attempt_or_under_a_used_generation(journal: Journal):
    first = intend(journal, TAKE)
    journal.record_state(first, State.REJECTED, at=AT, reason="r")
    intend(journal, TAKE, nonce="n1", number=2)
    with pytest.raises(JournalDamaged):
        find(journal, first)
    other = intend(journal, OTHER)
    journal.record_state(other, State.IN_DOUBT, at=AT, reason="r")
    find(journal, other, "g7")
    last = submit(journal, takes(3)[2], "g8")
    with pytest.raises(JournalDamaged):
        find(journal, last, "g7")


def test_another_cost_is_booked_and_written_down_and_the_state_stays(
    journal: Journal, tmp_path: Path
):
    crid = store(journal, TAKE, "g1")
    journal.record_cost(crid, booking=LEDGER, credits_used=500_000, at=LATER)
    found = journal.attempt(crid)
    assert (found.state, found.cost_source) == (State.STORED, "ledger")
    assert found.balance == Balance(charged=250_000)
    assert journal.committed_microusd("album") == 250_000
    assert notes(tmp_path)[-1] == (
        "stored", "stored", "booked 250000 micro-dollars, not 195000",
    )  # fmt: skip


@pytest.mark.parametrize("state", [State.FAILED, State.REJECTED, State.IN_DOUBT])
def test_what_costs_nothing_or_may_have_cost_something_has_no_cost_to_correct(
    journal: Journal, state: State
):
    crid = intend(journal, TAKE)
    journal.record_state(crid, state, at=AT, reason="r")
    with pytest.raises(JournalDamaged):
        journal.record_cost(crid, booking=LEDGER, credits_used=1, at=LATER)
    assert journal.attempt(crid).booked_microusd is None
