import dataclasses

import pytest

from pipeline.core.purchase.attempt import Attempt, State
from pipeline.core.purchase.plan import (
    Action,
    Buy,
    Collect,
    Keep,
    LookUp,
    Publish,
    Share,
    Stuck,
    Surroundings,
    plan,
    stragglers,
)
from pipeline.core.purchase.standing import Ledger
from pipeline.core.wanted.album import Provider, TakeRef
from pipeline.core.wanted.identities import changed_fields
from tests.builders import a_request, a_song, an_album, takes_of
from tests.core.attempts import attempt_at

LATER = "2026-08-02T09:30:00.000Z"
(TAKE,) = takes_of(an_album())
(SKETCH,) = takes_of(an_album(provider=Provider.SKETCH))


def planned(
    takes,
    attempts=(),
    *,
    stored: tuple[Attempt, ...] = (),
    published: tuple[TakeRef, ...] = (),
    replace: tuple[TakeRef, ...] = (),
) -> tuple[Action, ...]:
    surroundings = Surroundings(
        stored=frozenset(found.audio.checksum for found in stored if found.audio),
        published=frozenset(published),
    )
    return plan(takes, Ledger.of(attempts), surroundings, replace=frozenset(replace))


def action_for(state: State, **surroundings) -> Action:
    (action,) = planned([TAKE], [attempt_at(TAKE, state)], **surroundings)
    return action


def test_a_take_that_nobody_tried_is_bought_as_the_first_attempt():
    assert planned([TAKE]) == (Buy(take=TAKE, number=1, reason="new"),)


@pytest.mark.parametrize(
    ("state", "kind", "reason"),
    [
        (State.PLANNED, Buy, "not bought yet"),
        (State.INTENT, LookUp, "its answer was lost: look it up"),
        (State.IN_DOUBT, LookUp, "its answer was lost: look it up"),
        (State.SUBMITTED, Collect, "submitted: collect, free"),
        (State.READY, Collect, "ready: collect, free"),
        (State.STORED, Collect, "not in the store: fetch again, free"),
        (State.PUBLISHED, Collect, "not in the store: fetch again, free"),
        (State.FAILED, Stuck, "failed"),
        (State.REJECTED, Stuck, "rejected"),
        (State.LOST, Stuck, "lost"),
    ],
)
def test_what_follows_from_a_state_alone(state: State, kind: type, reason: str):
    action = action_for(state)
    assert type(action) is kind
    assert action.reason == reason


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (State.STORED, "publish from the store, free"),
        (State.PUBLISHED, "written again, free"),
    ],
)
def test_audio_that_is_in_the_store_is_only_published(state: State, reason: str):
    action = action_for(state, stored=(attempt_at(TAKE, state),))
    assert isinstance(action, Publish)
    assert action.reason == reason


@pytest.mark.parametrize("state", [State.STORED, State.PUBLISHED])
def test_a_file_that_lies_there_is_kept_even_if_its_blob_is_gone(state: State):
    assert isinstance(action_for(state, published=(TAKE.ref,)), Keep)


def test_a_stuck_take_says_what_the_provider_said():
    attempt = attempt_at(TAKE, State.FAILED, error="the lyrics were refused")
    (action,) = planned([TAKE], [attempt])
    assert action == Stuck(take=TAKE, attempt=attempt, reason="failed: the lyrics were refused")


def test_what_was_refused_for_now_is_bought_as_the_same_attempt():
    attempt = attempt_at(TAKE, State.PLANNED, number=3, generation_id=None, error="HTTP 429")
    (action,) = planned([TAKE], [attempt])
    assert action == Buy(take=TAKE, number=3, reason="not bought yet: HTTP 429")


