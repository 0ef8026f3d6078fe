"""Money in a manifest: exact dollars, no finer than the journal counts."""

from __future__ import annotations

from decimal import Decimal

from pipeline.adapters.manifest.nodes import MappingNode
from pipeline.adapters.manifest.schema_wording import Words

PLACES = 6


def amount_at(fields: MappingNode, name: str) -> Decimal | None:
    """The dollars there; None where there are none."""
    amount = fields.plain.get(name)
    if not isinstance(amount, int | Decimal) or isinstance(amount, bool):
        return None
    return Decimal(amount)


def too_fine(name: str, amount: Decimal) -> Words | None:
    """What to say of an amount with more decimals than micro-dollars have."""
    exponent = amount.normalize().as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= -PLACES:
        return None
    return Words(f"{name} has more than {PLACES} decimals", f"write {round(amount, PLACES)}")
