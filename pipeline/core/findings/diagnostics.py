"""Findings about a manifest or its lyrics, each at one place in one file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Whether a finding stops the command."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place in a text: 1-based line and column, counted in code points."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One finding. ``source_line`` is the line of ``file`` it points at, without its line end."""

    severity: Severity
    file: str
    position: Position
    message: str
    hint: str | None = None
    source_line: str | None = None
