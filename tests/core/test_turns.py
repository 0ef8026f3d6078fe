from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.polling.turns import Turns


def given_turns(most: int, dues_s: list[float]) -> list[tuple[float, float]]:
    """Runs until everybody had a turn: ``(given, due)`` of each, in the order given."""
    turns, asked, found = Turns(most), {}, []
    coming = sorted(dues_s)
    now_s = 0.0
    while coming or turns.opens_s is not None:
        opens_s = turns.opens_s
        if coming and (opens_s is None or coming[0] <= opens_s):
            now_s = max(now_s, coming[0])
            due_s = coming.pop(0)
            asked[turns.ask(due_s)] = due_s
        else:
            assert opens_s is not None
            now_s = max(now_s, opens_s)
        found += [(now_s, asked.pop(ticket)) for ticket in turns.give(now_s)]
    return found


@given(st.integers(1, 8), st.lists(st.floats(0, 20), min_size=1, max_size=60))
def test_no_second_has_more_than_its_share_and_everybody_has_a_turn(most: int, dues_s: list[float]):
    found = given_turns(most, dues_s)
    assert sorted(due_s for _, due_s in found) == sorted(dues_s)
    times_s = [given_s for given_s, _ in found]
    assert all(b - a > 1 for a, b in zip(times_s, times_s[most:], strict=False))


@given(st.lists(st.floats(0, 20), min_size=1, max_size=20))
def test_few_are_not_kept_waiting(dues_s: list[float]):
    assert all(given_s == due_s for given_s, due_s in given_turns(20, dues_s))


def test_whoever_is_due_longest_comes_first():
    turns = Turns(1)
    late, early, middle = turns.ask(3.0), turns.ask(1.0), turns.ask(2.0)
    assert [turns.give(now_s) for now_s in (3.0, 5.0, 7.0)] == [(early,), (middle,), (late,)]


def test_whoever_left_takes_no_turn():
    turns = Turns(1)
    first, left, second = turns.ask(0.0), turns.ask(0.1), turns.ask(0.2)
    assert turns.give(0.2) == (first,)
    turns.withdraw(left)
    assert turns.give(2.0) == (second,)
    assert turns.opens_s is None
