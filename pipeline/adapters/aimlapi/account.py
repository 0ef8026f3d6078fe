"""The account's ledger and balance in songmake's words: pure functions of status and body.

Fields and values are those of AI/ML API's OpenAPI of ``GET /v2/billing/transactions`` and
``GET /v2/billing``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from pipeline.adapters.aimlapi.translate import (
    NOT_OFFERED,
    at,
    cost_of,
    retry_after_s,
    said_by,
    usable_id,
)
from pipeline.core.ledger.account_answers import (
    Balance,
    BalanceAnswer,
    LedgerAnswer,
    LedgerEntry,
    LedgerPage,
    NotOffered,
)
from pipeline.core.money import CREDITS_PER_USD, MICRO
from pipeline.core.purchase.answers import Throttled, Unreachable

PAGE_ENTRIES = 100
LONGEST_CURSOR = 4096
LONGEST_TIME = 64
SIGNS = {"CHARGE": 1, "TOPUP": -1}
MOST_USD = Decimal(10) ** 9


def ledger_query(start: str, end: str, *, cursor: str | None) -> dict[str, str]:
    """The query of one page; a cursor is given back exactly as it was issued."""
    query = {"from": start, "to": end, "limit": str(PAGE_ENTRIES)}
    return query if cursor is None else {**query, "cursor": cursor}


def ledger_answer(
    status: int, headers: Mapping[str, str], body: dict[str, Any] | None, *, now: datetime
) -> LedgerAnswer:
    """What the answer to a question to the ledger means."""
    said = f"HTTP {status}{said_by(body)}"
    if status == 429:
        return Throttled(reason=said, wait_s=retry_after_s(headers.get("retry-after"), now=now))
    if status in NOT_OFFERED:
        return NotOffered(reason=said)
    if status != 200 or body is None:
        return Unreachable(reason=said if body is not None else f"HTTP {status}, unreadable")
    return _page(body)


def _page(body: dict[str, Any]) -> LedgerPage | NotOffered:
    rows = body.get("data")
    has_more, cursor = at(body, "pagination", "has_more"), at(body, "pagination", "next_cursor")
    is_last = has_more is False or cursor is None
    if not isinstance(rows, list) or not isinstance(body.get("pagination"), dict):
        return NotOffered(reason="the ledger has an unknown form")
    if not is_last and not _is_usable_cursor(cursor):
        return NotOffered(reason="the ledger's next page cannot be asked for")
    read = [_entry(row) for row in rows if not _refers_to_nothing(row)]
    unreadable = tuple(each for each in read if isinstance(each, str))
    if unreadable and len(unreadable) == len(rows):
        return NotOffered(reason="the ledger has an unknown form")
    return LedgerPage(
        entries=tuple(each for each in read if isinstance(each, LedgerEntry)),
        row_count=len(rows),
        unreadable=unreadable,
        next_cursor=None if is_last else cursor,
    )


def _is_usable_cursor(cursor: Any) -> bool:
    if not isinstance(cursor, str) or not 0 < len(cursor) <= LONGEST_CURSOR:
        return False
    return cursor.isascii() and cursor.isprintable()


def _refers_to_nothing(row: Any) -> bool:
    return isinstance(row, dict) and row.get("reference_id") is None


def _entry(row: Any) -> LedgerEntry | str:
    """An entry, or the reference of one that makes no sense: empty if that is lost too."""
    if not isinstance(row, dict):
        return ""
    sign, cost = SIGNS.get(str(row.get("direction"))), _amount(row.get("amount"))
    reference = usable_id(row.get("reference_id"))
    if sign is None or cost is None or reference is None:
        return reference or ""
    return LedgerEntry(
        reference_id=reference,
        amount_microusd=sign * cost[0],
        credits=sign * cost[1],
        recorded_at=str(row.get("created_at"))[:LONGEST_TIME],
    )


def _amount(amount: Any) -> tuple[int, int] | None:
    """Micro-dollars and credits; the nearest ones, since JSON's numbers carry noise."""
    if not isinstance(amount, dict):
        return None
    cost = cost_of({"usd_spent": amount.get("usd"), "credits_used": amount.get("credits")})
    usd = cost.usd
    if usd is None and cost.credits is not None:
        usd = Decimal(cost.credits) / CREDITS_PER_USD
    if usd is None:
        return None
    microusd = int((usd * MICRO).to_integral_value(rounding=ROUND_HALF_EVEN))
    credits_used = cost.credits if cost.credits is not None else round(usd * CREDITS_PER_USD)
    return microusd, credits_used


def balance_answer(status: int, body: dict[str, Any] | None) -> BalanceAnswer:
    """What the answer to the question for the balance means; only dollars are understood."""
    said = f"HTTP {status}{said_by(body)}"
    if status in NOT_OFFERED:
        return NotOffered(reason=said)
    if status != 200 or body is None:
        return Unreachable(reason=said if body is not None else f"HTTP {status}, unreadable")
    amount, currency = body.get("current_balance"), body.get("currency")
    if isinstance(amount, bool) or not isinstance(amount, (int, Decimal)):
        return NotOffered(reason="the balance has an unknown form")
    if currency != "USD":
        return NotOffered(reason="the balance is not in US dollars")
    usd = Decimal(amount)
    if not usd.is_finite() or abs(usd) > MOST_USD:
        return NotOffered(reason="the balance is no sum of money")
    return Balance(usd=usd)
