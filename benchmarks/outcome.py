"""What became of a row: figures, or the error that stopped it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from benchmarks.row import Measured, Row


class Verdict(StrEnum):
    """A row beside its goals."""

    REACHED = "reached"  # what to reach for is reached
    MET = "met"  # at most what it may be
    MISSED = "missed"
    FAILED = "failed"  # there is no figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """``measured`` is None where the row failed; ``error`` says why. ``took_s`` is wall time."""

    row: Row
    measured: Measured | None = None
    error: str = ""
    took_s: float = 0.0

    @property
    def verdict(self) -> Verdict:
        """The row beside its goals."""
        if self.measured is None:
            return Verdict.FAILED
        if self.row.is_reached(self.measured):
            return Verdict.REACHED
        return Verdict.MET if self.row.is_met(self.measured) else Verdict.MISSED
