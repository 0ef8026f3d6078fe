from dataclasses import replace
from itertools import pairwise
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.polling.log_normal import LogNormal
from pipeline.core.polling.schedule import (
    HOSTED,
    LONGEST_BEYOND_S,
    LONGEST_S,
    ON_THIS_MACHINE,
    Manners,
    wait_s,
)

MANNERS = st.sampled_from([HOSTED, ON_THIS_MACHINE])
BELIEFS = st.builds(
    lambda median_s, sigma: LogNormal(log_median=log(median_s), sigma=sigma),
    st.floats(0.05, 1e4),
    st.floats(0.02, 3),
)
FIRST = 2 * LONGEST_S  # the first poll may wait for more than one longest interval


def polls_s(belief: LogNormal, until_s: float, manners: Manners = HOSTED) -> list[float]:
    ages_s = [wait_s(belief, 0.0, manners, is_first=True)]
    while ages_s[-1] < until_s:
        ages_s.append(ages_s[-1] + wait_s(belief, ages_s[-1], manners))
    return ages_s


@given(BELIEFS, st.floats(0, 1e7), MANNERS, st.booleans())
def test_polls_are_never_a_hammer_and_never_forgotten(
    belief: LogNormal, age_s: float, manners: Manners, is_first: bool
):
    found = wait_s(belief, age_s, manners, is_first=is_first)
    assert manners.shortest_s * 0.999 <= found <= (FIRST if is_first else LONGEST_S) * 1.001


@given(BELIEFS, st.floats(0, 1e7), st.floats(1, 8), st.floats(1, 8))
def test_the_more_it_has_to_stretch_the_longer_it_waits(
    belief: LogNormal, age_s: float, first: float, second: float
):
    less, more = sorted((first, second))
    assert wait_s(belief, age_s, HOSTED, stretch=less) <= wait_s(
        belief, age_s, HOSTED, stretch=more
    )


@given(BELIEFS, st.floats(0, 1e5), st.floats(0.01, 10), st.floats(0.01, 10))
def test_the_dearer_a_poll_is_the_longer_it_waits(
    belief: LogNormal, age_s: float, first: float, second: float
):
    cheap, dear = (replace(HOSTED, price_s=price_s) for price_s in sorted((first, second)))
    assert wait_s(belief, age_s, cheap) <= wait_s(belief, age_s, dear) * (1 + 1e-9)


def test_it_asks_often_when_songs_usually_get_ready_and_seldom_before():
    ages_s = polls_s(LogNormal(log_median=log(90), sigma=0.2), 90)
    assert ages_s[0] > 45
    assert ages_s[-1] - ages_s[-2] < 4


def test_short_generations_are_asked_after_as_many_times_as_long_ones():
    counts = [
        len(polls_s(LogNormal(log_median=log(median_s), sigma=0.3), median_s, ON_THIS_MACHINE))
        for median_s in (4.0, 20.0, 90.0)
    ]
    assert max(counts) - min(counts) <= 1


def test_what_is_stuck_is_asked_after_ever_more_seldom():
    ages_s = polls_s(LogNormal(log_median=log(2), sigma=0.1), 1800, ON_THIS_MACHINE)
    assert len(ages_s) < 450
    waits_s = [later - sooner for sooner, later in pairwise(ages_s) if sooner > 3]
    assert all(later > sooner - 1e-6 for sooner, later in pairwise(waits_s))
    assert waits_s[-1] <= LONGEST_BEYOND_S * 1.001


class Counted(LogNormal):
    """A belief that counts how often it is asked."""

    asked = 0

    def log_hazard(self, age_s: float) -> float:
        Counted.asked += 1
        return super().log_hazard(age_s)


@pytest.mark.parametrize("age_s", [0.0, 1800.0])
def test_songs_that_seemed_to_take_no_time_are_no_long_sum(age_s: float):
    Counted.asked = 0
    usual_s = wait_s(Counted(log_median=log(0.001), sigma=0.1), age_s, HOSTED)
    assert usual_s >= HOSTED.shortest_s * 0.999
    assert Counted.asked < 100
