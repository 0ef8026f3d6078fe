"""``make bench``: measures the rows, one after the other, and prints their table."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.outcome import Outcome
from benchmarks.peers import Peers
from benchmarks.row import Row
from benchmarks.rows import all_rows
from benchmarks.table import table

ROUNDS = 11
QUICK_ROUNDS = 3


def main() -> int:
    """The exit code: 1 if a row failed, 130 if interrupted; a missed goal is no error."""
    wished = _parser().parse_args()
    rows = [row for row in all_rows() if not wished.row or row.number in wished.row]
    outcomes: list[Outcome] = []
    try:
        for outcome in _measured(rows, wished):
            outcomes.append(outcome)
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted: the table has what was finished\n")
        sys.stdout.write(table(outcomes))
        return 130
    sys.stdout.write(table(outcomes))
    return int(any(outcome.measured is None for outcome in outcomes))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--row", type=int, action="append", metavar="N", help="only this row")
    parser.add_argument("--rounds", type=int, metavar="N", help="pairs of a cheap row")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller sizes")
    parser.add_argument("--peers", type=Path, default=Path(".venv-bench/bin"), metavar="DIR")
    return parser


def _measured(rows: Iterable[Row], wished: argparse.Namespace) -> Iterator[Outcome]:
    for row in rows:
        sys.stderr.write(f"{row.number:>2} {row.work} … ")
        sys.stderr.flush()
        outcome = _outcome(row, wished)
        sys.stderr.write(f"{outcome.verdict} ({outcome.took_s:.0f} s)\n")
        yield outcome


def _outcome(row: Row, wished: argparse.Namespace) -> Outcome:
    begun_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="songmake-bench-") as scratch:
        bench = _bench(Path(scratch), wished)
        try:
            measured, error = row.measure(bench), ""
        except Exception as failure:  # the other rows go on, whatever it was
            measured, error = None, f"{type(failure).__name__}: {failure}"
    took_s = time.monotonic() - begun_s
    return Outcome(row=row, measured=measured, error=error, took_s=took_s)


def _bench(scratch: Path, wished: argparse.Namespace) -> Bench:
    here = Path(sys.executable).parent  # not resolved: the environment's, where songmake is
    return Bench(
        rounds=wished.rounds or (QUICK_ROUNDS if wished.quick else ROUNDS),
        is_quick=wished.quick,
        scratch=scratch,
        songmake=here / "songmake",
        python=here / "python",
        peers=Peers(bin=wished.peers.absolute()),
    )


if __name__ == "__main__":
    sys.exit(main())
