"""An album's money on its page: against the budget, by what became of it."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.core.money import Balance, microusd, price_text
from pipeline.core.purchase.attempt import Attempt, balance_of
from pipeline.core.room.view import SpendingBar
from pipeline.core.wanted.album import Album

WHOLE = 1000


def spending_bar(album: Album, own: Iterable[Attempt]) -> SpendingBar:
    """``own`` are the attempts that the album submitted; without a budget there is no bar."""
    balance = balance_of(own)
    budget = None if album.budget_usd is None else microusd(album.budget_usd)
    return SpendingBar(
        summary=_summary(balance, budget),
        parts=None if budget is None else tuple(_parts(balance, budget)),
        legend=tuple((word, price_text(amount)) for word, amount in balance.parts if amount),
    )


def _summary(balance: Balance, budget: int | None) -> str:
    spent = price_text(balance.committed) if balance.committed else "Nothing spent"
    return f"{spent} of {price_text(budget)}" if budget is not None else spent


def _parts(balance: Balance, budget: int) -> Iterable[tuple[str, int]]:
    """A part is never longer than what is left of the bar, nor too short to be seen."""
    left = WHOLE
    for word, amount in balance.parts:
        length = min(left, max(amount * WHOLE // max(budget, 1), 4)) if amount else 0
        left -= length
        if length:
            yield word.replace(" ", "-"), length
