from math import exp, log
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.polling.learning import Prior, Seen, after_earlier_runs, fit

PRIOR = Prior(log_median=log(90), sigma=0.5, doubt=0.35)
AGES_S = st.floats(0.001, 1e5)


def waits_s(median_s: float, sigma: float, count: int, seed: int = 1) -> list[float]:
    chance = Random(seed)
    return [exp(log(median_s) + sigma * chance.gauss(0, 1)) for _ in range(count)]


def polled(wait_s: float, every_s: float = 10.0) -> Seen:
    last_s = wait_s // every_s * every_s
    return Seen(last_s, last_s + every_s)


def test_before_anything_is_seen_the_first_thought_counts_and_its_doubt():
    belief = fit(PRIOR, ())
    assert belief.median_s == pytest.approx(90)
    assert belief.sigma == pytest.approx((0.5**2 + 0.35**2) ** 0.5)


def test_what_was_seen_counts_more_the_more_it_is():
    seen = [polled(wait_s) for wait_s in waits_s(200, 0.3, 200)]
    medians_s = [fit(PRIOR, seen[:count]).median_s for count in (0, 2, 20, 200)]
    assert medians_s == sorted(medians_s)
    assert medians_s[-1] == pytest.approx(200, rel=0.05)
    assert fit(PRIOR, seen).sigma == pytest.approx(0.3, rel=0.15)


def test_songs_that_still_run_keep_the_first_ones_from_being_the_usual():
    first_s = sorted(waits_s(90, 0.5, 50))[:5]
    ended = [polled(wait_s) for wait_s in first_s]
    running = [Seen(first_s[-1], None)] * 45
    assert fit(PRIOR, ended).median_s < 60
    assert fit(PRIOR, [*ended, *running]).median_s == pytest.approx(90, rel=0.2)


def test_what_was_ready_at_its_first_poll_teaches_next_to_nothing():
    belief = fit(PRIOR, [polled(wait_s) for wait_s in waits_s(90, 0.2, 30)])
    more = [polled(wait_s) for wait_s in waits_s(90, 0.2, 30)] + [Seen(0.0, 200.0)] * 30
    assert fit(PRIOR, more).median_s == pytest.approx(belief.median_s, rel=0.1)


def test_earlier_runs_set_the_usual_wait_and_leave_doubt():
    known = after_earlier_runs(PRIOR, waits_s(240, 0.3, 50))
    assert exp(known.log_median) == pytest.approx(240, rel=0.15)
    assert known.sigma < 0.4
    assert known.doubt > 0.25


def test_songs_that_were_left_for_a_later_run_do_not_count_as_slow():
    honest = waits_s(90, 0.4, 40)
    known = after_earlier_runs(PRIOR, [*honest, *[3000.0] * 6])
    assert exp(known.log_median) == pytest.approx(90, rel=0.2)
    assert known.sigma < 0.6


@pytest.mark.parametrize("wrong_by", [0.5, 2.0])
def test_a_history_that_is_wrong_by_two_is_overruled_by_ten_songs(wrong_by: float):
    misled = after_earlier_runs(PRIOR, waits_s(90 * wrong_by, 0.5, 50))
    seen = [polled(wait_s) for wait_s in waits_s(90, 0.5, 10, seed=2)]
    honest = fit(PRIOR, seen).median_s
    assert fit(misled, seen).median_s == pytest.approx(honest, rel=0.3)
    assert fit(misled, seen * 5).median_s == pytest.approx(fit(PRIOR, seen * 5).median_s, rel=0.08)


@given(
    st.lists(AGES_S, max_size=5),
    st.lists(st.tuples(AGES_S, st.none() | AGES_S), max_size=12),
)
def test_whatever_was_seen_there_is_an_estimate(
    earlier_s: list[float], bounds: list[tuple[float, float | None]]
):
    seen = [Seen(low_s, None if more is None else low_s + more) for low_s, more in bounds]
    belief = fit(after_earlier_runs(PRIOR, earlier_s), seen)
    assert 0 < belief.median_s < 1e12
    assert 0 < belief.sigma < 20
