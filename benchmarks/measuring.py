"""Figures from children and calls, taken in turn so that both sides meet the same weather."""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.row import Measured

_LAUNCHER = Path(__file__).with_name("launcher.py")
_TAIL_BYTES = 2000


class CommandFailed(Exception):
    """A measured command ended otherwise than it has to; the message ends with what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a command and all its children took; ``cpu_s`` is user and system time."""

    cpu_s: float
    wall_s: float
    peak_bytes: int


def run(
    argv: Sequence[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str],
    exits: tuple[int, ...] = (0,),
) -> Usage:
    """Runs a command to its end and says what it took.

    It is started by a small Python of its own: Linux counts the memory of whoever forks into the
    peak of the child, so this process would hide any peak below its own.

    Raises CommandFailed where its exit code is none of ``exits``.
    """
    with tempfile.TemporaryFile() as said:
        launched = subprocess.run(
            [sys.executable, "-I", "-S", str(_LAUNCHER), *map(str, argv)],
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            check=True,
        )
        found = json.loads(launched.stdout)
        if found["exit"] not in exits:
            said.seek(0, 2)
            said.seek(max(0, said.tell() - _TAIL_BYTES))
            tail = said.read().decode(errors="replace").strip()
            raise CommandFailed(f"{Path(argv[0]).name} ended with {found['exit']}: {tail}")
    return Usage(cpu_s=found["cpu_s"], wall_s=found["wall_s"], peak_bytes=found["peak_bytes"])


def cpu_s(work: Callable[[], object]) -> float:
    """The CPU seconds that a call takes in this process, all its threads included."""
    before = time.process_time()
    work()
    return time.process_time() - before


def paired(
    ours: Callable[[], float],
    theirs: Callable[[], float],
    *,
    rounds: int,
    unit: str,
    warm_ups: int = 1,
) -> Measured:
    """Measures both in every round, in alternating order; ``warm_ups`` rounds are not counted."""
    for _ in range(warm_ups):
        ours(), theirs()
    pairs: list[tuple[float, float]] = []
    for turn in range(rounds):
        if turn % 2:
            peer = theirs()
            pairs.append((ours(), peer))
        else:
            own = ours()
            pairs.append((own, theirs()))
    return summarized(pairs, unit=unit)


def summarized(pairs: Sequence[tuple[float, float]], *, unit: str) -> Measured:
    """The figures of rounds that were measured already: ``(ours, theirs)`` each."""
    low, ratio, high = quartiles([own / peer for own, peer in pairs])
    return Measured(
        ratio=ratio,
        low=low,
        high=high,
        ours=statistics.median(own for own, _ in pairs),
        theirs=statistics.median(peer for _, peer in pairs),
        unit=unit,
        rounds=len(pairs),
    )


def amounts(figures: Sequence[float], *, unit: str) -> Measured:
    """The figures of a row whose goal is an amount, without a peer."""
    low, middle, high = quartiles(figures)
    return Measured(
        ratio=middle, low=low, high=high, ours=middle, theirs=0.0, unit=unit, rounds=len(figures)
    )


def quartiles(figures: Sequence[float]) -> tuple[float, float, float]:
    """First quartile, median and third quartile; of one figure, that figure three times."""
    if len(figures) == 1:
        return figures[0], figures[0], figures[0]
    low, middle, high = statistics.quantiles(figures, n=4, method="inclusive")
    return low, middle, high


def tenfold(costs: Sequence[tuple[int, float]]) -> float:
    """What one song costs with ten times the songs, from the line through all sizes' logarithms.

    ``costs`` has the number of songs and the cost of one; 1.0 means that it does not grow.
    """
    fitted = statistics.linear_regression(
        [math.log10(songs) for songs, _ in costs], [math.log10(cost) for _, cost in costs]
    )
    return float(10**fitted.slope)
