"""Money: Decimal dollars where people and providers speak, integer micro-dollars elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

MICRO = 1_000_000
CREDITS_PER_USD = 2_000_000  # AI/ML API pricing documentation, 2026: $1 buys 2,000,000 credits


def microusd(amount_usd: Decimal) -> int:
    """Whole micro-dollars, rounded up: a fraction of one is never given away."""
    return int((amount_usd * MICRO).to_integral_value(rounding=ROUND_CEILING))


def microusd_of(amount: str) -> int:
    """Micro-dollars of a document's decimal string; the inverse of :func:`usd_text`."""
    return microusd(Decimal(amount))


def usd_text(amount_microusd: int) -> str:
    """A decimal string with six places: ``"0.195000"``."""
    return f"{Decimal(amount_microusd) / MICRO:.6f}"


def price_text(amount_microusd: int) -> str:
    """For people: at least two places and no more than needed: ``$0.195``, ``-$3.00``."""
    whole, fraction = usd_text(abs(amount_microusd)).split(".")
    sign = "-" if amount_microusd < 0 else ""
    return f"{sign}${whole}.{fraction.rstrip('0').ljust(2, '0')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What an answer said that a generation costs; either part may be missing."""

    usd: Decimal | None = None
    credits: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """What is booked for a generation, and where the figure comes from."""

    amount_microusd: int
    source: str  # "answer", "credits", "estimated" or "ledger"


def booking_of(cost: Cost, *, reserved_microusd: int) -> Booking:
    """The answer's dollars, else its credits in dollars, else what was reserved."""
    if cost.usd is not None:
        return Booking(amount_microusd=microusd(cost.usd), source="answer")
    if cost.credits is not None:
        usd = Decimal(cost.credits) / CREDITS_PER_USD
        return Booking(amount_microusd=microusd(usd), source="credits")
    return Booking(amount_microusd=reserved_microusd, source="estimated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Money by what became of it, in micro-dollars."""

    held: int = 0
    charged: int = 0
    in_doubt: int = 0
    released: int = 0

    @property
    def committed(self) -> int:
        """What counts against a budget."""
        return self.held + self.charged + self.in_doubt

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        """What counts against a budget, by its word, in the order in which it is told and drawn."""
        return (("charged", self.charged), ("held", self.held), ("in doubt", self.in_doubt))

    def __add__(self, other: Balance) -> Balance:
        return Balance(
            held=self.held + other.held,
            charged=self.charged + other.charged,
            in_doubt=self.in_doubt + other.in_doubt,
            released=self.released + other.released,
        )

    def __sub__(self, other: Balance) -> Balance:
        return Balance(
            held=self.held - other.held,
            charged=self.charged - other.charged,
            in_doubt=self.in_doubt - other.in_doubt,
            released=self.released - other.released,
        )


def money_text(balance: Balance) -> str:
    """``$0.585 charged, $0.195 held, $0.195 in doubt``: what is zero is left out."""
    told = [f"{price_text(amount)} {word}" for word, amount in balance.parts if amount]
    return ", ".join(told) or f"{price_text(0)} charged"


def sum_text(balance: Balance) -> str | None:
    """``$0.39 + $0.195 held``, where there is little room; None where there is no money."""
    told = [
        price_text(amount) if word == "charged" else f"{price_text(amount)} {word}"
        for word, amount in balance.parts
        if amount
    ]
    return " + ".join(told) or None
