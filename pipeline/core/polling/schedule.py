"""The age at which a generation is asked after next."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log

from pipeline.core.polling.learning import Prior
from pipeline.core.polling.log_normal import LogNormal

LONG_S = 90.0  # what takes as long or longer is asked after in absolute seconds
PRICE_S = 0.185
LONGEST_S = 30.0
LONGEST_BEYOND_S = 15.0  # for what takes longer than anything that was seen
AGE_SHARE = 1 / 45  # of its age is the least wait for a generation: what is stuck is left alone
FIRST = 1.7  # a first poll is later: what ends before it ends near it, for the hazard rises
STEPS = 24  # of the sum that finds the next poll, within the longest wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How a provider is asked.

    ``price_s`` is by how much later a song of :data:`LONG_S` or more may be noticed where that
    saves a poll. At least ``shortest_s`` lie between two polls of a generation, and at most
    ``most_a_second`` polls of all generations in any second.
    """

    prior: Prior
    shortest_s: float
    most_a_second: int
    price_s: float = PRICE_S


# A song took about 90 s (vendor's sample run), long ones take minutes. How many polls are allowed
# is published nowhere; samples ask every 10 to 15 s, as this rate does for 400 to 600 at once.
HOSTED = Manners(
    prior=Prior(log_median=log(LONG_S), sigma=0.5, doubt=0.35), shortest_s=0.5, most_a_second=40
)
# A rehearsal: nobody else is kept waiting, and songs take seconds.
ON_THIS_MACHINE = Manners(
    prior=Prior(log_median=log(3.0), sigma=0.5, doubt=1.0), shortest_s=0.04, most_a_second=1000
)


def wait_s(
    belief: LogNormal,
    age_s: float,
    manners: Manners,
    *,
    is_first: bool = False,
    stretch: float = 1.0,
) -> float:
    """Seconds until the next poll of what is ``age_s`` old, or the first one.

    Polls lie as densely as the root of the hazard over twice a poll's price, which is optimal
    where they are many: the next comes when the density's sum reaches one. What takes less
    than :data:`LONG_S` is asked after as many times, and so in proportionally shorter waits.
    ``stretch`` makes all of them longer alike, for want of turns.
    """
    share = min(1.0, belief.median_s / LONG_S)
    price_s, longest_s = manners.price_s * share, LONGEST_S * share
    span_s = max(longest_s, _least_s(age_s, manners))  # of brief songs the longest wait is brief
    step_s, waited_s = span_s / STEPS * max(1.0, stretch / 8), 0.0
    missing = (FIRST if is_first else 1.0) * stretch
    while True:
        at_s = age_s + waited_s + step_s / 2
        least_s = _least_s(at_s, manners)
        log_best = 0.5 * (log(2 * price_s) - belief.log_hazard(at_s))
        best_s = longest_s if log_best > log(longest_s) else exp(log_best)
        here = step_s / max(best_s, least_s)
        if here >= missing:
            return waited_s + step_s * missing / here
        missing -= here
        waited_s += step_s


def _least_s(age_s: float, manners: Manners) -> float:
    return max(manners.shortest_s, min(age_s * AGE_SHARE, LONGEST_BEYOND_S))
