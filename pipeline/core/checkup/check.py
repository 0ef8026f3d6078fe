"""One thing that was looked at, and what it is like."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from pipeline.core.run.outcome import exit_code_of
from pipeline.errors import ExitCode, SongmakeError


class Verdict(StrEnum):
    """How serious it is."""

    OK = "ok"
    WARN = "warn"  # works, and may not for long
    FAIL = "fail"  # a command will be refused
    SKIP = "skip"  # not looked at, or of no use here


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """``name`` is what was looked at; ``code`` is what a command would end with if it failed."""

    name: str
    verdict: Verdict
    message: str
    hint: str | None = None
    code: ExitCode = ExitCode.OK


def ok(name: str, message: str, *, hint: str | None = None) -> Check:
    """Nothing to do."""
    return Check(name=name, verdict=Verdict.OK, message=message, hint=hint)


def skipped(name: str, message: str, *, hint: str | None = None) -> Check:
    """Not looked at, and why."""
    return Check(name=name, verdict=Verdict.SKIP, message=message, hint=hint)


def warning(name: str, message: str, *, hint: str) -> Check:
    """Works for now."""
    return Check(name=name, verdict=Verdict.WARN, message=message, hint=hint)


def failure(
    name: str, message: str, *, hint: str | None, code: ExitCode = ExitCode.FAILED
) -> Check:
    """Has to be mended."""
    return Check(name=name, verdict=Verdict.FAIL, message=message, hint=hint, code=code)


def refused(name: str, error: SongmakeError) -> Check:
    """What any other command would say and end with."""
    return failure(name, error.message, hint=error.hint, code=error.exit_code)


def exit_code(checks: Iterable[Check]) -> ExitCode:
    """That of the first failure in the order in which commands end; OK without one."""
    return exit_code_of(check.code for check in checks if check.verdict is Verdict.FAIL)
