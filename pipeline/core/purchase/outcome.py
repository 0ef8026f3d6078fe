"""How a run ended: one exit code out of everything that happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.errors import PRECEDENCE, ExitCode


def exit_code_of(
    causes: Iterable[ExitCode], precedence: Sequence[ExitCode] = PRECEDENCE
) -> ExitCode:
    """The first cause in the order of precedence; none at all is OK."""
    found = set(causes)
    return next((code for code in precedence if code in found), ExitCode.OK)
