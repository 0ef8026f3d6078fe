"""What was learned ahead of a plan, as a part of its document."""

from __future__ import annotations

from typing import Any

from pipeline.core.money import usd_text
from pipeline.core.purchase.preflight import ModelAhead, Preflight


def preflight_document(ahead: Preflight) -> dict[str, Any]:
    """The object ``preflight`` of ``songmake plan --preflight --json``."""
    balance = ahead.balance_microusd
    return {
        "balance_usd": None if balance is None else usd_text(balance),
        "planned_usd": usd_text(ahead.planned_microusd),
        "quoted_usd": usd_text(ahead.quoted_microusd),
        "models": [_model(each) for each in ahead.models],
        "findings": [
            {"kind": each.kind.value, "message": each.message, "hint": each.hint}
            for each in ahead.findings
        ],
    }


def _model(each: ModelAhead) -> dict[str, Any]:
    quoted = each.quoted_microusd
    return {
        "model": each.model,
        "price_usd": usd_text(each.price_microusd),
        "quoted_usd": None if quoted is None else usd_text(quoted),
        "standing": each.standing.value,
        "replaced_by": each.replaced_by,
        "shutdown_on": each.shutdown_on,
    }
