import dataclasses

import pytest

from pipeline.core.documents.cost_report import cost_report
from pipeline.core.lock.joining import arrivals
from pipeline.core.lock.known_purchases import attempt_of_row, unknown_purchases
from pipeline.core.money import Balance
from pipeline.core.purchase.attempt import HAS_AUDIO, State
from pipeline.core.wanted.album import Provider
from tests.builders import a_song, an_album, takes_of
from tests.core.attempts import attempt_at

AT = "2026-08-03T09:30:00.000Z"
LATER = "2026-08-02T09:30:00.000Z"
ALBUM = an_album()
(TAKE,) = takes_of(ALBUM)


def report_of(*attempts, album=ALBUM):
    return cost_report(album, takes_of(album), attempts, ())


def imported(attempt, *, has_blob: bool = True, beside=()):
    """An attempt of a report as it enters a journal that holds ``beside``."""
    (row,) = report_of(attempt)["takes"]
    stored = {attempt.audio.checksum} if attempt.audio and has_blob else set()
    told = attempt_of_row(row, album="album", stored=stored, at=AT)
    (back,) = arrivals(beside, (), [told], at=AT).new
    return back


@pytest.mark.parametrize(
    ("state", "is_paid"),
    [
        (State.PLANNED, False),
        (State.INTENT, True),
        (State.SUBMITTED, True),
        (State.READY, True),
        (State.STORED, True),
        (State.PUBLISHED, True),
        (State.IN_DOUBT, True),
        (State.LOST, True),
        (State.FAILED, False),
        (State.REJECTED, False),
    ],
)
def test_what_cost_or_may_have_cost_money_is_a_purchase(state: State, is_paid: bool):
    attempt = attempt_at(TAKE, state)
    found = unknown_purchases(report_of(attempt), known=())
    assert [row["client_request_id"] for row in found] == [attempt.client_request_id] * is_paid


def test_a_purchase_without_a_price_is_a_purchase_all_the_same():
    attempt = attempt_at(TAKE, State.SUBMITTED, booked_microusd=0)
    assert unknown_purchases(report_of(attempt), known=())


def test_a_replaced_recording_is_a_purchase():
    assert unknown_purchases(report_of(attempt_at(TAKE, superseded_at=LATER)), known=())


def test_what_the_journal_knows_is_not_unknown():
    attempt = attempt_at(TAKE)
    assert unknown_purchases(report_of(attempt), known={attempt.client_request_id}) == ()


def test_sketches_never_count():
    album = an_album(provider=Provider.SKETCH)
    assert unknown_purchases(report_of(attempt_at(takes_of(album)[0]), album=album), ()) == ()


def test_what_is_shared_counts_where_it_was_bought():
    album = an_album([a_song("one"), a_song("twin", number=2)])
    found = unknown_purchases(report_of(attempt_at(takes_of(album)[0]), album=album), known=())
    assert [row["song"] for row in found] == ["one"]


# --- back into the journal ---


@pytest.mark.parametrize("state", sorted(HAS_AUDIO))
def test_audio_that_the_store_holds_comes_back_as_stored(state: State):
    attempt = attempt_at(TAKE, state)
    back = imported(attempt)
    assert back.state is State.STORED
    assert back.audio == attempt.audio
    assert (back.digest, back.number, back.ref) == (attempt.digest, attempt.number, attempt.ref)
    assert (back.client_request_id, back.generation_id, back.origin) == (
        attempt.client_request_id,
        attempt.generation_id,
        attempt.origin,
    )
    assert back.balance == attempt.balance


@pytest.mark.parametrize("state", sorted(HAS_AUDIO))
def test_audio_that_is_gone_is_collected_again_and_not_bought(state: State):
    back = imported(attempt_at(TAKE, state), has_blob=False)
    assert back.state is State.READY
    assert back.audio is None
    assert back.is_live


@pytest.mark.parametrize(
    ("state", "after"),
    [
        (State.INTENT, State.IN_DOUBT),
        (State.IN_DOUBT, State.IN_DOUBT),
        (State.SUBMITTED, State.SUBMITTED),
        (State.READY, State.READY),
        (State.LOST, State.LOST),
    ],
)
def test_other_states_come_back_as_what_still_forbids_a_purchase(state: State, after: State):
    back = imported(attempt_at(TAKE, state))
    assert back.state is after
    assert back.is_live


def test_money_comes_back_to_the_micro_dollar():
    attempt = attempt_at(
        TAKE, State.READY, booked_microusd=123_457, cost_source="answer", credits=9
    )
    back = imported(attempt)
    assert back.balance == Balance(charged=123_457)
    assert (back.reserved_microusd, back.cost_source, back.credits) == (195_000, "answer", 9)


def test_a_replaced_purchase_comes_back_as_history():
    back = imported(attempt_at(TAKE, superseded_at=LATER))
    assert back.superseded_at == AT
    assert not back.is_live
    assert back.balance == Balance(charged=195_000)


def test_a_second_purchase_of_what_the_journal_has_is_kept_for_its_money_alone():
    other = attempt_at(
        TAKE, client_request_id="sm1.other", generation_id="other", intent_at="2026-07-01"
    )
    back = imported(attempt_at(TAKE), beside=[other])
    assert not back.is_live
    assert back.balance == Balance(charged=195_000)


def test_a_purchase_without_a_generation_and_without_audio_is_lost_and_not_free():
    attempt = dataclasses.replace(attempt_at(TAKE), generation_id=None)
    back = imported(attempt, has_blob=False)
    assert back.state is State.LOST
    assert back.is_live
