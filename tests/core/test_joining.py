import dataclasses

import pytest

from pipeline.core.lock.joining import Arrivals, arrivals, is_purchase
from pipeline.core.money import Balance
from pipeline.core.purchase.attempt import LIVE, State
from pipeline.core.wanted.album import Provider
from tests.builders import a_request, a_song, an_album, takes_of
from tests.core.attempts import attempt_at

AT = "2026-08-05T09:30:00.000Z"
EARLY = "2026-07-01T09:30:00.000Z"
LATER = "2026-08-02T09:30:00.000Z"
ONE, TWO = takes_of(
    an_album([a_song("one"), a_song("two", number=2, request=a_request(prompt="another waltz"))])
)


def join(known, told, *, known_ids=()) -> Arrivals:
    return arrivals(known, known_ids, told, at=AT)


def test_an_unknown_attempt_arrives_as_it_is():
    told = attempt_at(ONE, State.STORED)
    assert join([], [told]) == Arrivals(new=(told,))


def test_a_known_attempt_is_no_news():
    attempt = attempt_at(ONE)
    assert join([attempt], [attempt]) == Arrivals()


def test_an_intent_arrives_in_doubt_for_its_request_may_have_left():
    (arrived,) = join([], [attempt_at(ONE, State.INTENT)]).new
    assert arrived.state is State.IN_DOUBT
    assert arrived.error
    assert arrived.balance == Balance(in_doubt=195_000)


def test_the_oldest_arrives_first():
    told = [attempt_at(ONE), attempt_at(TWO, intent_at=EARLY)]
    assert [found.ref for found in join([], told).new] == [TWO.ref, ONE.ref]


def test_what_was_sent_again_under_another_id_does_not_come_back():
    told = attempt_at(ONE, State.PLANNED)
    assert join([], [told], known_ids={told.client_request_id}) == Arrivals()


def test_two_live_purchases_of_one_request_are_one_and_a_memory():
    ours = attempt_at(ONE, client_request_id="sm1.ours", generation_id="ours", intent_at=EARLY)
    (arrived,) = join([ours], [attempt_at(ONE)]).new
    assert arrived.superseded_at == AT
    assert not arrived.is_live
    assert arrived.balance == Balance(charged=195_000)


@pytest.mark.parametrize("state", [State.STORED, State.SUBMITTED, State.IN_DOUBT])
def test_both_machines_choose_the_same_one_of_two_purchases(state: State):
    ours = attempt_at(ONE, state, client_request_id="sm1.ours", generation_id="ours")
    theirs = attempt_at(ONE, State.STORED, client_request_id="sm1.theirs", intent_at=LATER)
    here = join([ours], [theirs]).over([ours])
    there = join([theirs], [ours]).over([theirs])
    live = [[one.client_request_id for one in side if one.is_live] for side in (here, there)]
    assert live == ([["sm1.theirs"]] * 2 if state is State.IN_DOUBT else [["sm1.ours"]] * 2)
    assert join(here, there) == Arrivals()
    assert join(there, here) == Arrivals()


def test_a_memory_elsewhere_does_not_take_a_purchase_from_its_owner():
    """Without a successor nothing would stand, and the request would be bought again."""
    ours = attempt_at(ONE, State.STORED)
    told = dataclasses.replace(ours, superseded_at=LATER)
    doubt = attempt_at(ONE, State.IN_DOUBT, client_request_id="sm1.settled", generation_id=None)
    assert join([ours], [told, doubt], known_ids={"sm1.settled"}) == Arrivals()


def test_a_refusal_is_forgotten_where_something_stands_already():
    ours = attempt_at(ONE, client_request_id="sm1.ours", generation_id="ours")
    refused = attempt_at(ONE, State.PLANNED, generation_id=None)
    assert join([ours], [refused]) == Arrivals()
    assert join([], [refused]).new == (refused,)


def test_one_generation_cannot_be_two_purchases():
    ours = attempt_at(ONE, generation_id="g1", client_request_id="sm1.ours")
    theirs = attempt_at(TWO, generation_id="g1")
    found = join([ours], [theirs])
    assert (found.new, found.clashes) == ((), ((ours, theirs),))


def test_two_records_of_one_attempt_are_one_arrival_as_far_as_it_has_come():
    early, late = attempt_at(ONE, State.SUBMITTED), attempt_at(ONE, State.STORED)
    for told in ([early, late], [late, early]):
        assert [found.state for found in join([], told).new] == [State.STORED]


# --- what the journal knows, and another has brought further ---


@pytest.mark.parametrize(
    ("here", "there", "after"),
    [
        (State.INTENT, State.SUBMITTED, State.SUBMITTED),
        (State.IN_DOUBT, State.STORED, State.STORED),
        (State.SUBMITTED, State.READY, State.READY),
        (State.SUBMITTED, State.STORED, State.STORED),
        (State.STORED, State.SUBMITTED, None),
        (State.PUBLISHED, State.STORED, None),
        (State.SUBMITTED, State.IN_DOUBT, None),
        (State.IN_DOUBT, State.PLANNED, None),
        (State.IN_DOUBT, State.FAILED, None),
        (State.SUBMITTED, State.LOST, None),
        (State.LOST, State.STORED, None),
        (State.PLANNED, State.SUBMITTED, None),
    ],
)
def test_only_what_is_sure_is_taken_over(here: State, there: State, after: State | None):
    ours, theirs = attempt_at(ONE, here, title="Ours"), attempt_at(ONE, there)
    if here in (State.INTENT, State.IN_DOUBT, State.PLANNED):
        ours = dataclasses.replace(ours, generation_id=None)
    changed = join([ours], [theirs]).changed
    assert [found.state for found in changed] == ([after] if after else [])
    if changed:
        assert (changed[0].title, changed[0].generation_id) == ("Ours", theirs.generation_id)


def test_another_generation_is_another_story():
    ours = attempt_at(ONE, State.SUBMITTED, generation_id="ours")
    assert join([ours], [attempt_at(ONE, State.STORED)]) == Arrivals()


def test_a_replacement_elsewhere_makes_room_for_the_new_attempt():
    old, new = attempt_at(ONE), attempt_at(ONE, State.STORED, number=2)
    replaced = dataclasses.replace(old, state=State.STORED, superseded_at=LATER)
    found = join([old], [replaced, new])
    assert [one.superseded_at for one in found.changed] == [LATER]
    assert found.new == (new,)
    after = found.over([old])
    assert [one.is_live for one in after] == [False, True]


@pytest.mark.parametrize("state", sorted(set(State) - {State.SUPERSEDED}))
def test_what_may_have_cost_money_is_a_purchase(state: State):
    assert is_purchase(attempt_at(ONE, state)) is (state in LIVE)
    assert not is_purchase(attempt_at(ONE, state, provider=Provider.SKETCH))
