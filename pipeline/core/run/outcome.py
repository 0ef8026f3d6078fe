"""How a run ended: one exit code out of everything that happened, and its words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pipeline.core.purchase.attempt import STUCK, State
from pipeline.errors import PRECEDENCE, ExitCode

REASONS: Mapping[ExitCode, str] = {
    ExitCode.OK: "every selected take is there",
    ExitCode.FAILED: "a song failed, was rejected or lost, or the account or the disk refused",
    ExitCode.USAGE: "nothing was sent: the command, a manifest or the set-up has to be mended",
    ExitCode.IN_DOUBT: "a take is in doubt: settle it",
    ExitCode.LOCKED: "another run holds the lock",
    ExitCode.BUDGET: "the budget stopped buying",
    ExitCode.UNFINISHED: "unfinished: run again, what is paid is collected free",
    ExitCode.DAMAGED: "journal or store need mending: nothing was bought",
    ExitCode.DIFFERS: "something differs or is not published",
    ExitCode.INTERRUPTED: "interrupted: run again to go on",
    ExitCode.TERMINATED: "terminated: run again to go on",
}


def exit_code_of(
    causes: Iterable[ExitCode], precedence: Sequence[ExitCode] = PRECEDENCE
) -> ExitCode:
    """The first cause in the order of precedence; none at all is OK."""
    found = set(causes)
    return next((code for code in precedence if code in found), ExitCode.OK)


def causes_of_states(states: Iterable[State]) -> set[ExitCode]:
    """What the takes' final states mean for the exit code."""
    causes: set[ExitCode] = set()
    for state in states:
        if state is State.PUBLISHED:
            continue
        if state is State.IN_DOUBT:
            causes.add(ExitCode.IN_DOUBT)
        elif state in STUCK:
            causes.add(ExitCode.FAILED)
        else:
            causes.add(ExitCode.UNFINISHED)
    return causes
