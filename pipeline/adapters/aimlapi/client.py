"""The API over HTTP: submit once, poll, read the log.

A paid POST gets a connection of its own, no retry and no redirect. ``on_sending`` runs after the
connection (and TLS, and a proxy's tunnel) stands and before the request's first byte: the place
where the intent becomes durable.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from pipeline.adapters.aimlapi.bodies import Unreadable, parse_object, read_body
from pipeline.adapters.aimlapi.translate import (
    clean,
    clip,
    log_page,
    poll_answer,
    retry_after_s,
    said_by,
    submit_answer,
)
from pipeline.core.answers import (
    LogAnswer,
    LogMissing,
    PollAnswer,
    SubmitAnswer,
    Throttled,
    Unknown,
    Unreachable,
    Unsent,
)
from pipeline.core.lookup import PAGE_ROWS, Window

SUBMIT_DEADLINE_S = 30.0
POLL_DEADLINE_S = 30.0
CONNECT_TIMEOUT_S = 10.0
CONNECTIONS = 8  # httpx's pool slows down with its size; eight reach 95 % of the ideal rate
PATH = "/v2/generate/audio"
LOGS_PATH = "/v2/logs"
SENDING = "http11.send_request_headers.started"
TRANSPORT_ERRORS = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    TimeoutError,
    OSError,
)
NO_LOG = frozenset({400, 401, 402, 403, 404, 405, 410, 501})

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where the API is and the key to it."""

    base_url: str
    key: str = field(repr=False)


class ApiClient:
    """One provider's API. ``now`` tells the time in UTC, for ``Retry-After`` dates."""

    def __init__(self, access: Access, *, now: Callable[[], datetime], trust_env: bool) -> None:
        self._access = access
        self._now = now
        fresh = httpx.Limits(max_keepalive_connections=0)
        pooled = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
        self._submitting = self._client(fresh, trust_env=trust_env)
        self._asking = self._client(pooled, trust_env=trust_env)
        self._slots = asyncio.Semaphore(CONNECTIONS)

    def _client(self, limits: httpx.Limits, *, trust_env: bool) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self._access.base_url,
            limits=limits,
            timeout=httpx.Timeout(None, connect=CONNECT_TIMEOUT_S),
            follow_redirects=False,
            trust_env=trust_env,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            headers={"Accept-Encoding": "identity", "User-Agent": "songmake"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._submitting.aclose()
        await self._asking.aclose()

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
                **self._authorization(),
                "Content-Type": "application/json",
                "X-Client-Request-Id": client_request_id,
            },
            extensions={"trace": trace},
        )
        try:
            async with asyncio.timeout(deadline_s):
                answered = await self._submitting.send(request, stream=True)
                try:
                    body = await _object_or_none(answered)
                finally:
                    await answered.aclose()
        except TRANSPORT_ERRORS as error:
            reason = self._reason(error)
            if answered is None or answered.is_success:
                return Unknown(reason=reason) if has_left else Unsent(reason=reason)
            body = None
        except Exception as error:  # whatever it is, a request that left is never forgotten
            if not has_left:
                raise
            return Unknown(reason=self._reason(error))
        answer = submit_answer(answered.status_code, answered.headers, body, now=self._now())
        return self._redacted(answer)

    async def poll(self, generation_id: str, *, deadline_s: float = POLL_DEADLINE_S) -> PollAnswer:
        """Asks once how a generation stands. Free."""
        found = await self._get(PATH, {"generation_id": generation_id}, deadline_s=deadline_s)
        if isinstance(found, Unreachable):
            return found
        status, headers, body = found
        return self._redacted(poll_answer(status, headers, body, now=self._now()))

    async def log(
        self, window: Window, *, offset: int, deadline_s: float = POLL_DEADLINE_S
    ) -> LogAnswer:
        """One page of the request log in a window. Free; at most 200 a minute (vendor)."""
        query = {
            "start": _zulu(window.start),
            "end": _zulu(window.end),
            "limit": str(PAGE_ROWS),
            "offset": str(offset),
        }
        found = await self._get(LOGS_PATH, query, deadline_s=deadline_s)
        if isinstance(found, Unreachable):
            return found
        status, headers, body = found
        said = f"HTTP {status}{said_by(body)}"
        if status == 429:
            wait_s = retry_after_s(headers.get("retry-after"), now=self._now())
            return self._redacted(Throttled(reason=said, wait_s=wait_s))
        if status in NO_LOG:
            return self._redacted(LogMissing(reason=said))
        if status != 200 or body is None:
            return self._redacted(Unreachable(reason=said))
        return log_page(body)

    async def _get(
        self, path: str, query: dict[str, str], *, deadline_s: float
    ) -> tuple[int, httpx.Headers, dict[str, Any] | None] | Unreachable:
        headers = self._authorization()
        try:
            async with (
                self._slots,
                asyncio.timeout(deadline_s),
                self._asking.stream("GET", path, params=query, headers=headers) as response,
            ):
                body = await _object_or_none(response)
                return response.status_code, response.headers, body
        except TRANSPORT_ERRORS as error:
            return Unreachable(reason=self._reason(error))

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._access.key}"}

    def _reason(self, error: BaseException) -> str:
        name = "no answer in time" if isinstance(error, TimeoutError) else type(error).__name__
        return self._fit(clean(f"{name}: {error}" if str(error) else name))

    def _fit(self, text: str) -> str:
        return clip(text.replace(self._access.key, "…") if self._access.key else text)

    def _redacted(self, answer: _Answer) -> _Answer:
        """What an answer said, without the key and in a line's length."""
        texts = {
            name: self._fit(text)
            for name in ("reason", "status")
            if (text := getattr(answer, name, None)) is not None
        }
        return replace(answer, **texts) if texts else answer  # type: ignore[type-var]


async def _object_or_none(response: httpx.Response) -> dict[str, Any] | None:
    try:
        return parse_object(await read_body(response))
    except Unreadable:
        return None


def _zulu(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