@pytest.mark.parametrize(
    "state", [State.STORED, State.PUBLISHED, State.FAILED, State.REJECTED, State.LOST]
)
def test_replacing_buys_the_next_attempt_and_names_the_one_that_gives_way(state: State):
    attempt = attempt_at(TAKE, state, number=2)
    (action,) = planned(
        [TAKE], [attempt], stored=(attempt,), published=(TAKE.ref,), replace=(TAKE.ref,)
    )
    assert action == Buy(take=TAKE, number=3, reason="replace", replaces=attempt)


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (State.INTENT, LookUp),
        (State.IN_DOUBT, LookUp),
        (State.SUBMITTED, Collect),
        (State.READY, Collect),
    ],
)
def test_replacing_continues_what_is_under_way_instead_of_buying(state: State, kind: type):
    assert type(action_for(state, replace=(TAKE.ref,))) is kind


def test_replacing_what_was_never_bought_is_the_first_purchase():
    (action,) = planned([TAKE], replace=(TAKE.ref,))
    assert action == Buy(take=TAKE, number=1, reason="new")


def test_after_a_replacement_the_new_attempt_decides():
    old = attempt_at(TAKE, State.PUBLISHED, superseded_at=LATER)
    new = attempt_at(TAKE, State.SUBMITTED, number=2)
    (action,) = planned([TAKE], [old, new], published=(TAKE.ref,))
    assert action == Collect(take=TAKE, attempt=new, reason="submitted: collect, free")


def test_a_replacement_that_failed_is_stuck_and_not_bought_a_third_time():
    old = attempt_at(TAKE, State.PUBLISHED, superseded_at=LATER)
    new = attempt_at(TAKE, State.FAILED, number=2)
    (action,) = planned([TAKE], [old, new], published=(TAKE.ref,))
    assert action == Stuck(take=TAKE, attempt=new, reason="failed")


def test_equal_requests_are_bought_once_and_shared():
    songs = [a_song("one"), a_song("two", number=2), a_song("three", number=3)]
    one, two, three = takes_of(an_album(songs))
    assert planned([one, two, three]) == (
        Buy(take=one, number=1, reason="new"),
        Share(take=two, owner=one.ref),
        Share(take=three, owner=one.ref),
    )


def test_equal_requests_that_are_there_are_each_published_from_one_purchase():
    one, two = takes_of(an_album([a_song("one"), a_song("two", number=2)]))
    attempt = attempt_at(one)
    actions = planned([one, two], [attempt], stored=(attempt,), published=(one.ref,))
    assert [type(action) for action in actions] == [Keep, Publish]
    assert actions[1].attempt == attempt


def test_takes_and_revisions_of_one_request_are_purchases_of_their_own():
    songs = [a_song("one", takes=2), a_song("two", number=2, revision=1)]
    actions = planned(takes_of(an_album(songs)))
    assert [type(action) for action in actions] == [Buy, Buy, Buy]


def test_a_changed_word_is_bought_with_its_name_as_the_reason():
    changed = takes_of(an_album([a_song(request=a_request(prompt="slow waltz, 60 BPM"))]))
    before = attempt_at(TAKE)
    (action,) = planned(changed, [before])
    assert action == Buy(take=changed[0], number=1, reason="changed: prompt", before=before)


def test_a_raised_revision_is_the_reason_for_its_purchase():
    raised = takes_of(an_album([a_song(revision=1)]))
    (action,) = planned(raised, [attempt_at(TAKE)])
    assert isinstance(action, Buy)
    assert action.reason == "changed: revision"


def test_a_change_is_told_against_the_latest_purchase():
    def wanting(prompt: str):
        return takes_of(an_album([a_song(request=a_request(prompt=prompt))]))

    newer = attempt_at(wanting("the second prompt")[0], intent_at=LATER)
    request = a_request(prompt="the second prompt", lyrics="[Verse]\nOther words")
    (action,) = planned(takes_of(an_album([a_song(request=request)])), [attempt_at(TAKE), newer])
    assert isinstance(action, Buy)
    assert action.reason == "changed: lyrics"


