from __future__ import annotations

from typing import Any

import pytest

from pipeline.cli.closing import closing_lines
from pipeline.core.money import Balance
from pipeline.core.purchase.attempt import State, ref_of
from pipeline.core.purchase.plan import Buy, Keep, Publish
from pipeline.core.run.closing import AlbumClosing, Closing
from pipeline.core.wanted.album import AlbumId
from pipeline.errors import ExitCode
from tests.builders import a_song, an_album, takes_of
from tests.core.attempts import attempt_at

KEPT, AGAIN, NEW = takes_of(an_album([a_song(name) for name in ("one", "two", "three")]))
ACTIONS = (
    Keep(take=KEPT, attempt=attempt_at(KEPT)),
    Publish(take=AGAIN, attempt=attempt_at(AGAIN), reason="from the store"),
    Buy(take=NEW, number=1, reason="new"),
)
PRICE = 195_000


def closing(*states: State, **fields: Any) -> Closing:
    """The end of a run over three takes: one kept, one written again, one bought."""
    takes = (KEPT, AGAIN, NEW)
    made = {
        "code": ExitCode.OK,
        "reason": "said",
        "states": {take.ref: state for take, state in zip(takes, states, strict=True)},
        "actions": ACTIONS,
        "spent": Balance(charged=PRICE),
        "albums": (album(Balance(charged=2 * PRICE)),),
    }
    return Closing(**{**made, **fields})


def album(balance: Balance, name: str = "album", **fields: Any) -> AlbumClosing:
    made = {"id": AlbumId(name), "folder": f"outputs/{name}/", "budget_microusd": None}
    return AlbumClosing(**{**made, "balance": balance, **fields})


THERE = (State.PUBLISHED,) * 3


def test_a_happy_end_counts_what_is_new_and_names_money_and_place_once():
    assert list(closing_lines(closing(*THERE))) == [
        "3 of 3 takes published (1 new, 1 written again)",
        "this run: $0.195 charged",
        "outputs/album/ · $0.39 charged so far",
    ]


def test_a_run_that_had_nothing_to_do_says_so():
    kept = {"actions": (ACTIONS[0],), "spent": Balance()}
    assert next(closing_lines(closing(*THERE, **kept))) == (
        "3 of 3 takes published, nothing changed"
    )


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.FAILED, "1 failed"),
        (State.REJECTED, "1 rejected"),
        (State.LOST, "1 lost"),
        (State.IN_DOUBT, "1 in doubt"),
        (State.SUBMITTED, "1 under way"),
        (State.STORED, "1 stored"),
        (State.PLANNED, "1 not begun"),
    ],
)
def test_what_is_not_there_is_counted_by_what_became_of_it(state: State, words: str):
    happened = next(closing_lines(closing(State.PUBLISHED, State.PUBLISHED, state)))
    assert happened == f"2 of 3 takes published (1 written again), {words}"


def test_a_file_that_is_gone_is_not_counted_as_there_and_a_take_that_never_was_not_as_gone():
    absent = frozenset({KEPT.ref, NEW.ref})
    found = closing(State.PUBLISHED, State.PUBLISHED, State.PLANNED, absent=absent)
    assert next(closing_lines(found)) == (
        "1 of 3 takes published (1 written again), 1 not begun, 1 without its file"
    )


def test_every_kind_of_money_is_named_against_the_budget():
    balance = Balance(charged=PRICE, held=PRICE, in_doubt=PRICE, released=PRICE)
    albums = (album(balance, budget_microusd=3_000_000),)
    _, spent, place = closing_lines(closing(*THERE, spent=balance, albums=albums))
    money = "$0.195 charged, $0.195 held, $0.195 in doubt"
    assert spent == f"this run: {money}, $0.195 given back"
    assert place == f"outputs/album/ · {money} of $3.00"


def test_money_that_came_back_whole_is_all_that_a_run_says_of_it():
    found = list(closing_lines(closing(*THERE, spent=Balance(released=PRICE))))
    assert found[1] == "this run: $0.195 given back"


def test_free_sketches_speak_of_no_money_though_there_is_a_budget():
    albums = (album(Balance(), budget_microusd=3_000_000),)
    found = list(closing_lines(closing(*THERE, spent=Balance(), albums=albums)))
    assert found[1:] == ["outputs/album/"]


def test_each_of_several_albums_has_its_line_and_takes_carry_their_album():
    ears = tuple(ref_of("album", f"song-{number}", 1) for number in range(5))
    albums = (album(Balance(charged=PRICE)), album(Balance(), "b"))
    found = list(closing_lines(closing(*THERE, needs_ear=ears, albums=albums)))
    assert found[2:] == [
        "outputs/album/ · $0.195 charged so far",
        "outputs/b/",
        "needs an ear: album/song-0#1, album/song-1#1, album/song-2#1 and 2 more; "
        "songmake status says why",
    ]
