"""``python -m benchmarks.poll_front``: lag against polls for prices, shapes and limits, as a table.

The means over many seeds, and of the ratios what 95 of 100 such means lie within.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import sqrt

from benchmarks.simulated_polls import Polled, Shape, fixed, learned
from pipeline.core.polling.schedule import HOSTED, ON_THIS_MACHINE, PRICE_S, Manners

SEEDS = range(40)
USUAL = Shape()
Runs = Callable[[int], Polled]


def main() -> None:
    """Prints the table."""
    _say("", "lag s", "p95", "/ 15 s", "polls", "/ 15 s", "/ 5 s", "end / 15 s", "most a second")
    _say(*["---"] * 9)
    for every_s in (15.0, 5.0):
        _print(f"every {every_s:g} s", USUAL, partial(fixed, USUAL, every_s=every_s))
    for price_s in (0.1, PRICE_S, 0.4, 0.8, 1.5, 2.5):
        manners = replace(HOSTED, price_s=price_s)
        _print(f"price {price_s:g} s", USUAL, _with_history(USUAL, None, manners))
    for wrong_by in (1.0, 2.0, 0.5):
        for price_s in (PRICE_S, 0.8):
            manners = replace(HOSTED, price_s=price_s)
            name = f"price {price_s:g} s, history x {wrong_by:g}"
            _print(name, USUAL, _with_history(USUAL, wrong_by, manners))
    for shape, name in (
        (Shape(median_s=60, sigma=0.35), "60 s, spread .35"),
        (Shape(median_s=90, sigma=0.2), "90 s, spread .2"),
        (Shape(median_s=240), "240 s"),
        (Shape(songs=1, jobs=1), "a single song"),
    ):
        _print(f"{name}, no history", shape, _with_history(shape, None, HOSTED))
        _print(f"{name}, history", shape, _with_history(shape, 1.0, HOSTED))
    for most in (2, 3, 5):
        manners = replace(HOSTED, most_a_second=most)
        _print(f"at most {most} a second", USUAL, _with_history(USUAL, None, manners))
    crowd = Shape(songs=3000, jobs=1000)
    _print("1,000 in flight", crowd, _with_history(crowd, None, HOSTED), seeds=range(3))
    rehearsal = Shape(median_s=2.0, sigma=0.0)
    for history in (None, 1.0):
        known = "no history" if history is None else "history"
        runs = _with_history(rehearsal, history, ON_THIS_MACHINE)
        _print(f"rehearsal, always 2 s, {known}", rehearsal, runs)


def _with_history(shape: Shape, wrong_by: float | None, manners: Manners) -> Runs:
    def run(seed: int) -> Polled:
        history = () if wrong_by is None else shape.history(seed, wrong_by=wrong_by)
        return learned(shape, seed, manners, history=history)

    return run


def _print(name: str, shape: Shape, runs: Runs, *, seeds: range = SEEDS) -> None:
    ours = [runs(seed) for seed in seeds]
    by_15, by_5 = ([fixed(shape, seed, every_s) for seed in seeds] for every_s in (15.0, 5.0))
    lags_s = sorted(lag_s for run in ours for lag_s in run.lags_s)
    _say(
        name,
        f"{statistics.mean(run.lag_s for run in ours):.2f}",
        f"{lags_s[int(0.95 * len(lags_s))]:.1f}",
        _ratio([run.lag_s for run in ours], [run.lag_s for run in by_15]),
        f"{statistics.mean(run.polls_a_song for run in ours):.2f}",
        _ratio([run.polls for run in ours], [run.polls for run in by_15]),
        _ratio([run.polls for run in ours], [run.polls for run in by_5]),
        _ratio([run.end_s for run in ours], [run.end_s for run in by_15]),
        f"{max(run.busiest for run in ours)}",
    )


def _say(*cells: str) -> None:
    sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()


def _ratio(ours: list[float], theirs: list[float]) -> str:
    """Of the means; the margin from the seeds' own deviations from that ratio (delta method)."""
    ratio = sum(ours) / sum(theirs)
    off = [own - ratio * peer for own, peer in zip(ours, theirs, strict=True)]
    margin = 1.96 * statistics.stdev(off) / sqrt(len(off)) / statistics.mean(theirs)
    return f"{ratio:.3f} ± {margin:.3f}"


if __name__ == "__main__":
    main()
