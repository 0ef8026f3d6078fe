import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.purchase.pacing import (
    LONGEST_BACKOFF_S,
    LONGEST_PAUSE_S,
    GiveUp,
    backoff_s,
    has_given_up,
    pause_s,
)


def test_waits_double_up_to_a_limit():
    assert [backoff_s(tries, jitter=0) for tries in (1, 2, 3, 4)] == [0.5, 1, 2, 4]
    assert backoff_s(10_000, jitter=0) == LONGEST_BACKOFF_S


@given(st.integers(1, 10**9), st.floats(0, 1))
def test_jitter_takes_away_half_at_most(failures: int, jitter: float):
    whole = backoff_s(failures, jitter=0)
    assert whole / 2 <= backoff_s(failures, jitter=jitter) <= whole


@pytest.mark.parametrize(
    ("asked_s", "wait_s"),
    [(0.0, 0.0), (1.5, 1.5), (300.0, 300.0), (86_400.0, LONGEST_PAUSE_S), (-5.0, 2.0), (None, 2.0)],
)
def test_the_provider_is_given_the_pause_that_it_asks_for_within_reason(
    asked_s: float | None, wait_s: float
):
    assert pause_s(asked_s, refusals=1) == wait_s


def test_a_provider_that_names_no_pause_gets_longer_ones():
    assert [pause_s(None, refusals=count) for count in (1, 2, 3, 4, 5, 6)] == [2, 4, 8, 16, 32, 60]
    assert pause_s(None, refusals=10**6) == 60


def test_a_provider_that_never_answered_is_given_up_soon():
    limits = GiveUp(never_reached_s=30)
    words = {"was_reached": False, "timeout_s": 1800, "limits": limits}
    assert not has_given_up(waited_s=29.9, **words)
    assert has_given_up(waited_s=30, **words)


def test_one_that_did_answer_has_the_whole_time():
    assert not has_given_up(waited_s=1799, was_reached=True, timeout_s=1800)
    assert has_given_up(waited_s=1800, was_reached=True, timeout_s=1800)


def test_a_short_time_out_holds_for_both():
    for was_reached in (True, False):
        assert has_given_up(waited_s=1, was_reached=was_reached, timeout_s=1)
