"""Why a run ended as it did, and what to type next: one sentence each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from pipeline.core.purchase.attempt import COLLECTABLE, State
from pipeline.core.purchase.state_words import COUNTED_WORDS
from pipeline.core.run.events import Warned
from pipeline.core.run.outcome import REASONS
from pipeline.errors import ExitCode

STUCK_WORDS = {
    State.FAILED: "failed",
    State.REJECTED: "was rejected",
    State.LOST: "was lost",
}


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
    """``2 failed, 1 in doubt``: what is not published, in the order of :data:`COUNTED_WORDS`."""
    found = [COUNTED_WORDS[state] for state in states if state in COUNTED_WORDS]
    counts = {word: found.count(word) for word in dict.fromkeys(COUNTED_WORDS.values())}
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count)


def _reason(code: ExitCode, states: Collection[State], blamed: Sequence[Warned]) -> str:
    match code:
        case ExitCode.FAILED:
            return _failures(states, blamed)
        case ExitCode.IN_DOUBT:
            return "the answer to a paid request was lost: billed perhaps, and not bought again"
        case ExitCode.UNFINISHED if COLLECTABLE & set(states):
            return "unfinished: what is under way is paid for"
        case ExitCode.UNFINISHED:
            return "unfinished: not everything was begun"
        case ExitCode.INTERRUPTED:
            return "interrupted: nothing is lost"
        case ExitCode.TERMINATED:
            return "terminated: nothing is lost"
        case ExitCode.DAMAGED if blamed:
            return blamed[0].message
        case _:
            return REASONS[code]


def _failures(states: Collection[State], blamed: Sequence[Warned]) -> str:
    messages = dict.fromkeys(blame.message for blame in blamed)
    if messages:
        return "; ".join(messages)
    words = [word for state, word in STUCK_WORDS.items() if state in states]
    return f"a song {' or '.join(words)}" if words else REASONS[ExitCode.FAILED]


def _next(code: ExitCode, states: Collection[State], blamed: Sequence[Warned]) -> str | None:
    match code:
        case ExitCode.FAILED:
            return _after_failure(states, blamed)
        case ExitCode.IN_DOUBT:
            return "for the command that settles it: songmake status"
        case ExitCode.BUDGET:
            return "raise budget_usd or --max-cost to go on; what is left: songmake plan"
        case ExitCode.UNFINISHED:
            return "to go on, collecting free what is paid: songmake render"
        case ExitCode.INTERRUPTED | ExitCode.TERMINATED:
            return "to go on where it was: songmake render"
        case ExitCode.DAMAGED:
            return next((blame.hint for blame in blamed if blame.hint), "songmake verify")
        case ExitCode.DIFFERS:
            return "what render would do about it, and for how much: songmake plan"
        case _:
            return None


def _after_failure(states: Collection[State], blamed: Sequence[Warned]) -> str:
    hint = next((blame.hint for blame in blamed if blame.hint), None)
    if hint is not None:
        return hint
    stuck = [state for state in STUCK_WORDS if state in states]
    if not stuck:
        return "songmake status"
    if stuck == [State.REJECTED]:
        return "it is refused again unless the song changes; to see why: songmake status"
    words = " ".join(f"--replace state:{state}" for state in stuck if state is not State.REJECTED)
    return f"to see why: songmake status\nto buy again: songmake render {words}"
