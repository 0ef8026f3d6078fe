"""What to type for a take that does not move on by itself."""

from __future__ import annotations

from pipeline.core.purchase.attempt import Attempt, State
from pipeline.core.purchase.plan import ADOPTED_AND_GONE, Action, Stuck
from pipeline.core.wanted.album import TakeRef


def mend_of(ref: TakeRef, attempt: Attempt | None, *, is_wanted: bool) -> str | None:
    """The command that moves a take on, or None if it is where it should be."""
    if attempt is None:
        return "songmake render"
    if attempt.superseded_at is not None:
        return None
    match attempt.state:
        case State.PUBLISHED:
            return None
        case State.STORED | State.PLANNED:
            return "songmake render" if is_wanted else None
        case State.SUBMITTED | State.READY | State.INTENT:
            return "songmake render"
        case State.IN_DOUBT:
            return f"songmake settle '{attempt.ref}' --generation ID"
        case _:
            return f"songmake render --replace '{ref}'" if is_wanted else None


def mend_of_action(action: Action) -> str | None:
    """The command for a take that only a person moves on."""
    if not isinstance(action, Stuck):
        return None
    if action.reason == ADOPTED_AND_GONE:
        return f"songmake adopt '{action.take.ref}' --file F"
    return f"songmake render --replace '{action.take.ref}'"


def settle_hint(name: object) -> str:
    """What to type for the take or client request id of that name."""
    return (
        "with --charged, --not-charged or its id in the provider's log: "
        f"songmake settle '{name}' --generation ID"
    )
