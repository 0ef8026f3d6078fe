"""What a plan would pay for, within its limits, at the prices of today or of the profiles."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from pipeline.core.purchase.budget import Caps, over_budget
from pipeline.core.purchase.plan import Action, Buy
from pipeline.core.wanted.album import AlbumId, Provider
from pipeline.core.wanted.takes import WantedTake


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """A plan's actions, and the limits that it is held to."""

    actions: tuple[Action, ...]
    committed: Mapping[AlbumId, int]
    caps: Caps

    def purchases(self) -> tuple[Buy, ...]:
        """What would be paid for, as far as the budgets have room."""
        stopped = over_budget(self.actions, self.committed, self.caps)
        return tuple(
            action
            for action in self.actions
            if isinstance(action, Buy)
            and action.take.provider is Provider.AIMLAPI
            and action.take.ref not in stopped
        )

    def at(self, quotes: Mapping[str, int], albums: Collection[str] | None = None) -> Spending:
        """The same plan with prices that have risen; only in ``albums``, if they are given."""
        actions = tuple(_raised(action, quotes, albums) for action in self.actions)
        return replace(self, actions=actions)


def _raised(action: Action, quotes: Mapping[str, int], albums: Collection[str] | None) -> Action:
    if not isinstance(action, Buy) or action.take.provider is not Provider.AIMLAPI:
        return action
    quoted = quotes.get(model_of(action.take))
    is_meant = albums is None or action.take.ref.album in albums
    if quoted is None or quoted <= action.take.price_microusd or not is_meant:
        return action
    return replace(action, take=replace(action.take, price_microusd=quoted))


def model_of(take: WantedTake) -> str:
    """The model as the request names it."""
    named = take.body.get("model")
    return named if isinstance(named, str) else take.model


def models_of(spending: Spending) -> tuple[str, ...]:
    """The models that would be paid, each once, in the plan's order."""
    return tuple(dict.fromkeys(model_of(buy.take) for buy in spending.purchases()))
