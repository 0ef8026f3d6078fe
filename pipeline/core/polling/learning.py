"""What waits tell of how long a generation takes, from a few and from such that were not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt
from statistics import median
from typing import NamedTuple

from pipeline.core.polling.log_normal import LogNormal, between

ROUNDS = 8  # of estimating what was not seen, and then the distribution from it
SPREAD_WEIGHT = 3.0  # waits that the spread thought beforehand is worth
DRIFT = 0.3  # spread of the logarithm between today's usual wait and that of earlier runs
NARROWEST = 0.02  # no provider is steadier than that
ROBUST = 1.4826  # times the median absolute deviation is a normal's standard deviation


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """What is thought before anything is seen.

    ``sigma`` is how much the logarithms of single waits are spread, ``doubt`` how unsure the
    logarithm of their median is.
    """

    log_median: float
    sigma: float
    doubt: float

    @property
    def predicted(self) -> LogNormal:
        """What the next wait is expected to be."""
        return LogNormal(log_median=self.log_median, sigma=sqrt(self.sigma**2 + self.doubt**2))


class Seen(NamedTuple):
    """A wait that ended after ``low_s`` seconds and by ``high_s``; None: it has not ended yet."""

    low_s: float
    high_s: float | None


def after_earlier_runs(prior: Prior, waits_s: Sequence[float]) -> Prior:
    """What the journal's waits make of it.

    A song that a run left and a later one collected has waited for the later one: the median
    and the median deviation do not follow a few of those. Another day's machines are faster or
    slower, so doubt remains however many waits there are.
    """
    if not waits_s:
        return prior
    logs = [log(wait_s) for wait_s in waits_s]
    middle, count = median(logs), len(logs)
    deviation = ROBUST * median(abs(one - middle) for one in logs)
    variance = _variance(prior, count * deviation**2, count)
    log_median, doubt2 = _location(prior, count * middle, count, variance)
    return Prior(log_median=log_median, sigma=sqrt(variance), doubt=sqrt(doubt2 + DRIFT**2))


def fit(prior: Prior, seen: Sequence[Seen]) -> LogNormal:
    """What the next wait is expected to be after those of this run, the running ones included.

    The first songs of many to become ready are the short ones: those that still run keep them
    from being taken for the usual. Where only an interval is known, a wait is what the estimate
    expects within it, in turns until both agree (expectation-maximization). What the estimate
    itself may be wrong by is part of the spread.
    """
    log_median, variance, doubt2 = prior.log_median, prior.sigma**2, prior.doubt**2
    for _ in range(ROUNDS if seen else 0):
        belief = LogNormal(log_median=log_median, sigma=max(sqrt(variance), NARROWEST))
        found = [between(belief, *one) for one in seen]
        total = sum(one.mean for one in found)
        log_median, doubt2 = _location(prior, total, len(seen), belief.sigma**2)
        squares = sum(one.variance + (one.mean - log_median) ** 2 for one in found)
        variance = _variance(prior, squares, len(seen))
    return LogNormal(log_median=log_median, sigma=max(sqrt(variance + doubt2), NARROWEST))


def _location(prior: Prior, total: float, count: int, variance: float) -> tuple[float, float]:
    """The logarithm of the median, and how unsure it is, squared."""
    weight = 1 / prior.doubt**2 + count / variance
    return (prior.log_median / prior.doubt**2 + total / variance) / weight, 1 / weight


def _variance(prior: Prior, squares: float, count: int) -> float:
    """The spread squared, of ``count`` waits whose squared deviations sum to ``squares``."""
    return (SPREAD_WEIGHT * prior.sigma**2 + squares) / (SPREAD_WEIGHT + count)
