"""What the API accepts: the POST's body and the queries, by the published contract, strictly."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from .contracts import RefusedError, check_body, contract_of

CLIENT_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d([.,]\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?")
_ENCODED = re.compile(r"(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})+")
_PERIOD = re.compile(r"([1-9]\d{0,5})([hd])")
_LONGEST = timedelta(days=92)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuery:
    """A checked query of ``GET /v2/logs``; moments are aware UTC, both ends included."""

    start: datetime
    end: datetime
    limit: int
    offset: int
    models: frozenset[str]
    statuses: frozenset[str]
    key_prefix: str | None


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise RefusedError("duplicate property in body")
    return dict(pairs)


def parse_body(raw: bytes, *, music_26: str) -> dict[str, Any]:
    """The POST's body when its model's contract allows it; raises ``RefusedError``."""
    try:
        body = json.loads(raw.decode("utf-8"), object_pairs_hook=_no_duplicates)
    except (ValueError, RecursionError) as wrong:
        raise RefusedError("body is not valid JSON in UTF-8") from wrong
    if not isinstance(body, dict):
        raise RefusedError("body must be an object")
    check_body(body, contract_of(body.get("model"), music_26))
    return body


def parse_poll(query: str) -> str:
    """The generation id of a poll; raises ``RefusedError``."""
    pairs = _pairs(query)
    if [name for name, _ in pairs] != ["generation_id"] or not pairs[0][1]:
        raise RefusedError("generation_id is required, once, and nothing else")
    if not _ENCODED.fullmatch(query.partition("=")[2]):
        raise RefusedError("generation_id must be percent-encoded: ids hold colons and slashes")
    return pairs[0][1]


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query), errors="strict")
    except ValueError as wrong:
        raise RefusedError("malformed query") from wrong


def parse_logs(query: str, *, now: datetime) -> LogQuery:
    """The window and filters of a log query; raises ``RefusedError``."""
    once: dict[str, str] = {}
    many: dict[str, list[str]] = {"model": [], "status": []}
    for name, text in _pairs(query):
        if name in many:
            many[name].append(text)
        elif name not in ("period", "start", "end", "key_prefix", "limit", "offset"):
            raise RefusedError(f"unknown parameter {name!r}")
        elif name in once:
            raise RefusedError(f"{name} may be given once")
        else:
            once[name] = text
    if len(many["model"]) > 50 or "" in many["model"]:
        raise RefusedError("model takes 1 to 50 names")
    if not set(many["status"]) <= {"succeeded", "failed"}:
        raise RefusedError("status must be succeeded or failed")
    start, end = _window(once, now)
    return LogQuery(
        start=start,
        end=end,
        limit=_whole(once.get("limit", "50"), 1, 100, "limit"),
        offset=_whole(once.get("offset", "0"), 0, 10**9, "offset"),
        models=frozenset(many["model"]),
        statuses=frozenset(many["status"]),
        key_prefix=once.get("key_prefix"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerQuery:
    """A checked query of ``GET /v2/billing/transactions``; ``start`` included, ``end`` not."""

    start: datetime | None
    end: datetime | None
    direction: str | None
    kind: str | None
    limit: int
    cursor: str | None


def parse_ledger(query: str) -> LedgerQuery:
    """The span, filters and place of a ledger query; raises ``RefusedError``."""
    once: dict[str, str] = {}
    for name, text in _pairs(query):
        if name not in ("from", "to", "direction", "type", "limit", "cursor"):
            raise RefusedError(f"unknown parameter {name!r}")
        if name in once:
            raise RefusedError(f"{name} may be given once")
        once[name] = text
    start = _moment(once["from"], "from") if "from" in once else None
    end = _moment(once["to"], "to") if "to" in once else None
    if start is not None and end is not None and end <= start:
        raise RefusedError("to must be later than from")
    if once.get("direction", "TOPUP") not in ("TOPUP", "CHARGE"):
        raise RefusedError("direction must be TOPUP or CHARGE")
    return LedgerQuery(
        start=start,
        end=end,
        direction=once.get("direction"),
        kind=once.get("type"),
        limit=_whole(once.get("limit", "50"), 1, 100, "limit"),
        cursor=once.get("cursor"),
    )


def _window(once: dict[str, str], now: datetime) -> tuple[datetime, datetime]:
    if "period" in once and ("start" in once or "end" in once):
        raise RefusedError("give either period or both start and end, never both")
    if "period" in once:
        matched = _PERIOD.fullmatch(once["period"])
        if matched is None:
            raise RefusedError("period must be a positive whole number followed by h or d")
        length = int(matched[1])
        window = timedelta(hours=length) if matched[2] == "h" else timedelta(days=length)
        start, end = now - window, now
    elif "start" in once and "end" in once:
        start, end = _moment(once["start"], "start"), _moment(once["end"], "end")
    else:
        raise RefusedError("period, or both start and end, is required")
    if end < start:
        raise RefusedError("end must not be earlier than start")
    if end - start > _LONGEST:
        raise RefusedError("the window must not exceed 92 days")
    return start, end


def _moment(text: str, where: str) -> datetime:
    if not _MOMENT.fullmatch(text):
        raise RefusedError(f"{where} must be an ISO-8601 moment")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise RefusedError(f"{where} must be an ISO-8601 moment") from wrong
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _whole(text: str, least: int, most: int, where: str) -> int:
    if not re.fullmatch(r"\d{1,10}", text, re.ASCII) or not least <= int(text) <= most:
        raise RefusedError(f"{where} must be a whole number from {least} to {most}")
    return int(text)
