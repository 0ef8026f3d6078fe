"""Money: Decimal dollars where people and providers speak, integer micro-dollars elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

MICRO = 1_000_000
CREDITS_PER_USD = 2_000_000  # AI/ML API pricing documentation, 2026: $1 buys 2,000,000 credits


def microusd(amount_usd: Decimal) -> int:
    """Whole micro-dollars, rounded up: a fraction of one is never given away."""
    return int((amount_usd * MICRO).to_integral_value(rounding=ROUND_CEILING))


def usd_text(amount_microusd: int) -> str:
    """A decimal string with six places: ``"0.195000"``."""
    return f"{Decimal(amount_microusd) / MICRO:.6f}"


def price_text(amount_microusd: int) -> str:
    """For people: at least two places and no more than needed: ``$0.195``, ``$3.00``."""
    whole, fraction = usd_text(amount_microusd).split(".")
    return f"${whole}.{fraction.rstrip('0').ljust(2, '0')}"


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

    def __add__(self, other: Balance) -> Balance:
        return Balance(
            held=self.held + other.held,
            charged=self.charged + other.charged,
            in_doubt=self.in_doubt + other.in_doubt,
            released=self.released + other.released,
        )
