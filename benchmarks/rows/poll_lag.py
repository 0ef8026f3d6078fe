"""Rows 14 to 16: how soon a finished song is noticed, and for how many polls (simulated)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from benchmarks.bench import Bench
from benchmarks.measuring import summarized
from benchmarks.row import Measured, Row
from benchmarks.simulated_polls import Polled, Shape, fixed, learned
from pipeline.core.polling.schedule import HOSTED

SHAPE = Shape()
SEEDS, SEEDS_QUICK = 40, 8
FRUGAL = replace(HOSTED, price_s=0.8)  # a dearer poll: as many of them as every 15 s

Run = Callable[[int], Polled]


def _lag_s(run: Polled) -> float:
    return run.lag_s


def _polls(run: Polled) -> float:
    return run.polls_a_song


def _default(seed: int) -> Polled:
    return learned(SHAPE, seed, HOSTED)


def _frugal(seed: int) -> Polled:
    return learned(SHAPE, seed, FRUGAL)


def _misled(seed: int, *, wrong_by: float) -> Polled:
    history = SHAPE.history(seed, wrong_by=wrong_by)
    return learned(SHAPE, seed, HOSTED, history=history)


def _every(seed: int, *, every_s: float) -> Polled:
    return fixed(SHAPE, seed, every_s)


def _compare(
    bench: Bench, *, ours: Run, every_s: float, of: Callable[[Polled], float], unit: str
) -> Measured:
    seeds = range(SEEDS_QUICK if bench.is_quick else SEEDS)
    theirs = partial(_every, every_s=every_s)
    return summarized([(of(ours(seed)), of(theirs(seed))) for seed in seeds], unit=unit)


_lag_to_15 = partial(_compare, every_s=15.0, of=_lag_s, unit="s")

ROWS = (
    Row(
        number=14,
        work="poll lag, a dearer poll / every 15 s (simulated, learned on line)",
        at_most=0.80,
        reach_for=0.74,
        measure=partial(_lag_to_15, ours=_frugal),
    ),
    Row(
        number=14,
        work="its polls / every 15 s",
        at_most=1.05,
        reach_for=1.05,
        measure=partial(_compare, ours=_frugal, every_s=15.0, of=_polls, unit="polls"),
    ),
    Row(
        number=15,
        work="poll lag, default / every 15 s (simulated, learned on line)",
        at_most=0.40,
        reach_for=0.35,
        measure=partial(_lag_to_15, ours=_default),
    ),
    Row(
        number=15,
        work="its polls / every 5 s",
        at_most=0.75,
        reach_for=0.70,
        measure=partial(_compare, ours=_default, every_s=5.0, of=_polls, unit="polls"),
    ),
    *(
        Row(
            number=16,
            work=f"poll lag, history twice as {word} / every 15 s (simulated)",
            at_most=1.0,
            reach_for=0.8,
            measure=partial(_lag_to_15, ours=partial(_misled, wrong_by=wrong_by)),
        )
        for word, wrong_by in (("slow", 2.0), ("quick", 0.5))
    ),
)
