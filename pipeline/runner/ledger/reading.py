"""Reading the account's ledger by cursor, newest first, within bounds."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, assert_never

from pipeline.core.ledger.account_answers import LedgerEntry, LedgerPage, NotOffered
from pipeline.core.ledger.reconciliation import Sum, moment
from pipeline.core.purchase.answers import Throttled, Unreachable
from pipeline.core.purchase.lookup import Window
from pipeline.runner.render.log_reading import pause_s

if TYPE_CHECKING:
    from pipeline.adapters.aimlapi.client import ApiClient

MOST_PAGES = 200  # of 100 entries


@dataclass(slots=True, kw_only=True)
class LedgerReader:
    """The ledger of one account. ``since`` is how far back it was read, None for not at all.

    ``trouble`` is why it was not read to its end; ``retries`` is how often a page may be asked for
    again. Times are in seconds.
    """

    api: ApiClient
    retries: int = 0
    page_deadline_s: float = 30.0
    entries: set[LedgerEntry] = field(default_factory=set)  # a page that comes twice adds nothing
    row_count: int = 0
    unreadable: list[str] = field(default_factory=list)  # their references
    since: datetime | None = None
    trouble: str | None = None

    async def read(self, window: Window) -> None:
        """Reads a window as far back as it can."""
        cursor: str | None = None
        seen: set[str | None] = {None}
        for _ in range(MOST_PAGES):
            page = await self._page(window, cursor)
            if page is None:
                return
            self._take(page)
            cursor = page.next_cursor
            if cursor is None:
                self.since = window.start
                return
            if cursor in seen:
                self.trouble = "its pages lead in a circle"
                return
            seen.add(cursor)
        self.trouble = "it is longer than one run may read"

    def _take(self, page: LedgerPage) -> None:
        self.entries.update(page.entries)
        self.row_count += page.row_count
        self.unreadable += page.unreadable
        told = [found for entry in page.entries if (found := moment(entry.recorded_at))]
        if told:
            newest = max(told)  # of this page: everything newer has been read
            self.since = newest if self.since is None else min(self.since, newest)

    async def _page(self, window: Window, cursor: str | None) -> LedgerPage | None:
        while True:
            page = await self.api.transactions(
                window, cursor=cursor, deadline_s=self.page_deadline_s
            )
            match page:
                case LedgerPage():
                    return page
                case NotOffered(reason=reason):
                    self.trouble = reason
                    return None
                case Throttled() | Unreachable():
                    self.trouble = page.reason
                    if self.retries <= 0:
                        return None
                    self.retries -= 1
                    await asyncio.sleep(pause_s(page))
                    self.trouble = None
                case _:
                    assert_never(page)

    def sums(self) -> dict[str, Sum]:
        """What was read, by generation id."""
        found: dict[str, Sum] = {}
        for entry in self.entries:
            before = found.get(entry.reference_id, Sum())
            amount = entry.amount_microusd
            found[entry.reference_id] = Sum(
                charged_microusd=before.charged_microusd + max(amount, 0),
                returned_microusd=before.returned_microusd + max(-amount, 0),
                credits=before.credits + entry.credits,
                charges=before.charges + (amount > 0),
            )
        return found
