"""A line of the table: the work, its goals, and how it is measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.bench import Bench


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One size of a row that is measured at several: ``cost`` is one song's, in the row's unit."""

    series: str
    songs: int
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """``ratio`` is the median of the paired ratios, ``low`` and ``high`` are their quartiles.

    ``ours`` and ``theirs`` are medians in ``unit`` ("ms", "s/GB", "MiB" …). Where the goal is no
    ratio but an amount (``Row.unit``), ratio, low and high are that amount,
    and ``theirs`` is 0 without a peer. ``points`` are plotted.
    """

    ratio: float
    low: float
    high: float
    ours: float
    theirs: float
    unit: str
    rounds: int
    points: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Work and goals; several rows may share a number.

    ``unit`` is the goals': "x" for a ratio, or an amount's ("MiB"). ``reason`` says why a goal is
    missed; it is printed where that is so. Time is CPU time unless ``work`` says wall.
    """

    number: int
    work: str
    at_most: float
    reach_for: float
    measure: Callable[[Bench], Measured]
    is_at_least: bool = False
    unit: str = "x"
    reason: str = ""

    def is_met(self, measured: Measured) -> bool:
        """Whether the figure is on the right side of ``at_most``."""
        return self._is_within(measured.ratio, self.at_most)

    def is_reached(self, measured: Measured) -> bool:
        """Whether it is on the right side of ``reach_for``."""
        return self._is_within(measured.ratio, self.reach_for)

    def _is_within(self, figure: float, goal: float) -> bool:
        return figure >= goal if self.is_at_least else figure <= goal
