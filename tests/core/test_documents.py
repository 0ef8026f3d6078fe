import json

import pytest

from pipeline.core.documents.plan_document import plan_document
from pipeline.core.documents.status_document import status_document
from pipeline.core.documents.summary_document import summary_document
from pipeline.core.money import Balance
from pipeline.core.purchase.actions import verb_of
from pipeline.core.purchase.attempt import State
from pipeline.core.purchase.mends import mend_of
from pipeline.core.purchase.plan import Buy, Collect, Keep, LookUp, Publish, Share, Stuck
from pipeline.core.purchase.standing import Ledger
from pipeline.core.wanted.album import AlbumId
from pipeline.errors import ExitCode
from tests.builders import a_request, a_song, an_album, takes_of
from tests.core.attempts import attempt_at

LATER = "2026-08-02T09:30:00.000Z"
SONGS = [
    a_song("one"),
    a_song("two", number=2, request=a_request(prompt="another waltz, 92 BPM"), takes=2),
]
ALBUM = an_album(SONGS)
ONE, TWO, TWO_B = TAKES = takes_of(ALBUM)


def test_every_action_has_a_verb_of_its_own():
    attempt = attempt_at(ONE)
    actions = [
        Keep(take=ONE, attempt=attempt),
        Publish(take=ONE, attempt=attempt, reason="r"),
        Collect(take=ONE, attempt=attempt, reason="r"),
        LookUp(take=ONE, attempt=attempt, reason="r"),
        Buy(take=ONE, number=1, reason="r"),
        Share(take=ONE, owner=TWO.ref),
        Stuck(take=ONE, attempt=attempt, reason="r"),
    ]
    verbs = [verb_of(action) for action in actions]
    assert verbs == ["keep", "publish", "collect", "look_up", "buy", "share", "stuck"]


def test_a_plan_says_what_it_would_do_for_how_much():
    attempt = attempt_at(ONE)
    actions = [
        Keep(take=ONE, attempt=attempt),
        Buy(take=TWO, number=1, reason="new"),
        Buy(take=TWO_B, number=1, reason="new"),
    ]
    document = plan_document(actions, frozenset({TWO_B.ref}), [ALBUM])
    assert document["totals"] == {
        "takes": 3,
        "pending": 2,
        "buy": 2,
        "keep": 1,
        "price_usd": "0.390000",
        "affordable_usd": "0.195000",
    }
    kept, bought, stopped = document["takes"]
    assert (kept["action"], kept["state"], kept["price_usd"]) == ("keep", "published", "0.000000")
    assert (bought["action"], bought["state"], bought["price_usd"]) == (
        "buy",
        "planned",
        "0.195000",
    )
    assert [row["is_within_budget"] for row in document["takes"]] == [True, True, False]
    assert stopped["digest"] == TWO_B.digest


def test_a_shared_take_is_free_and_names_its_owner():
    document = plan_document([Share(take=TWO, owner=ONE.ref)], frozenset(), [ALBUM])
    assert document["takes"][0]["reason"] == "same request as album/one#1, paid once"
    assert document["totals"]["price_usd"] == "0.000000"


def test_what_no_take_wants_any_more_can_be_planned_for():
    straggler = Collect(take=None, attempt=attempt_at(ONE, State.SUBMITTED), reason="paid for")
    (row,) = plan_document([straggler], frozenset(), [ALBUM])["takes"]
    assert (row["song"], row["title"], row["state"]) == ("one", "One", "submitted")


@pytest.mark.parametrize(
    ("state", "wanted", "unwanted"),
    [
        (State.PUBLISHED, None, None),
        (State.STORED, "songmake render", None),
        (State.PLANNED, "songmake render", None),
        (State.INTENT, "songmake render", "songmake render"),
        (State.SUBMITTED, "songmake render", "songmake render"),
        (State.READY, "songmake render", "songmake render"),
        (State.FAILED, "songmake render --replace 'album/one#1'", None),
        (State.REJECTED, "songmake render --replace 'album/one#1'", None),
        (State.LOST, "songmake render --replace 'album/one#1'", None),
    ],
)
def test_a_take_that_stands_still_names_the_command_that_moves_it(state, wanted, unwanted):
    attempt = attempt_at(ONE, state)
    assert mend_of(ONE.ref, attempt, is_wanted=True) == wanted
    assert mend_of(ONE.ref, attempt, is_wanted=False) == unwanted


