"""Row 1: what songmake takes to say something about itself, beside a Python that does nothing."""

from __future__ import annotations

from functools import partial

from benchmarks.bench import Bench
from benchmarks.measuring import paired, run
from benchmarks.row import Measured, Row


def _start(bench: Bench, option: str) -> Measured:
    def ours() -> float:
        return run([bench.songmake, option], cwd=bench.scratch, env=bench.env).cpu_s * 1000

    def theirs() -> float:
        return run([bench.python, "-c", "pass"], cwd=bench.scratch, env=bench.env).cpu_s * 1000

    return paired(ours, theirs, rounds=bench.rounds, unit="ms")


ROWS = tuple(
    Row(
        number=1,
        work=f"songmake {option} / python -c pass",
        at_most=1.5,
        reach_for=1.2,
        measure=partial(_start, option=option),
    )
    for option in ("--help", "--version")
)
