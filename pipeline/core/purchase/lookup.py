"""Finding a lost answer in the provider's request log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.core.purchase.answers import LogRow

SCHEDULE_S = (1.0, 3.0, 7.0, 15.0)  # after the answer was lost: logs lag behind
PAGE_ROWS = 100  # the most that a page holds (vendor's OpenAPI of GET /v2/logs)
PAGES_A_WINDOW = 20
NARROW = timedelta(minutes=10)
WIDE = timedelta(hours=26)  # a clock in the wrong time zone is still inside
LONGEST_WINDOW = timedelta(days=90)  # the log refuses more than 92 (vendor's OpenAPI)
NEAR = timedelta(days=7)  # moments closer than that share a window


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A span of the log, both ends in UTC."""

    start: datetime
    end: datetime


def windows(intent_at: datetime) -> tuple[Window, Window]:
    """Where to look for one request: close to its intent first, then widely."""
    return (
        Window(start=intent_at - NARROW, end=intent_at + NARROW),
        Window(start=intent_at - WIDE, end=intent_at + WIDE),
    )


def windows_around(moments: Iterable[datetime]) -> tuple[Window, ...]:
    """Windows that hold every moment with a wide margin, newest first, as few as may be."""
    found: list[Window] = []
    for moment in sorted(moments, reverse=True):
        _, wide = windows(moment)
        last = found[-1] if found else None
        is_near = last is not None and last.start - wide.end <= NEAR
        if last is not None and is_near and last.end - wide.start <= LONGEST_WINDOW:
            found[-1] = Window(start=min(last.start, wide.start), end=last.end)
        else:
            found.append(wide)
    return tuple(found)


def match(rows: Sequence[LogRow], client_request_id: str) -> LogRow | None:
    """The row of this request: an accepted one before a failed one."""
    hits = [row for row in rows if row.client_request_id == client_request_id]
    hits.sort(key=lambda row: (row.has_failed, row.generation_id is None))
    return hits[0] if hits else None