def test_an_in_doubt_take_is_settled_even_if_nobody_wants_it_any_more():
    attempt = attempt_at(ONE, State.IN_DOUBT)
    for is_wanted in (True, False):
        command = mend_of(ONE.ref, attempt, is_wanted=is_wanted)
        assert command is not None
        assert command.startswith("songmake settle 'album/one#1' ")


def test_a_replaced_attempt_needs_nothing():
    assert mend_of(ONE.ref, attempt_at(ONE, superseded_at=LATER), is_wanted=False) is None


def status_of(*attempts, takes=TAKES, albums=("album",)):
    return status_document(takes, Ledger.of(attempts), attempts, albums)


def test_the_status_has_every_wanted_take_and_then_what_no_take_stands_for():
    removed = attempt_at(takes_of(an_album([a_song("gone", revision=9)]))[0])
    old = attempt_at(ONE, State.PUBLISHED, superseded_at=LATER)
    new = attempt_at(ONE, State.SUBMITTED, number=2)
    rows = status_of(old, new, removed)["takes"]
    assert [(row["song"], row["take"], row["state"], row["is_wanted"]) for row in rows] == [
        ("one", 1, "submitted", True),
        ("two", 1, "planned", True),
        ("two", 2, "planned", True),
        ("one", 1, "superseded", False),
        ("gone", 1, "published", False),
    ]
    assert rows[0]["attempt"] == 2
    assert rows[1]["attempt"] is None


def test_the_totals_of_the_status_are_these_albums_own():
    other = attempt_at(takes_of(an_album([a_song("x", revision=4)], id=AlbumId("other")))[0])
    document = status_of(attempt_at(ONE, State.SUBMITTED), attempt_at(TWO, State.IN_DOUBT), other)
    assert document["totals"] == {
        "charged_usd": "0.000000",
        "held_usd": "0.195000",
        "in_doubt_usd": "0.195000",
        "released_usd": "0.000000",
    }


def test_shared_audio_costs_nothing_where_it_was_not_bought():
    twins = takes_of(an_album([a_song("one"), a_song("twin", number=2)]))
    own, shared = status_of(attempt_at(twins[0]), takes=twins)["takes"]
    assert (own["charged_usd"], own["shared_with"]) == ("0.195000", None)
    assert (shared["charged_usd"], shared["shared_with"]) == ("0.000000", "album/one#1")
    assert shared["state"] == "published"


def summary_of(code: ExitCode, **fields):
    return summary_document(code, started_at=LATER, finished_at=LATER, **{"reason": None, **fields})


def test_a_summary_counts_the_states_that_occur():
    ledger = Ledger.of([attempt_at(ONE), attempt_at(TWO, State.FAILED)])
    document = summary_of(
        ExitCode.FAILED, takes=TAKES, ledger=ledger, spent=Balance(charged=1, released=2)
    )
    assert document["exit_code"] == 1
    assert document["totals"] == {
        "takes": 3,
        "states": {"planned": 1, "published": 1, "failed": 1},
        "charged_usd": "0.000001",
        "held_usd": "0.000000",
        "in_doubt_usd": "0.000000",
        "released_usd": "0.000002",
    }


def test_a_summary_says_why_even_where_nobody_did():
    for code in ExitCode:
        assert summary_of(code)["reason"]
    assert summary_of(ExitCode.USAGE, reason="no key")["reason"] == "no key"


def test_documents_are_plain_json():
    document = summary_of(ExitCode.OK, takes=TAKES, ledger=Ledger.of([]))
    assert json.loads(json.dumps(document)) == document
