"""The outcomes as a table of at most 100 columns."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

from benchmarks.outcome import Outcome, Verdict
from benchmarks.row import Measured

WIDTH = 100
_WORK = 34
_HEAD = ("#", "work", "ours", "peer", "ratio (quartiles)", "at most", "reach", "verdict")
_CELLS = f"{{:>2}} {{:<{_WORK}}} {{:>10}} {{:>7}} {{:>20}} {{:>7}} {{:>6}} {{:<7}}"  # 100 at most


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
    spread = f"{figure(measured.low, digits=2)}–{figure(measured.high, digits=2)}"
    ratio = f"{figure(measured.ratio)} ({spread})" if measured.rounds > 1 else _once(measured)
    return (
        f"{figure(measured.ours)} {measured.unit}",
        figure(measured.theirs) if measured.theirs else "–",
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


def figure(value: float, *, digits: int = 3) -> str:
    """So many significant digits, never an exponent: 0.012345 -> "0.0123", 123456 -> "123k"."""
    if value == 0:
        return "0"
    if abs(value) >= 100_000:
        return f"{value / 1000:.0f}k"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if places else text
