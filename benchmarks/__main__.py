"""``make bench``: measures the rows, one after the other, and prints their table.

A whole run replaces benchmarks/results/ and the figures of docs/performance.md; one of selected
rows, a quick one and one that was interrupted leave what they found in .bench/ alone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from benchmarks import page
from benchmarks.bench import Bench
from benchmarks.outcome import Outcome
from benchmarks.peers import Peers
from benchmarks.results import LATEST, from_json, to_json
from benchmarks.rows import all_rows
from benchmarks.running import outcomes
from benchmarks.table import table

ROUNDS = 11
QUICK_ROUNDS = 3


def main() -> int:
    """The exit code: 1 if a row failed, 130 if interrupted; a missed goal is no error."""
    wished = _parser().parse_args()
    rows = [row for row in all_rows() if not wished.row or row.number in wished.row]
    found: list[Outcome] = []
    is_whole = not (wished.row or wished.quick)
    try:
        for outcome in outcomes(rows, partial(_bench, wished)):
            found.append(outcome)
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted: the table has what was finished\n")
        _tell(found, wished, is_whole=False)
        return 130
    _tell(found, wished, is_whole=is_whole)
    return int(any(outcome.measured is None for outcome in found))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench")
    numbers = sorted({row.number for row in all_rows()})
    parser.add_argument(
        "--row", type=int, action="append", metavar="N", choices=numbers, help="only this number"
    )
    parser.add_argument("--rounds", type=int, metavar="N", help=f"pairs of a cheap row: {ROUNDS}")
    parser.add_argument("--quick", action="store_true", help="few rounds, small sizes: to try it")
    parser.add_argument(
        "--peers", type=Path, default=Path(".venv-bench/bin"), metavar="DIR", help="their commands"
    )
    parser.add_argument(
        "--kept",
        type=Path,
        default=Path(".bench"),
        metavar="DIR",
        help="what later runs find again",
    )
    return parser


def _tell(found: Sequence[Outcome], wished: argparse.Namespace, *, is_whole: bool) -> None:
    """Prints the table, and writes JSON and pictures of it."""
    sys.stdout.write(table(found))
    text = to_json(found, is_quick=wished.quick)
    path = LATEST if is_whole else wished.kept / "latest.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    if is_whole:
        page.main()
    else:
        page.write(path.parent, from_json(text))
    sys.stderr.write(f"written {path}, and pictures beside it\n")
    if wished.quick:
        sys.stderr.write("quick: small sizes and few rounds, so no verdict counts\n")


def _bench(wished: argparse.Namespace, scratch: Path) -> Bench:
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
