"""Every figure beside its goal: a dot a row on a logarithmic scale, whiskers to the quartiles."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from benchmarks.outcome import Outcome, Verdict
from benchmarks.plots.drawing import band, diamond, dot, line, picture, text
from benchmarks.row import Measured, Row
from benchmarks.table import figure

_WIDTH, _ROW, _TOP, _BOTTOM = 960, 26, 92, 42
_LEFT, _RIGHT = 408, 790
_LONGEST = 54
_LEAST, _MOST = 1 / 64, 4.0
_SCALE = (
    (1 / 64, "1/64"),
    (1 / 16, "1/16"),
    (1 / 4, "1/4"),
    (1 / 2, "1/2"),
    (1, "goal"),
    (2, "2×"),
    (4, "4×"),
)


def goals_svg(outcomes: Sequence[Outcome]) -> str:
    """The picture of all rows that have a figure."""
    shown = [(one, one.measured) for one in outcomes if one.measured is not None]
    height = _TOP + _ROW * len(shown) + _BOTTOM
    shapes = [
        text(20, 30, "Every figure beside its goal", kind="ink title"),
        text(20, 50, "left of the line is better; logarithmic", kind="quiet small"),
        *_legend(),
        *_bands(len(shown)),
        *_grid(height),
    ]
    for place, (outcome, measured) in enumerate(shown):
        shapes += _row(outcome, measured, _TOP + _ROW * place + _ROW / 2)
    return picture(_WIDTH, height, shapes, title="Benchmark figures as parts of their goals")


def place_of(row: Row, value: float) -> float:
    """``value`` as a part of the goal, below 1 where it is better."""
    return row.at_most / value if row.is_at_least else value / row.at_most


def _x(part: float) -> float:
    within = min(max(part, _LEAST), _MOST)
    share = math.log(within / _LEAST) / math.log(_MOST / _LEAST)
    return _LEFT + share * (_RIGHT - _LEFT)


def _legend() -> Iterator[str]:
    y = 46
    yield dot(417, y - 4, kind="c0")
    yield text(429, y, "as far as we reach for", kind="quiet small")
    yield dot(580, y - 4, kind="c1 hollow")
    yield text(592, y, "within the goal", kind="quiet small")
    yield diamond(698, y - 4, kind="c2")
    yield text(711, y, "missed", kind="quiet small")
    yield line(774, y - 10, 774, y + 2, kind="reach")
    yield text(782, y, "what we reach for", kind="quiet small")


def _bands(rows: int) -> Iterator[str]:
    for place in range(0, rows, 2):
        yield band(12, _TOP + _ROW * place, _WIDTH - 24, _ROW)


def _grid(height: int) -> Iterator[str]:
    for part, name in _SCALE:
        kind = "goal" if part == 1 else "grid"
        yield line(_x(part), _TOP - 4, _x(part), height - _BOTTOM + 4, kind=kind)
        for y in (_TOP - 10, height - _BOTTOM + 20):
            yield text(_x(part), y, name, kind="quiet small", anchor="middle")


def _row(outcome: Outcome, measured: Measured, y: float) -> Iterator[str]:
    row = outcome.row
    work = row.work if len(row.work) <= _LONGEST else f"{row.work[: _LONGEST - 1].rstrip()}…"
    yield text(44, y + 4, str(row.number), kind="quiet", anchor="end")
    yield text(54, y + 4, work, kind="ink small")
    reach = _x(place_of(row, row.reach_for))
    yield line(reach, y - 8, reach, y + 8, kind="reach")
    yield _mark(outcome, measured, y)
    unit = "×" if row.unit == "x" else f" {row.unit}"
    sign = "≥ " if row.is_at_least else "≤ "
    yield text(868, y + 4, f"{figure(measured.ratio)}{unit}", kind="ink small", anchor="end")
    yield text(940, y + 4, f"{sign}{figure(row.at_most)}", kind="quiet small", anchor="end")


def _mark(outcome: Outcome, measured: Measured, y: float) -> str:
    row = outcome.row
    low, middle, high = (
        _x(place_of(row, value)) for value in (measured.low, measured.ratio, measured.high)
    )
    match outcome.verdict:
        case Verdict.REACHED:
            kind, mark = "c0", dot(middle, y, kind="c0")
        case Verdict.MET:
            kind, mark = "c1", dot(middle, y, kind="c1 hollow")
        case _:
            kind, mark = "c2", diamond(middle, y, kind="c2")
    return line(low, y, high, y, kind=f"mark {kind}") + mark
