"""Why a run ended as it did, and what to type next: one sentence each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from pipeline.core.documents.run_documents import REASONS
from pipeline.core.purchase.attempt import State
from pipeline.core.purchase.events import Warned
from pipeline.errors import ExitCode

WORDS = {
    State.FAILED: "failed",
    State.REJECTED: "rejected",
    State.LOST: "lost",
    State.IN_DOUBT: "in doubt",
    State.INTENT: "in doubt",
    State.SUBMITTED: "under way",
    State.READY: "under way",
    State.STORED: "stored",
    State.PLANNED: "not begun",
}
STOPPED = frozenset({ExitCode.INTERRUPTED, ExitCode.TERMINATED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """``reason`` is a sentence; ``next`` names the command that goes on, None if there is none."""

    reason: str
    next: str | None


def ending_of(
    code: ExitCode,
    *,
    states: Collection[State],
    blames: Sequence[Warned] = (),
    reason: str | None = None,
) -> Ending:
    """What ``code`` means in this run.

    ``states`` are those of the selected takes, ``blames`` the warnings that name their exit code,
    ``reason`` what the runner knows better.
    """
    blamed = [blame for blame in blames if blame.code is code]
    return Ending(
        reason=reason or _reason(code, states, blamed),
        next=_next(code, states, blamed),
    )


def counted_states(states: Iterable[State]) -> str:
    """``2 failed, 1 in doubt``: what is not published, in the order of :data:`WORDS`."""
    found = [WORDS[state] for state in states if state in WORDS]
    counts = {word: found.count(word) for word in dict.fromkeys(WORDS.values())}
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count)


def _reason(code: ExitCode, states: Collection[State], blamed: Sequence[Warned]) -> str:
    match code:
        case ExitCode.FAILED:
            return _failures(states, blamed)
        case ExitCode.IN_DOUBT:
            return f"{_takes(states, 'in doubt')} in doubt: billed perhaps, and not bought again"
        case ExitCode.BUDGET:
            return f"{REASONS[code]}: {_takes(states, 'not begun')} not bought"
        case ExitCode.UNFINISHED:
            rest = counted_states(state for state in states if state is not State.PUBLISHED)
            return f"unfinished: {rest}" if rest else REASONS[code]
        case ExitCode.INTERRUPTED | ExitCode.TERMINATED:
            word = "interrupted" if code is ExitCode.INTERRUPTED else "terminated"
            rest = counted_states(state for state in states if state is not State.PUBLISHED)
            return f"{word}: {rest or 'nothing is left to do'}; nothing is lost"
        case ExitCode.DAMAGED if blamed:
            return blamed[0].message
        case _:
            return REASONS[code]


def _failures(states: Collection[State], blamed: Sequence[Warned]) -> str:
    stuck = (State.FAILED, State.REJECTED, State.LOST)
    counts = counted_states(state for state in states if state in stuck)
    parts = [*dict.fromkeys(blame.message for blame in blamed), *([counts] if counts else [])]
    return "; ".join(parts) or REASONS[ExitCode.FAILED]


def _takes(states: Collection[State], word: str) -> str:
    count = sum(WORDS.get(state) == word for state in states)
    return "1 take is" if count == 1 else f"{count} takes are"


def _next(code: ExitCode, states: Collection[State], blamed: Sequence[Warned]) -> str | None:
    match code:
        case ExitCode.FAILED:
            return _after_failure(states, blamed)
        case ExitCode.IN_DOUBT:
            return "songmake status prints the command that settles it"
        case ExitCode.BUDGET:
            return "songmake plan shows what is left; raise budget_usd or --max-cost to go on"
        case ExitCode.UNFINISHED:
            return "songmake render goes on; what is paid is collected free"
        case ExitCode.INTERRUPTED | ExitCode.TERMINATED:
            return "songmake render goes on where it was"
        case ExitCode.DAMAGED:
            return next((blame.hint for blame in blamed if blame.hint), "songmake verify")
        case ExitCode.DIFFERS:
            return "songmake plan shows what a render would do about it"
        case _:
            return None


def _after_failure(states: Collection[State], blamed: Sequence[Warned]) -> str:
    hint = next((blame.hint for blame in blamed if blame.hint), None)
    if hint is not None:
        return hint
    stuck = [state for state in (State.FAILED, State.REJECTED, State.LOST) if state in states]
    if not stuck:
        return "songmake status"
    if stuck == [State.REJECTED]:
        return "songmake status says why; change the song, then songmake render"
    words = " ".join(f"--replace state:{state}" for state in stuck if state is not State.REJECTED)
    return f"songmake status says why; songmake render {words} buys again"
