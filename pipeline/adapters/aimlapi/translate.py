"""The API's answers in songmake's words: pure functions of status, headers and body.

Statuses, field names and status codes are those of AI/ML API's documentation of
``minimax/music-2.6`` (submit, poll) and ``GET /v2/logs``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from pipeline.core.money import CREDITS_PER_USD, Cost
from pipeline.core.purchase.answers import (
    Accepted,
    AccountRefused,
    Failed,
    Finished,
    LogAnswer,
    LogMissing,
    LogPage,
    LogRow,
    NotFound,
    PollAnswer,
    Rejected,
    Running,
    SubmitAnswer,
    Throttled,
    Unknown,
    Unreachable,
)

REFUSED_FOR_GOOD = frozenset({400, 404, 405, 409, 410, 413, 415, 422, 451})
ACCOUNT = frozenset({401, 402, 403})
RUNNING = frozenset({"queued", "generating"})
COMPLETED = frozenset({"completed", "complete"})  # the documentation spells both
NOT_OFFERED = frozenset({400, 401, 402, 403, 404, 405, 410, 501})
# printable ASCII, no space; what songmake calls adopted audio is no provider's to use
USABLE_ID = re.compile(r"(?!adopted:)[!-~]{1,200}")
LARGEST_COST_USD = Decimal(10_000)


def submit_answer(
    status: int, headers: Mapping[str, str], body: dict[str, Any] | None, *, now: datetime
) -> SubmitAnswer:
    """What the answer to a paid request means. ``body`` is None where it could not be read."""
    said = f"HTTP {status}{said_by(body)}"
    if 200 <= status < 300:
        return _accepted(body) or Unknown(reason=f"HTTP {status} without a usable generation id")
    if status == 429:
        return Throttled(reason=said, wait_s=retry_after_s(headers.get("retry-after"), now=now))
    if status in ACCOUNT:
        return AccountRefused(reason=said)
    if status in REFUSED_FOR_GOOD:
        return Rejected(reason=said)
    return Unknown(reason=said)


def _accepted(body: dict[str, Any] | None) -> Accepted | None:
    generation_id = (body or {}).get("id")
    if not isinstance(generation_id, str) or not USABLE_ID.fullmatch(generation_id):
        return None
    return Accepted(generation_id=generation_id, cost=cost_of(at(body, "meta", "usage")))


def poll_answer(
    status: int, headers: Mapping[str, str], body: dict[str, Any] | None, *, now: datetime
) -> PollAnswer:
    """What the answer to a poll means."""
    said = f"HTTP {status}{said_by(body)}"
    if status == 429:
        return Throttled(reason=said, wait_s=retry_after_s(headers.get("retry-after"), now=now))
    if status in ACCOUNT:
        return AccountRefused(reason=said)
    if status in (404, 410):
        return NotFound(reason=said)
    if status != 200 or body is None:
        return Unreachable(reason=said if body is not None else f"HTTP {status}, unreadable")
    return _poll_status(body)


def _poll_status(body: dict[str, Any]) -> PollAnswer:
    word = body.get("status")
    if word == "error":
        return Failed(reason=said_by(body).removeprefix(": ") or "the provider reports an error")
    if not isinstance(word, str) or word not in COMPLETED:
        is_known = isinstance(word, str) and word in RUNNING
        return Running(status=clean(str(word)), is_known=is_known)
    link = at(body, "audio_file", "url")
    if not isinstance(link, str) or not is_web_link(link):
        return Running(status="completed without a usable link", is_known=False)
    return Finished(link=link)


def log_answer(
    status: int, headers: Mapping[str, str], body: dict[str, Any] | None, *, now: datetime
) -> LogAnswer:
    """What the answer to a question to the request log means."""
    said = f"HTTP {status}{said_by(body)}"
    if status == 429:
        return Throttled(reason=said, wait_s=retry_after_s(headers.get("retry-after"), now=now))
    if status in NOT_OFFERED:
        return LogMissing(reason=said)
    if status != 200 or body is None:
        return Unreachable(reason=said)
    return log_page(body)


def log_page(body: dict[str, Any]) -> LogPage | LogMissing:
    """One page of the request log; rows that name neither request nor generation are left out."""
    rows = body.get("data")
    if not isinstance(rows, list):
        return LogMissing(reason="the provider's log has an unknown form")
    has_more = at(body, "pagination", "has_more") is True
    read = (_log_row(row) for row in rows if isinstance(row, dict))
    return LogPage(
        rows=tuple(row for row in read if row.client_request_id or row.generation_id),
        row_count=len(rows),
        has_more=has_more and bool(rows),
    )


def _log_row(row: dict[str, Any]) -> LogRow:
    client_request_id = row.get("client_request_id")
    cost = row.get("cost")
    named = (
        {"usd_spent": cost.get("usd"), "credits_used": cost.get("credits")}
        if isinstance(cost, dict)
        else None
    )
    return LogRow(
        client_request_id=client_request_id if isinstance(client_request_id, str) else None,
        generation_id=usable_id(row.get("inference_id")),
        has_failed=row.get("status") == "failed",
        cost=cost_of(named),
    )


def usable_id(field: Any) -> str | None:
    """A generation id that can be asked for, or None."""
    return field if isinstance(field, str) and USABLE_ID.fullmatch(field) else None


def cost_of(usage: Any) -> Cost:
    """``{usd_spent, credits_used}`` as far as it makes sense."""
    if not isinstance(usage, dict):
        return Cost()
    usd, spent = amount_of(usage.get("usd_spent")), amount_of(usage.get("credits_used"))
    if usd is not None and usd > LARGEST_COST_USD:
        usd = None
    if spent is not None and spent > LARGEST_COST_USD * CREDITS_PER_USD:
        spent = None
    return Cost(usd=usd, credits=None if spent is None else int(spent.to_integral_value()))


def amount_of(field: Any) -> Decimal | None:
    """A JSON number that can be money: finite and not below zero."""
    if isinstance(field, bool) or not isinstance(field, (int, Decimal)):
        return None
    amount = Decimal(field)
    return amount if amount.is_finite() and 0 <= amount < Decimal(10) ** 15 else None


def retry_after_s(header: str | None, *, now: datetime) -> float | None:
    """Seconds from ``Retry-After``, given as seconds or as a date; None if absent or nonsense."""
    if header is None:
        return None
    text = header.strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,6})?", text, re.ASCII):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    wait_s = (moment - now).total_seconds()
    return wait_s if wait_s >= 0 else None


def said_by(body: dict[str, Any] | None) -> str:
    """``": message"`` out of the vendor's error bodies, or nothing."""
    for place in (("error", "message"), ("message",), ("title",), ("error",), ("detail",)):
        text = at(body, *place)
        if isinstance(text, str) and text.strip():
            return f": {clean(text)}"
    return ""


def clean(text: str) -> str:
    """One printable line without ``name=value``, which may be a signature."""
    flat = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return re.sub(r"[?&#;]?[^\s?&#;=<>!]+=[^\s=]\S*", "", flat)


def clip(text: str) -> str:
    """At most 200 characters; only after everything secret was taken out."""
    return text if len(text) <= 200 else f"{text[:199]}…"


def is_web_link(link: str) -> bool:
    """Whether a link is absolute, http or https, and can be written as one."""
    try:
        link.encode()
        parts = urlsplit(link)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def at(body: Any, *path: str) -> Any:
    """What lies at a path of names, or None."""
    for step in path:
        if not isinstance(body, dict):
            return None
        body = body.get(step)
    return body
