"""Who has to agree before money is spent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Consent(Enum):
    """What must happen before the first purchase."""

    GIVEN = auto()
    ASK = auto()  # on the terminal
    MISSING = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One album that would be charged: has it a budget, and has it been bought from before?"""

    has_budget: bool
    has_paid_takes: bool


def consent(
    *,
    price_microusd: int,
    albums: tuple[Standing, ...],
    is_yes: bool,
    has_max_cost: bool,
    is_terminal: bool,
) -> Consent:
    """A person's yes; off a terminal a cap, or an album that was agreed to before."""
    if price_microusd == 0 or is_yes:
        return Consent.GIVEN
    if is_terminal:
        return Consent.ASK
    is_agreed = all(album.has_budget and album.has_paid_takes for album in albums)
    return Consent.GIVEN if has_max_cost or is_agreed else Consent.MISSING
