from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from pipeline.core.ledger.judging import judge
from pipeline.core.ledger.reconciliation import (
    DRIFT,
    Charge,
    Correct,
    Evidence,
    Find,
    Kind,
    Others,
    Release,
    Sum,
    others_of,
)
from pipeline.core.money import Booking, Cost
from pipeline.core.purchase.answers import Failed, Finished, LogRow, NotFound, Running, Unreachable
from pipeline.core.purchase.attempt import Attempt, State
from tests.builders import an_album as album
from tests.builders import takes_of
from tests.core.attempts import attempt_at

(TAKE,) = takes_of(album())
BEGUN = datetime(2026, 8, 1, 9, 30, tzinfo=UTC)
SOON, LATE = BEGUN + timedelta(hours=1), BEGUN + timedelta(hours=30)
LONG_AGO = BEGUN - timedelta(days=30)
NOBODY = Others(users={}, living={})
PAID = Sum(charged_microusd=195_000, credits=390_000, charges=1)
DEARER = Sum(charged_microusd=250_000, credits=500_000, charges=1)
RETURNED = Sum(charged_microusd=195_000, returned_microusd=195_000, charges=1)


def an(state: State, **fields) -> Attempt:
    unaccepted = (State.PLANNED, State.INTENT, State.REJECTED, State.IN_DOUBT)
    generation = None if state in unaccepted else "g1"
    booked = {"generation_id": generation, "booked_microusd": 195_000, "cost_source": "answer"}
    return attempt_at(TAKE, state, **{**booked, **fields})


def evidence(total: Sum | None = None, *, row=None, poll=None, since=LONG_AGO, **fields):
    crid = an(State.PLANNED).client_request_id
    return Evidence(
        ledger_since=since,
        sums={} if total is None else {"g1": total},
        requests={} if row is None else {crid: row},
        polls={} if poll is None else {crid: poll},
        **fields,
    )


def a_row(*, failed: bool = False, usd=None, generation: str | None = "g1") -> LogRow:
    return LogRow(
        client_request_id=an(State.PLANNED).client_request_id,
        generation_id=generation,
        has_failed=failed,
        cost=Cost(usd=usd),
    )


def verdict(attempt, found, now=SOON, others=NOBODY):
    finding = judge(attempt, found, others, now)
    return finding.kind, finding.move


CHARGED = (State.READY, State.STORED, State.PUBLISHED, State.LOST)


@pytest.mark.parametrize("state", CHARGED)
def test_what_was_charged_is_compared_whatever_became_of_its_audio(state: State):
    attempt = an(state)
    assert verdict(attempt, evidence(PAID)) == (Kind.AGREES, None)
    booking = Booking(amount_microusd=250_000, source="ledger")
    correct = Correct(booking=booking, credits=500_000)
    assert verdict(attempt, evidence(DEARER)) == (Kind.CHARGED_MORE, correct)
    assert verdict(attempt, evidence(RETURNED))[0] is Kind.REFUNDED
    assert verdict(attempt, evidence(Sum(charged_microusd=1)))[0] is Kind.CHARGED_LESS


@pytest.mark.parametrize("state", CHARGED)
def test_absence_from_the_ledger_never_moves_anything(state: State):
    assert verdict(an(state), evidence(), SOON) == (Kind.PENDING, None)
    assert verdict(an(state), evidence(), LATE) == (Kind.UNCHARGED, None)
    assert verdict(an(state), evidence(since=None), LATE) == (Kind.NOT_COMPARED, None)


def test_a_micro_dollar_of_rounding_is_no_difference():
    for micro in (194_999, 195_001):
        assert verdict(an(State.READY), evidence(Sum(charged_microusd=micro)))[0] is Kind.AGREES


def test_a_replaced_recording_is_compared_like_any_other():
    attempt = an(State.PUBLISHED, superseded_at="2026-08-02T09:30:00.000Z")
    assert verdict(attempt, evidence(DEARER))[0] is Kind.CHARGED_MORE


def test_what_the_ledger_names_in_a_way_that_makes_no_sense_is_not_compared():
    found = evidence(DEARER, unclear=frozenset({"g1"}))
    assert verdict(an(State.READY), found) == (Kind.NOT_COMPARED, None)


def test_only_what_is_as_young_as_the_ledger_was_read_is_compared():
    assert verdict(an(State.READY), evidence(DEARER, since=BEGUN))[0] is Kind.NOT_COMPARED
    since = BEGUN - timedelta(hours=26)
    assert verdict(an(State.READY), evidence(DEARER, since=since))[0] is Kind.CHARGED_MORE


