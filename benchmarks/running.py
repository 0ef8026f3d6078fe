"""Rows measured one after the other, each in a folder of its own; one that fails stops no other."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.outcome import Outcome
from benchmarks.row import Row


def outcomes(rows: Iterable[Row], bench_in: Callable[[Path], Bench]) -> Iterator[Outcome]:
    """What becomes of each row; says on standard error which one it is at."""
    for row in rows:
        sys.stderr.write(f"{row.number:>2} {row.work} … ")
        sys.stderr.flush()
        outcome = _outcome(row, bench_in)
        sys.stderr.write(f"{outcome.verdict} ({outcome.took_s:.0f} s)\n")
        yield outcome


def _outcome(row: Row, bench_in: Callable[[Path], Bench]) -> Outcome:
    begun_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="songmake-bench-") as scratch:
        try:
            measured, error = row.measure(bench_in(Path(scratch))), ""
        except Exception as failure:  # the other rows go on, whatever it was
            measured, error = None, f"{type(failure).__name__}: {failure}"
    took_s = time.monotonic() - begun_s
    return Outcome(row=row, measured=measured, error=error, took_s=took_s)
