"""How long a generation takes, as a log-normal distribution; all in log space, where tails fit."""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, exp, log, pi, sqrt
from typing import NamedTuple

LOG_ROOT_2PI = 0.5 * log(2 * pi)
FAR_TAIL = 6.0  # standard deviations; beyond them a fraction is nearer than ``erfc``
NARROW = 0.3  # in standard deviations, times how far out they lie
BRIEFEST_S = 1e-3  # an age of nothing has no logarithm


@dataclass(frozen=True, slots=True, kw_only=True)
class LogNormal:
    """``log_median`` is the median's logarithm (in seconds), ``sigma`` the spread of logarithms."""

    log_median: float
    sigma: float

    @property
    def median_s(self) -> float:
        """Half of the generations are ready by then."""
        return exp(self.log_median)

    def log_hazard(self, age_s: float) -> float:
        """Logarithm of the chance a second that what is ``age_s`` old and not ready gets ready."""
        log_age = log(max(age_s, BRIEFEST_S))
        return _log_mills((log_age - self.log_median) / self.sigma) - log(self.sigma) - log_age


class Moments(NamedTuple):
    """Mean and variance of a logarithm of seconds."""

    mean: float
    variance: float


def between(belief: LogNormal, low_s: float, high_s: float | None) -> Moments:
    """What is to be thought of a wait that ended after ``low_s`` and by ``high_s``.

    ``low_s`` may be 0: it was ready when it was first asked after. ``high_s`` is None while it
    is still rendered.
    """
    low = (log(low_s) - belief.log_median) / belief.sigma if low_s > 0 else None
    high = None if high_s is None else (log(high_s) - belief.log_median) / belief.sigma
    found = _truncated(low, high)
    return Moments(belief.log_median + belief.sigma * found.mean, belief.sigma**2 * found.variance)


def _truncated(low: float | None, high: float | None) -> Moments:
    """Of a standard normal that lies between two bounds; None is no bound."""
    if low is None and high is None:
        return Moments(0.0, 1.0)
    if low is None or (high is not None and low + high < 0):  # the upper tail is exact in floats
        mirrored = _truncated(None if high is None else -high, None if low is None else -low)
        return Moments(-mirrored.mean, mirrored.variance)
    if high is not None and (high - low) * max(abs(low), abs(high), 1.0) < NARROW:
        return Moments((low + high) / 2, (high - low) ** 2 / 12)  # the density hardly changes
    mills = exp(_log_mills(low))
    if high is None:
        return Moments(mills, max(1 + mills * (low - mills), 0.0))
    fall = exp((low - high) * (low + high) / 2)  # the density at high over that at low
    rest = 1 - fall * mills / exp(_log_mills(high))  # the share of the tail that ends by high
    mean = mills * (1 - fall) / rest
    return Moments(mean, max(1 + mills * (low - high * fall) / rest - mean * mean, 0.0))


def _log_mills(z: float) -> float:
    """Logarithm of a standard normal's density at ``z`` over the chance of more than ``z``."""
    if z > FAR_TAIL:
        return log(z + 1 / (z + 2 / (z + 3 / (z + 4 / (z + 5 / z)))))
    return -0.5 * z * z - LOG_ROOT_2PI - log(0.5 * erfc(z / sqrt(2)))
