"""``make bench``: measures the rows, one after the other, and prints their table.

A whole run replaces benchmarks/results/ and the figures of docs/performance.md; one of selected
rows, a quick one and one that was interrupted leave what they found in .bench/ alone.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from benchmarks import page
from benchmarks.bench import Bench
from benchmarks.outcome import Outcome
from benchmarks.peers import Peers
from benchmarks.results import LATEST, from_json, to_json
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
    is_whole = not (wished.row or wished.quick)
    try:
        for outcome in _measured(rows, wished):
            outcomes.append(outcome)
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted: the table has what was finished\n")
        _tell(outcomes, wished, is_whole=False)
        return 130
    _tell(outcomes, wished, is_whole=is_whole)
    return int(any(outcome.measured is None for outcome in outcomes))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--row", type=int, action="append", metavar="N", help="only this number")
    parser.add_argument("--rounds", type=int, metavar="N", help=f"pairs of a cheap row: {ROUNDS}")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller sizes")
    parser.add_argument("--peers", type=Path, default=Path(".venv-bench/bin"), metavar="DIR")
    parser.add_argument("--kept", type=Path, default=Path(".bench"), metavar="DIR")
    return parser


def _tell(outcomes: Sequence[Outcome], wished: argparse.Namespace, *, is_whole: bool) -> None:
    """Prints the table, and writes JSON and pictures of it."""
    sys.stdout.write(table(outcomes))
    text = to_json(outcomes, is_quick=wished.quick)
    path = LATEST if is_whole else wished.kept / "latest.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    if is_whole:
        page.main()
    else:
        page.write(path.parent, from_json(text))
    sys.stderr.write(f"written {path}, and pictures beside it\n")


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
        kept=wished.kept.absolute(),
        songmake=here / "songmake",
        python=here / "python",
        peers=Peers(bin=wished.peers.absolute()),
    )


if __name__ == "__main__":
    sys.exit(main())
