"""How a run ended: one exit code out of everything that happened."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.errors import PRECEDENCE, ExitCode


def exit_code_of(causes: Iterable[ExitCode]) -> ExitCode:
    """The first cause in the order of precedence; none at all is OK."""
    found = set(causes)
    return next((code for code in PRECEDENCE if code in found), ExitCode.OK)