def test_a_change_taken_back_costs_nothing():
    changed = takes_of(an_album([a_song(request=a_request(prompt="slow waltz, 60 BPM"))]))[0]
    bought = [attempt_at(TAKE), attempt_at(changed, intent_at=LATER)]
    (action,) = planned([TAKE], bought, stored=tuple(bought))
    assert isinstance(action, Publish)
    assert action.attempt == bought[0]


def test_a_sketch_whose_bytes_are_gone_is_sketched_again_as_the_same_attempt():
    (action,) = planned([SKETCH], [attempt_at(SKETCH)])
    assert action == Buy(take=SKETCH, number=1, reason="sketch it again")


def test_a_sketch_is_no_purchase_of_the_same_request_and_the_other_way_round():
    assert isinstance(planned([TAKE], [attempt_at(SKETCH)])[0], Buy)
    assert isinstance(planned([SKETCH], [attempt_at(TAKE)])[0], Buy)


def test_actions_are_in_the_order_of_the_takes():
    songs = [
        a_song(f"s{n}", number=n, request=a_request(prompt=f"waltz number {n}")) for n in (1, 2, 3)
    ]
    takes = takes_of(an_album(songs))
    attempts = [attempt_at(takes[1], State.SUBMITTED)]
    actions = planned(takes, attempts)
    assert [type(action) for action in actions] == [Buy, Collect, Buy]
    assert [action.take for action in actions] == list(takes)


# --- what was paid for and is not planned for ---

OTHER = dataclasses.replace(
    TAKE, ref=TakeRef(album=TAKE.ref.album, song=TAKE.ref.song, number=9), digests=("d" * 64,)
)


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (State.SUBMITTED, Collect),
        (State.READY, Collect),
        (State.INTENT, LookUp),
        (State.IN_DOUBT, LookUp),
    ],
)
def test_what_was_paid_for_a_removed_song_is_seen_to(state: State, kind: type):
    attempt = attempt_at(OTHER, state)
    (found,) = stragglers([attempt], planned([TAKE], [attempt]), albums=frozenset({"album"}))
    assert type(found) is kind
    assert found.take is None
    assert found.attempt == attempt


@pytest.mark.parametrize(
    "state",
    [
        State.PLANNED,
        State.STORED,
        State.PUBLISHED,
        State.FAILED,
        State.REJECTED,
        State.LOST,
    ],
)
def test_a_removed_song_in_a_final_state_is_left_alone(state: State):
    assert stragglers([attempt_at(OTHER, state)], (), albums=frozenset({"album"})) == ()


def test_what_the_plan_takes_care_of_is_no_straggler():
    attempt = attempt_at(TAKE, State.SUBMITTED)
    actions = planned([TAKE], [attempt])
    assert stragglers([attempt], actions, albums=frozenset({"album"})) == ()


def test_other_albums_and_replaced_attempts_are_no_stragglers():
    attempt = attempt_at(OTHER, State.SUBMITTED)
    assert stragglers([attempt], (), albums=frozenset({"another"})) == ()
    replaced = dataclasses.replace(attempt, state=State.READY, superseded_at=LATER)
    assert stragglers([replaced], (), albums=frozenset({"album"})) == ()


@pytest.mark.parametrize("state", [State.SUBMITTED, State.IN_DOUBT])
def test_what_was_bought_beside_another_is_still_followed_to_its_end(state: State):
    beside = attempt_at(OTHER, state, superseded_at=LATER)
    (found,) = stragglers([beside], (), albums=frozenset({"album"}))
    assert found.attempt == beside


def test_differences_are_named_in_neutral_words():
    takes = takes_of(
        an_album(
            [
                a_song(takes=2),
                a_song("two", revision=3, request=a_request(lyrics=None)),
            ]
        )
    )
    first, second, other = (take.identity_json for take in takes)
    assert changed_fields(first, first) == ()
    assert changed_fields(first, second) == ("take",)
    assert changed_fields(first, other) == ("lyrics", "revision")
