"""What is asked beside the songs: the ledger of their prices, and the catalogue of models.

Forms are those of AI/ML API's ``GET /v2/billing/transactions``, ``GET /v1/models`` and
``GET /v1/models/deprecations``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from pipeline.sketch.jobs import End, Job
from pipeline.sketch.logs import Query, QueryInvalidError, created_at, moment, number, timestamp

_MOST_ENTRIES = 100
_DEFAULT_ENTRIES = 20
_CHARGE, _TOPUP = "CHARGE", "TOPUP"
_DIRECTIONS = (None, _CHARGE, _TOPUP)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerQuery:
    """A valid query; ``start`` is included, ``end`` is not, ``place`` counts entries."""

    start: datetime
    end: datetime
    direction: str | None
    kind: str | None
    limit: int
    place: int


def parse_ledger_query(query: Query, *, now: datetime) -> LedgerQuery:
    """Read the parameters. Raises :class:`QueryInvalidError`."""
    start, end, cursor = query.get("from"), query.get("to"), query.get("cursor")
    direction = query.get("direction")
    if direction not in _DIRECTIONS:
        raise QueryInvalidError("direction: must be CHARGE or TOPUP")
    if cursor is not None and not cursor.startswith("after-"):
        raise QueryInvalidError("cursor: must be one that was issued here")
    place = None if cursor is None else cursor.removeprefix("after-")
    return LedgerQuery(
        start=datetime.min.replace(tzinfo=UTC) if start is None else moment(start, "from"),
        end=now + timedelta(days=1) if end is None else moment(end, "to"),
        direction=direction,
        kind=query.get("type"),
        limit=number(
            query.get("limit"), "limit", least=1, most=_MOST_ENTRIES, default=_DEFAULT_ENTRIES
        ),
        place=number(place, "cursor", least=0, most=10**9, default=0),
    )


def ledger_page(
    jobs: Sequence[Job], ends: Mapping[str, End | None], query: LedgerQuery
) -> dict[str, Any]:
    """One page of what the jobs (given oldest first) cost, newest first, with its pagination."""
    entries = [
        entry
        for job in reversed(jobs)
        if query.start <= created_at(job) < query.end
        for entry in _entries(job, ends.get(job.generation_id))
        if query.direction in (None, entry["direction"]) and query.kind in (None, entry["type"])
    ]
    after = query.place + query.limit
    has_more = after < len(entries)
    return {
        "data": entries[query.place : after],
        "pagination": {"next_cursor": f"after-{after}" if has_more else None, "has_more": has_more},
    }


def _entries(job: Job, end: End | None) -> Iterator[dict[str, Any]]:
    """A job's movements, newest first: its price, and its price back if it failed."""
    if end is not None and end.error_name is not None:
        yield _entry(job, _TOPUP, "REFUND", None)
    yield _entry(job, _CHARGE, "MODEL_USAGE", job.body["model"])


def _entry(job: Job, direction: str, kind: str, model: str | None) -> dict[str, Any]:
    return {
        "created_at": timestamp(created_at(job)),
        "direction": direction,
        "type": kind,
        "amount": {"usd": float(job.usd_spent), "credits": job.credits_used},
        "model": model,
        "reference_id": job.generation_id,
    }


def catalogue(model: str, price_usd: Decimal, *, asked: str | None, include: str) -> dict[str, Any]:
    """The models that can be asked for: this one, if ``asked`` is its name or nobody's."""
    short = model.rpartition("/")[2]
    if asked is not None and asked.lower() not in (model, short):
        return {"object": "list", "data": []}
    listed: dict[str, Any] = {"id": model, "aliases": [short], "type": "internal/audio"}
    if "pricing" in include:
        unit = {"unit": "generation", "price": float(price_usd), "per": 1, "content": "audio"}
        listed["pricing"] = {"kind": "fixed", "units": [unit]}
    return {"object": "list", "data": [listed]}


def deprecations(now: datetime) -> dict[str, Any]:
    """Nothing is retired here."""
    return {"object": "list", "generated_at": timestamp(now), "data": []}
