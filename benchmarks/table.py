"""The outcomes as a table of at most 100 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from benchmarks.outcome import Outcome, Verdict
from benchmarks.row import Measured

WIDTH = 100
_WORK = 37
_HEAD = ("#", "work", "ours", "peer", "ratio (quartiles)", "at most", "reach", "verdict")
_CELLS = f"{{:>2}} {{:<{_WORK}}} {{:>8}} {{:>8}} {{:>18}} {{:>7}} {{:>6}} {{:<7}}"  # 100 at most


def table(outcomes: Sequence[Outcome]) -> str:
    """One line a row, and below it what it has to say for itself."""
    lines = [_CELLS.format(*_HEAD).rstrip(), "-" * WIDTH]
    for outcome in outcomes:
        lines += lines_of(outcome)
    return "\n".join(lines) + "\n"


def lines_of(outcome: Outcome) -> list[str]:
    """The row's line; a long work goes on below, then the reason of a miss or the error."""
    row = outcome.row
    work = textwrap.wrap(row.work, _WORK)
    sign = "≥" if row.is_at_least else ""
    own, peer, ratio = ("–", "–", "–") if outcome.measured is None else _figures(outcome.measured)
    first = _CELLS.format(
        row.number,
        work[0],
        own,
        peer,
        ratio,
        f"{sign}{figure(row.at_most)}",
        f"{sign}{figure(row.reach_for)}",
        outcome.verdict,
    )
    return [first.rstrip(), *(f"   {more}" for more in work[1:]), *_remarks(outcome)]


def _figures(measured: Measured) -> tuple[str, str, str]:
    spread = f"{figure(measured.low)}–{figure(measured.high)}"
    ratio = f"{figure(measured.ratio)} ({spread})" if measured.rounds > 1 else _once(measured)
    return (
        f"{figure(measured.ours)} {measured.unit}",
        f"{figure(measured.theirs)}",
        ratio,
    )


def _once(measured: Measured) -> str:
    return f"{figure(measured.ratio)} (once)"


def _remarks(outcome: Outcome) -> list[str]:
    match outcome.verdict:
        case Verdict.FAILED:
            said = outcome.error
        case Verdict.MISSED:
            said = outcome.row.reason or "no reason is known"
        case _:
            return []
    return textwrap.wrap(said, WIDTH, initial_indent="     ", subsequent_indent="     ")


def figure(value: float) -> str:
    """Three significant digits, never an exponent: 1234 -> "1234", 0.01234 -> "0.0123"."""
    if value == 0:
        return "0"
    size = abs(value)
    for least, places in ((100, 0), (10, 1), (1, 2), (0.1, 3), (0.01, 4), (0.001, 5)):
        if size >= least:
            text = f"{value:.{places}f}"
            return text.rstrip("0").rstrip(".") if places else text
    return f"{value:.6f}"