@pytest.mark.parametrize(
    ("total", "row", "poll", "kind", "move"),
    [
        (PAID, None, Finished(link="x"), Kind.SETTLED, Charge),
        (None, None, Finished(link="x"), Kind.PENDING, None),
        (RETURNED, None, Finished(link="x"), Kind.PENDING, None),
        (None, None, Failed(reason="r"), Kind.RELEASED, Release),
        (RETURNED, None, Failed(reason="r"), Kind.RELEASED, Release),
        (PAID, None, Failed(reason="r"), Kind.CHARGED_ANYWAY, None),
        (None, a_row(failed=True), None, Kind.RELEASED, Release),
        (None, a_row(failed=True), NotFound(reason="r"), Kind.RELEASED, Release),
        (None, a_row(failed=True), Unreachable(reason="r"), Kind.RELEASED, Release),
        (None, a_row(failed=True), Running(status="queued"), Kind.PENDING, None),
        (PAID, a_row(failed=True), Finished(link="x"), Kind.SETTLED, Charge),
        (None, a_row(failed=True, usd=1), None, Kind.PENDING, None),
        (PAID, None, Running(status="queued"), Kind.AGREES, None),
        (DEARER, None, Running(status="queued"), Kind.CHARGED_MORE, Correct),
        (None, None, None, Kind.PENDING, None),
    ],
)
def test_a_hold_moves_only_on_proof(total, row, poll, kind, move):
    found, moved = verdict(an(State.SUBMITTED), evidence(total, row=row, poll=poll))
    assert (found, None if moved is None else type(moved)) == (kind, move)


@pytest.mark.parametrize("total", [None, PAID, RETURNED])
def test_a_hold_that_is_a_day_old_is_never_settled(total):
    assert verdict(an(State.SUBMITTED), evidence(total), LATE) == (Kind.UNSETTLED, None)


@pytest.mark.parametrize("poll", [Failed(reason="r"), Finished(link="x"), None])
def test_without_a_ledger_no_hold_moves(poll):
    found = evidence(PAID, row=a_row(failed=True), poll=poll, since=None)
    assert verdict(an(State.SUBMITTED), found) == (Kind.NOT_COMPARED, None)


@pytest.mark.parametrize("state", [State.FAILED])
def test_a_failed_song_agrees_unless_the_ledger_has_a_charge(state: State):
    for total in (None, RETURNED):
        assert verdict(an(state), evidence(total)) == (Kind.AGREES, None)
    assert verdict(an(state), evidence(PAID)) == (Kind.CHARGED_ANYWAY, None)


UNACCEPTED = (State.INTENT, State.IN_DOUBT, State.PLANNED, State.REJECTED)


@pytest.mark.parametrize("state", UNACCEPTED)
def test_what_the_log_has_as_accepted_is_found_at_the_ledgers_price(state: State):
    for total, usd, amount, source in (
        (DEARER, None, 250_000, "ledger"),
        (None, 0.3, 300_000, "answer"),
        (None, 0, 195_000, "estimated"),
        (RETURNED, None, 195_000, "estimated"),
    ):
        cost = None if usd is None else Decimal(str(usd))
        kind, move = verdict(an(state), evidence(total, row=a_row(usd=cost)))
        assert kind is Kind.FOUND
        assert isinstance(move, Find)
        assert move.generation_id == "g1"
        assert move.booking == Booking(amount_microusd=amount, source=source)


@pytest.mark.parametrize("state", UNACCEPTED)
@pytest.mark.parametrize("row", [None, a_row(failed=True), a_row(generation=None)])
def test_absence_and_failure_in_the_log_plan_and_buy_nothing(state: State, row):
    kind, move = verdict(an(state), evidence(row=row), LATE)
    is_doubt = state in (State.INTENT, State.IN_DOUBT)
    if is_doubt and row is not None and row.has_failed:
        assert (kind, type(move)) == (Kind.RELEASED, Release)
    else:
        assert (kind, move) == (Kind.IN_DOUBT if is_doubt else Kind.AGREES, None)


@pytest.mark.parametrize("state", UNACCEPTED)
@pytest.mark.parametrize("taken", ["generation", "digest", "superseded"])
def test_nothing_is_found_that_would_stand_beside_another_attempt(state: State, taken: str):
    attempt = an(state, superseded_at="2026-08-02T09:30:00.000Z" if taken == "superseded" else None)
    others = Others(
        users={"g1": "another"} if taken == "generation" else {},
        living={TAKE.digest: "another"} if taken == "digest" else {},
    )
    kind, move = verdict(attempt, evidence(PAID, row=a_row()), others=others)
    assert (kind, move) == (Kind.CHARGED_ANYWAY, None)
    assert kind in DRIFT


def test_a_generation_and_a_digest_belong_to_one_attempt_each():
    live, failed = an(State.READY), an(State.FAILED, number=2, generation_id="g2")
    others = others_of((live, failed))
    assert others.may_find(live, "g1")
    assert not others.may_find(live, "g2")
    assert not others.may_find(failed, "g2")
    assert others_of((failed,)).may_find(failed, "g2")


def test_times_that_make_no_sense_are_old_and_never_an_error():
    attempt = an(State.READY, intent_at="once", submitted_at="upon", completed_at="a time")
    assert verdict(attempt, evidence(), SOON) == (Kind.UNCHARGED, None)
