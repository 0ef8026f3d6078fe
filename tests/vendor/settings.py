"""What can be set while the double runs."""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass, fields, replace
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The double's manners when no fault is due."""

    seconds: float = 0.2  # from acceptance to completed; the first third is queued
    polls: int | None = None  # completed at the n-th poll instead, whatever the time
    price_usd: float = 0.195
    balance_usd: float = 1000.0  # 403 when it does not cover the price
    concurrency_limit: int | None = None  # POSTs in flight; 429 beyond it
    active_limit: int | None = None  # generations not finished; 429 beyond it
    success_status: int = 200
    contract: str = "seed"  # of minimax/music-2.6; the later one is 2026-04
    post_latency_s: float = 0.0  # between a POST's arrival and its acceptance
    answer_latency_s: float = 0.0  # between a POST's acceptance and its answer
    poll_latency_s: float = 0.0
    link_ttl_s: float = 86400.0  # zero or less: links are born dead
    fresh_links: bool = True  # False: every poll repeats the first link
    logs_lag_s: float = 0.0  # from acceptance to its row in the log
    logs_per_minute: int = 200
    foreign_log_rows: int = 0  # somebody else's rows, newer than all others
    ledger_lag_s: float = 0.0  # from acceptance to its entry in the ledger
    foreign_entries: int = 0  # somebody else's entries, newer than all others
    are_refunds_shown: bool = False  # a failed generation: charge and refund, or neither
    catalogue_usd: float | None = None  # the price that the catalogue quotes, if it is another one
    clock_offset_s: float = 0.0  # of the times that the API shows and judges links by
    audio_seconds: float = 1.0
    channels: int = 2


def changed(settings: Settings, wishes: dict[str, Any]) -> Settings:
    """The settings with some replaced; raises ``ValueError`` for a wrong name or type."""
    hints = typing.get_type_hints(Settings)
    known = {field.name for field in fields(Settings)}
    for name, wish in wishes.items():
        if name not in known:
            raise ValueError(f"no such setting: {name}")
        hint = hints[name]
        allowed = hint.__args__ if isinstance(hint, types.UnionType) else (hint,)
        if float in allowed and type(wish) is int:
            continue
        if type(wish) not in allowed:
            raise ValueError(f"setting {name} must be {hint}")
    return replace(settings, **wishes)
