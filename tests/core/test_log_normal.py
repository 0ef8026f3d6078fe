"""What is known of a wait, against sums over the density itself."""

from math import exp, inf, isfinite, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.polling.log_normal import LogNormal, between

USUAL = LogNormal(log_median=log(90), sigma=0.5)


def summed(low_s: float, high_s: float) -> tuple[float, float]:
    """Mean and variance of the logarithm between two bounds, by plain summing."""
    low, high, steps = log(low_s), log(high_s), 20_000
    step = (high - low) / steps
    logs = [low + (number + 0.5) * step for number in range(steps)]
    weights = [exp(-((one - USUAL.log_median) ** 2) / (2 * USUAL.sigma**2)) for one in logs]
    total = sum(weights)
    mean = sum(map(float.__mul__, weights, logs)) / total
    return mean, sum(w * (one - mean) ** 2 for w, one in zip(weights, logs, strict=True)) / total


@pytest.mark.parametrize(
    ("low_s", "high_s"), [(60, 120), (30, 31), (1, 95), (250, 400), (5, 20), (85, 95)]
)
def test_a_wait_between_two_polls_is_what_the_distribution_expects_there(
    low_s: float, high_s: float
):
    assert between(USUAL, low_s, high_s) == pytest.approx(summed(low_s, high_s), rel=1e-2)


def test_what_was_ready_at_the_first_poll_may_have_been_so_for_long():
    assert between(USUAL, 0, 70) == pytest.approx(summed(1e-3, 70), rel=1e-3)


@pytest.mark.parametrize("low_s", [20, 90, 600])
def test_what_still_runs_will_take_longer(low_s: float):
    assert between(USUAL, low_s, None) == pytest.approx(summed(low_s, 1e5), rel=1e-2)


@given(
    st.floats(0.01, 1e4), st.floats(0.02, 3), st.floats(0, 1e6), st.none() | st.floats(1e-9, 1e6)
)
def test_it_lies_within_its_bounds_however_far_out_they_are(
    median_s: float, sigma: float, low_s: float, width_s: float | None
):
    belief = LogNormal(log_median=log(median_s), sigma=sigma)
    high_s = None if width_s is None else low_s + width_s
    found = between(belief, low_s, high_s)
    assert 0 <= found.variance < inf
    slack = 1e-6 * (1 + abs(found.mean))
    assert (log(low_s) if low_s else -inf) - slack <= found.mean
    assert found.mean <= (inf if high_s is None else log(high_s)) + slack


@given(st.floats(0.01, 1e4), st.floats(0.02, 3), st.floats(0, 1e9))
def test_the_hazard_has_a_logarithm_at_any_age(median_s: float, sigma: float, age_s: float):
    assert isfinite(LogNormal(log_median=log(median_s), sigma=sigma).log_hazard(age_s))


def test_whoever_survives_the_hazard_up_to_the_median_is_one_in_two():
    survived = exp(-sum(exp(USUAL.log_hazard(second + 0.5)) for second in range(90)))
    assert survived == pytest.approx(0.5, abs=1e-3)


def test_far_out_the_hazard_goes_on_as_it_came():
    ages_s = [90 * exp(0.5 * (5.99 + step / 100)) for step in range(3)]
    below, at, above = map(USUAL.log_hazard, ages_s)
    assert above - at == pytest.approx(at - below, rel=1e-2)
