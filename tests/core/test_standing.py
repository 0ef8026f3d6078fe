import dataclasses

import pytest

from pipeline.core.money import Balance
from pipeline.core.purchase.attempt import HAS_AUDIO, LIVE, State
from pipeline.core.purchase.standing import Ledger
from pipeline.core.wanted.album import Digest, Provider
from tests.builders import an_album, takes_of
from tests.core.attempts import attempt_at

LATER = "2026-08-02T09:30:00.000Z"
(TAKE,) = takes_of(an_album())
(SKETCH,) = takes_of(an_album(provider=Provider.SKETCH))
OLD = attempt_at(TAKE, State.PUBLISHED, superseded_at=LATER)


def replaced_by(state: State):
    return Ledger.of([OLD, attempt_at(TAKE, state, number=2)])


@pytest.mark.parametrize("state", [state for state in State if state not in HAS_AUDIO])
def test_the_old_audio_stays_the_track_until_the_new_one_is_stored(state: State):
    assert replaced_by(state).sounding(TAKE) == OLD


@pytest.mark.parametrize("state", sorted(HAS_AUDIO))
def test_once_the_new_audio_is_stored_it_is_the_track(state: State):
    sounding = replaced_by(state).sounding(TAKE)
    assert sounding is not None
    assert sounding.number == 2


def test_of_two_replaced_attempts_the_later_sounds():
    older = attempt_at(TAKE, State.STORED, superseded_at=LATER)
    old = attempt_at(TAKE, State.STORED, number=2, superseded_at=LATER)
    new = attempt_at(TAKE, State.FAILED, number=3)
    assert Ledger.of([older, old, new]).sounding(TAKE) == old


def test_a_replaced_attempt_without_audio_never_sounds():
    silent = attempt_at(TAKE, State.FAILED, superseded_at=LATER)
    assert Ledger.of([silent, attempt_at(TAKE, State.SUBMITTED, number=2)]).sounding(TAKE) is None


def test_the_new_attempt_speaks_for_the_take_whatever_sounds():
    for state in State:
        current = replaced_by(state).current(TAKE)
        assert current is not None
        assert (current.number, current.state) == (2, state)


def test_a_live_attempt_speaks_before_one_that_is_not():
    live, refused = attempt_at(TAKE, State.SUBMITTED), attempt_at(TAKE, State.FAILED, number=2)
    assert Ledger.of([live, refused]).current(TAKE) == live


def test_a_take_that_nobody_tried_is_planned():
    ledger = Ledger.of([])
    assert ledger.current(TAKE) is None
    assert ledger.sounding(TAKE) is None
    assert ledger.states([TAKE]) == {TAKE.ref: State.PLANNED}


def test_a_take_is_found_under_every_digest_that_it_may_have_been_bought_under():
    earlier = Digest("e" * 64)
    upgraded = dataclasses.replace(TAKE, digests=(TAKE.digest, earlier))
    bought = attempt_at(TAKE, State.PUBLISHED, digest=earlier)
    assert Ledger.of([bought]).current(upgraded) == bought


def test_paid_audio_alone_makes_a_song_bought():
    name = (TAKE.ref.album, TAKE.ref.song)
    assert Ledger.of([attempt_at(TAKE)]).bought_songs == {name}
    assert Ledger.of([OLD]).bought_songs == {name}
    assert Ledger.of([attempt_at(TAKE, State.SUBMITTED)]).bought_songs == frozenset()
    assert Ledger.of([attempt_at(SKETCH)]).bought_songs == frozenset()


def test_one_digest_can_be_looked_at_alone():
    ledger = replaced_by(State.SUBMITTED)
    now = attempt_at(TAKE, State.STORED, number=2)
    narrowed = ledger.narrowed(TAKE.digest, [OLD, now])
    assert narrowed.sounding(TAKE) == now
    assert narrowed.bought_songs == ledger.bought_songs


@pytest.mark.parametrize(
    ("state", "balance"),
    [
        (State.PLANNED, Balance()),
        (State.INTENT, Balance(held=195_000)),
        (State.SUBMITTED, Balance(held=195_000)),
        (State.READY, Balance(charged=195_000)),
        (State.STORED, Balance(charged=195_000)),
        (State.PUBLISHED, Balance(charged=195_000)),
        (State.LOST, Balance(charged=195_000)),
        (State.IN_DOUBT, Balance(in_doubt=195_000)),
        (State.FAILED, Balance(released=195_000)),
        (State.REJECTED, Balance()),
    ],
)
def test_what_became_of_the_money_follows_from_the_state(state: State, balance: Balance):
    assert attempt_at(TAKE, state).balance == balance


def test_a_replaced_attempt_still_cost_what_it_cost():
    assert OLD.balance == Balance(charged=195_000)
    assert OLD.shown_state is State.SUPERSEDED


def test_the_live_states_are_those_of_the_contract_and_none_that_was_replaced():
    live = {"intent", "submitted", "ready", "stored", "published", "in_doubt", "lost"}
    assert {state.value for state in LIVE} == live
    for state in State:
        assert attempt_at(TAKE, state).is_live is (state.value in live)
        assert not attempt_at(TAKE, state, superseded_at=LATER).is_live


def test_booked_money_counts_before_reserved_money():
    attempt = attempt_at(TAKE, State.SUBMITTED, booked_microusd=0)
    assert attempt.balance == Balance()
    assert attempt_at(TAKE, State.SUBMITTED, booked_microusd=7).balance == Balance(held=7)
