"""The API over HTTP: submit once, poll, read the log, the ledger and the balance.

A paid POST gets a connection of its own, no retry and no redirect. ``on_sending`` runs after the
connection (and TLS, and a proxy's tunnel) stands and before the request's first byte: the place
where the intent becomes durable.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import httpx

from pipeline.adapters.aimlapi.account import balance_answer, ledger_answer, ledger_query
from pipeline.adapters.aimlapi.asking import (
    TRANSPORT_ERRORS,
    Asker,
    http_client,
    object_or_none,
)
from pipeline.adapters.aimlapi.translate import log_answer, poll_answer, submit_answer
from pipeline.core.ledger.account_answers import BalanceAnswer, LedgerAnswer
from pipeline.core.purchase.answers import (
    LogAnswer,
    PollAnswer,
    SubmitAnswer,
    Unknown,
    Unreachable,
    Unsent,
)
from pipeline.core.purchase.lookup import PAGE_ROWS, Window

SUBMIT_DEADLINE_S = 30.0
POLL_DEADLINE_S = 30.0
PATH = "/v2/generate/audio"
LOGS_PATH = "/v2/logs"
BALANCE_PATH = "/v2/billing"
LEDGER_PATH = "/v2/billing/transactions"
SENDING = "http11.send_request_headers.started"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where the API is and the key to it."""

    base_url: str
    key: str = field(repr=False)


class ApiClient:
    """One provider's API. ``now`` tells the time in UTC, for ``Retry-After`` dates."""

    def __init__(self, access: Access, *, now: Callable[[], datetime], trust_env: bool) -> None:
        self._now = now
        fresh = httpx.Limits(max_keepalive_connections=0)
        self._submitting = http_client(access.base_url, fresh, trust_env=trust_env)
        self._asker = Asker(access.base_url, key=access.key, trust_env=trust_env)
        self._key = access.key

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._submitting.aclose()
        await self._asker.__aexit__(kind, error, traceback)

    async def submit(
        self,
        body_json: str,
        *,
        client_request_id: str,
        on_sending: Callable[[], Awaitable[None]],
        deadline_s: float = SUBMIT_DEADLINE_S,
    ) -> SubmitAnswer:
        """Sends one paid request, once. Errors of ``on_sending`` pass through: nothing was sent."""
        has_left = False
        answered: httpx.Response | None = None

        async def trace(event: str, about: dict[str, Any]) -> None:
            nonlocal has_left
            if event == SENDING and about["request"].method == b"POST":
                await on_sending()
                has_left = True

        request = self._submitting.build_request(
            "POST",
            PATH,
            content=body_json.encode(),
            headers={
                **self._asker.authorization(),
                "Content-Type": "application/json",
                "X-Client-Request-Id": client_request_id,
            },
            extensions={"trace": trace},
        )
        try:
            async with asyncio.timeout(deadline_s):
                answered = await self._submitting.send(request, stream=True)
                try:
                    body = await object_or_none(answered, hidden=self._key)
                finally:
                    await answered.aclose()
        except TRANSPORT_ERRORS as error:
            reason = self._asker.reason(error)
            if answered is None or answered.is_success:
                return Unknown(reason=reason) if has_left else Unsent(reason=reason)
            body = None
        except Exception as error:  # whatever it is, a request that left is never forgotten
            if not has_left:
                raise
            return Unknown(reason=self._asker.reason(error))
        answer = submit_answer(answered.status_code, answered.headers, body, now=self._now())
        return self._asker.redacted(answer)

    async def poll(self, generation_id: str, *, deadline_s: float = POLL_DEADLINE_S) -> PollAnswer:
        """Asks once how a generation stands. Free."""
        found = await self._asker.get(PATH, {"generation_id": generation_id}, deadline_s=deadline_s)
        if isinstance(found, Unreachable):
            return found
        answer = poll_answer(found.status, found.headers, found.body, now=self._now())
        return self._asker.redacted(answer)

    async def log(
        self, window: Window, *, offset: int, deadline_s: float = POLL_DEADLINE_S
    ) -> LogAnswer:
        """One page of the request log in a window. Free; at most 200 a minute (vendor)."""
        query = {
            "start": zulu(window.start),
            "end": zulu(window.end),
            "limit": str(PAGE_ROWS),
            "offset": str(offset),
        }
        found = await self._asker.get(LOGS_PATH, query, deadline_s=deadline_s)
        if isinstance(found, Unreachable):
            return found
        answer = log_answer(found.status, found.headers, found.body, now=self._now())
        return self._asker.redacted(answer)

    async def transactions(
        self, window: Window, *, cursor: str | None, deadline_s: float = POLL_DEADLINE_S
    ) -> LedgerAnswer:
        """One page of the account's ledger in a window, newest first. Free."""
        query = ledger_query(zulu(window.start), zulu(window.end), cursor=cursor)
        found = await self._asker.get(LEDGER_PATH, query, deadline_s=deadline_s)
        if isinstance(found, Unreachable):
            return found
        answer = ledger_answer(found.status, found.headers, found.body, now=self._now())
        return self._asker.redacted(answer)

    async def balance(self, *, deadline_s: float) -> BalanceAnswer:
        """What the account holds. Free."""
        found = await self._asker.get(BALANCE_PATH, {}, deadline_s=deadline_s)
        if isinstance(found, Unreachable):
            return found
        return self._asker.redacted(balance_answer(found.status, found.body))


def zulu(moment: datetime) -> str:
    """A moment in UTC as the API takes it: whole seconds, ``Z``."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
