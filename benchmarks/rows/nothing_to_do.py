"""Rows 2 to 4: asking whether anything is to be done, where nothing is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from benchmarks.bench import Bench
from benchmarks.measuring import Usage, paired, run
from benchmarks.projects import project
from benchmarks.row import Measured, Row

FEW, MANY = 1_000, 10_000
FEW_QUICK, MANY_QUICK = 100, 1_000
SLOW_ROUNDS = 3  # of a peer that takes seconds


def _cpu_ms(used: Usage) -> float:
    return used.cpu_s * 1000


def _peak_mib(used: Usage) -> float:
    return used.peak_bytes / (1 << 20)


def _compare(
    bench: Bench,
    *,
    peer: str,
    is_large: bool,
    rounds: int | None = None,
    of: Callable[[Usage], float] = _cpu_ms,
    unit: str = "ms",
) -> Measured:
    few, many = (FEW_QUICK, MANY_QUICK) if bench.is_quick else (FEW, MANY)
    songs = many if is_large else few

    def asked(name: str) -> Callable[[], float]:
        ready = project(name, songs, bench)
        return lambda: of(run(ready.argv, cwd=ready.folder, env=bench.env))

    return paired(
        asked("songmake_album"),
        asked(peer),
        rounds=bench.rounds if rounds is None else bench.rounds_up_to(rounds),
        unit=unit,
    )


_few = partial(_compare, is_large=False)
_many = partial(_compare, is_large=True)

ROWS = (
    Row(
        number=2,
        work="nothing to do, 1,000 songs / doit",
        at_most=0.5,
        reach_for=0.2,
        measure=partial(_few, peer="doit_project"),
    ),
    Row(
        number=2,
        work="nothing to do, 1,000 songs / Snakemake",
        at_most=0.06,
        reach_for=0.02,
        measure=partial(_few, peer="snakemake_project", rounds=SLOW_ROUNDS),
    ),
    Row(
        number=2,
        work="nothing to do, 1,000 songs / DVC status",
        at_most=0.02,
        reach_for=0.006,
        measure=partial(_few, peer="dvc_project", rounds=SLOW_ROUNDS),
    ),
    Row(
        number=3,
        work="nothing to do, 10,000 songs / Ninja",
        at_most=2.5,
        reach_for=1.5,
        measure=partial(_many, peer="ninja_project"),
    ),
    Row(
        number=3,
        work="nothing to do, 10,000 songs / doit",
        at_most=0.15,
        reach_for=0.1,
        measure=partial(_many, peer="doit_project"),
    ),
    Row(
        number=4,
        work="nothing to do, 10,000 songs, peak memory / doit",
        at_most=0.6,
        reach_for=0.4,
        measure=partial(_many, peer="doit_project", of=_peak_mib, unit="MiB"),
    ),
)
