"""An action of the plan: in one word, why, and for how much."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from pipeline.core.purchase.plan import Action, Buy, Collect, Keep, LookUp, Publish, Share, Stuck
from pipeline.core.wanted.album import TakeRef


def verb_of(action: Action) -> str:
    """One word for what would be done."""
    match action:
        case Keep():
            return "keep"
        case Publish():
            return "publish"
        case Collect():
            return "collect"
        case LookUp():
            return "look_up"
        case Buy():
            return "buy"
        case Share():
            return "share"
        case Stuck():
            return "stuck"
        case _:
            assert_never(action)


def reason_of(action: Action) -> str:
    """Why, in a few words."""
    match action:
        case Keep():
            return "published and up to date"
        case Share(owner=owner):
            return f"same request as {owner}, paid once"
        case _:
            return action.reason


def price_of(action: Action) -> int:
    """What it would reserve, in micro-dollars."""
    return action.take.price_microusd if isinstance(action, Buy) else 0


def affordable_microusd(actions: Iterable[Action], stopped: frozenset[TakeRef]) -> int:
    """What the purchases cost that the budgets have room for."""
    return sum(
        action.take.price_microusd
        for action in actions
        if isinstance(action, Buy) and action.take.ref not in stopped
    )


def is_pending(action: Action) -> bool:
    """Whether a render would have something to do, or could not do it."""
    return not isinstance(action, Keep)
