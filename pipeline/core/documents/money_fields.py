"""Money in documents."""

from __future__ import annotations

from pipeline.core.money import Balance, usd_text


def money_fields(balance: Balance) -> dict[str, str]:
    """What became of money: decimal strings with six places."""
    return {
        "charged_usd": usd_text(balance.charged),
        "held_usd": usd_text(balance.held),
        "in_doubt_usd": usd_text(balance.in_doubt),
        "released_usd": usd_text(balance.released),
    }
