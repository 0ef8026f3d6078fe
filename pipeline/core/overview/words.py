"""Small texts of the overview: money and days."""

from __future__ import annotations

from datetime import date

from pipeline.core.ledger.reconciliation import moment
from pipeline.core.money import MICRO, Balance, price_text
from pipeline.core.overview.view import Amount

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def kind_of(word: str) -> str:
    """A word of :attr:`~pipeline.core.money.Balance.parts` as style sheets spell it."""
    return word.replace(" ", "-")


def kinds_of(balance: Balance) -> tuple[Amount, ...]:
    """The sums that there are; what was charged is always said."""
    return tuple(
        Amount(kind=kind_of(word), word=word, text=price_text(amount))
        for word, amount in balance.parts
        if amount or word == "charged"
    )


def axis_text(amount_microusd: int, step_microusd: int) -> str:
    """A height of an axis: without cents where its steps are whole dollars."""
    if step_microusd % MICRO == 0:
        return f"${amount_microusd // MICRO}"
    return price_text(amount_microusd)


def day_of(stamp: str) -> date | None:
    """The day, in UTC, of a time of the journal; None if it is none."""
    found = moment(stamp)
    return None if found is None else found.date()


def month_text(day: date) -> str:
    """``Nov 2026``, in English whatever the machine speaks."""
    return f"{_MONTHS[day.month - 1]} {day.year:04d}"


def day_text(day: date) -> str:
    """``27 Nov 2026``."""
    return f"{day.day} {month_text(day)}"


def short_day_text(day: date) -> str:
    """``27 Nov``."""
    return f"{day.day} {_MONTHS[day.month - 1]}"
