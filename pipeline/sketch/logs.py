"""``GET /v2/logs``: the window, the filters and the page of accepted requests."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from pipeline.sketch.jobs import End, Job

LONGEST_WINDOW = timedelta(days=92)
MOST_ROWS = 100
_DEFAULT_ROWS = 50
_MOST_MODELS = 50
_PERIOD = re.compile(r"([1-9][0-9]{0,5})([hd])")
_OUTCOMES = ("succeeded", "failed")


class QueryInvalidError(Exception):
    """The query breaks the contract."""


class Query(Protocol):
    """A query string's parameters: starlette's, or any that can repeat."""

    def get(self, key: str) -> str | None:
        """The last value of a parameter."""

    def getlist(self, key: Any) -> Sequence[str]:
        """Every value of a parameter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuery:
    """A valid query; ``start`` and ``end`` are included."""

    start: datetime
    end: datetime
    models: frozenset[str]
    outcomes: frozenset[str]
    limit: int
    offset: int


def parse_query(query: Query, *, now: datetime) -> LogQuery:
    """Read the parameters. Raises :class:`QueryInvalidError`."""
    start, end = _window(query, now)
    models = query.getlist("model")
    if len(models) > _MOST_MODELS:
        raise QueryInvalidError(f"model: at most {_MOST_MODELS} values")
    outcomes = query.getlist("status")
    if any(outcome not in _OUTCOMES for outcome in outcomes):
        raise QueryInvalidError("status: must be succeeded or failed")
    return LogQuery(
        start=start, end=end, models=frozenset(models), outcomes=frozenset(outcomes),
        limit=number(query.get("limit"), "limit", least=1, most=MOST_ROWS, default=_DEFAULT_ROWS),
        offset=number(query.get("offset"), "offset", least=0, most=10**9, default=0),
    )  # fmt: skip


def _window(query: Query, now: datetime) -> tuple[datetime, datetime]:
    period, start_text, end_text = query.get("period"), query.get("start"), query.get("end")
    if period is not None:
        if start_text is not None or end_text is not None:
            raise QueryInvalidError("give either period or start and end")
        told = _PERIOD.fullmatch(period)
        if not told:
            raise QueryInvalidError("period: must be a positive integer followed by h or d")
        start, end = now - int(told[1]) * timedelta(hours=1 if told[2] == "h" else 24), now
    elif start_text is None or end_text is None:
        raise QueryInvalidError("give either period or both start and end")
    else:
        start, end = moment(start_text, "start"), moment(end_text, "end")
    if end < start:
        raise QueryInvalidError("end: must not be earlier than start")
    if end - start > LONGEST_WINDOW:
        raise QueryInvalidError("the window must not exceed 92 days")
    return start, end


def moment(text: str, name: str) -> datetime:
    """An ISO-8601 time in UTC. Raises :class:`QueryInvalidError`."""
    try:
        # A plus sign of an offset arrives as a space where it was not escaped.
        told = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        return (told if told.tzinfo else told.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise QueryInvalidError(f"{name}: must be an ISO-8601 time") from error


def number(text: str | None, name: str, *, least: int, most: int, default: int) -> int:
    """A whole number within its bounds. Raises :class:`QueryInvalidError`."""
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,10}", text) or not least <= int(text) <= most:
        raise QueryInvalidError(f"{name}: must be an integer from {least} to {most}")
    return int(text)


def render_page(
    jobs: Sequence[Job], ends: Mapping[str, End | None], query: LogQuery
) -> dict[str, Any]:
    """One page of the jobs (given oldest first), newest first, with its pagination."""
    rows = [
        row
        for job in reversed(jobs)
        if query.start <= created_at(job) <= query.end
        for row in [_row(job, ends.get(job.generation_id))]
        if (not query.outcomes or row["status"] in query.outcomes)
        and (not query.models or query.models & {row["model"], row["model"].split("/")[-1]})
    ]
    page = rows[query.offset : query.offset + query.limit]
    return {
        "data": page,
        "pagination": {
            "limit": query.limit, "offset": query.offset, "total": len(rows),
            "has_more": query.offset + len(page) < len(rows),
        },
    }  # fmt: skip


def created_at(job: Job) -> datetime:
    """When the job was accepted."""
    return datetime.fromtimestamp(job.created_ns / 1e9, UTC)


def timestamp(moment: datetime) -> str:
    """A moment as the API writes it: UTC, milliseconds, Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _row(job: Job, end: End | None) -> dict[str, Any]:
    # The log knows no third outcome: what is still running has been accepted, and counts as such.
    is_failed = end is not None and end.error_name is not None
    return {
        "created": timestamp(created_at(job)),
        "status": "failed" if is_failed else "succeeded",
        "origin": "api",
        "model": job.body["model"],
        "cost": {
            "usd": 0 if is_failed else float(job.usd_spent),
            "credits": 0 if is_failed else job.credits_used,
        },
        "tokens": {"input": 0, "output": 0, "total": 0},
        "request_id": job.request_id,
        "inference_id": job.generation_id,
        "client_request_id": job.client_request_id,
    }
