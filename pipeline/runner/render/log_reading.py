"""Reading windows of a provider's request log, within its rate and within bounds."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from pipeline.core.purchase.answers import LogMissing, LogPage, LogRow, Throttled, Unreachable
from pipeline.core.purchase.lookup import Window

if TYPE_CHECKING:
    from pipeline.adapters.aimlapi.client import ApiClient

REQUESTS_A_RUN = 150  # the vendor allows 200 a minute
LONGEST_PAUSE_S = 10.0


@dataclass(slots=True, kw_only=True)
class LogReader:
    """The request log of one provider. ``missing`` says why there is none, once that is known.

    ``retries`` is how often a page may be asked for again, over all windows; ``trouble`` is what
    was said last where a page did not come. Times are in seconds.
    """

    api: ApiClient
    requests_left: int = REQUESTS_A_RUN
    retries: int = 0
    page_deadline_s: float = 30.0
    missing: str | None = None
    trouble: str | None = None

    async def read(self, window: Window, rows: list[LogRow], *, pages: int) -> bool:
        """Adds a window's rows to ``rows``, page by page; True if all of it was read."""
        offset = 0
        for _ in range(pages):
            page = await self._page(window, offset)
            if page is None:
                return False
            rows.extend(page.rows)
            offset += page.row_count
            if not page.has_more:
                return True
        self.trouble = "it has no end"
        return False

    async def _page(self, window: Window, offset: int) -> LogPage | None:
        while self.missing is None and self.requests_left > 0:
            self.requests_left -= 1
            page = await self.api.log(window, offset=offset, deadline_s=self.page_deadline_s)
            match page:
                case LogPage():
                    return page
                case LogMissing(reason=reason):
                    self.missing = reason
                case Throttled() | Unreachable():
                    self.trouble = page.reason
                    if self.retries <= 0:
                        return None
                    self.retries -= 1
                    await asyncio.sleep(pause_s(page))
                case _:
                    assert_never(page)
        if self.requests_left <= 0:
            self.trouble = "it is longer than one run may read"
        return None


def pause_s(answer: Throttled | Unreachable) -> float:
    """Seconds before asking again: as long as was asked for, within patience."""
    asked_s = answer.wait_s if isinstance(answer, Throttled) else None
    return min(1.0 if asked_s is None else asked_s, LONGEST_PAUSE_S)
