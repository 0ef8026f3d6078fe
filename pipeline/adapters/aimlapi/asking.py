"""Free questions: GET requests within deadlines, whose answers never show the key.

Without a key the questions are anonymous; ``hidden`` is what never shows in an answer, sent or not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlencode

import httpx

from pipeline.adapters.aimlapi.bodies import Unreadable, parse_object, read_body
from pipeline.adapters.aimlapi.translate import clean, clip
from pipeline.adapters.aimlapi.trust import trust
from pipeline.adapters.aimlapi.wire import transport_of
from pipeline.core.purchase.answers import Unreachable

CONNECT_TIMEOUT_S = 10.0
SHORTEST_KEY = 16  # signs; a shorter one may be a word of an honest answer
CONNECTIONS = 8  # they reach 95 % of the ideal rate
ROOM_BYTES = 16 << 10  # answers are a few hundred bytes
TRANSPORT_ERRORS = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    TimeoutError,
    OSError,
)

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer that arrived whole; ``body`` is None if it is no JSON object within the limits."""

    status: int
    headers: Mapping[str, str]
    body: dict[str, Any] | None


class Asker:
    """Asks one server by GET, over at most ``CONNECTIONS`` connections, each question once."""

    def __init__(
        self, base_url: str, *, key: str | None, hidden: str | None = None, trust_env: bool
    ) -> None:
        self._key = key
        self._hidden = hidden or key
        limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
        context = trust(of_environment=trust_env)
        transport = transport_of(context, room_bytes=ROOM_BYTES, trust_env=trust_env)
        self._client = http_client(base_url, limits, trust_env=trust_env, transport=transport)
        self._slots = asyncio.Semaphore(CONNECTIONS)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def get(
        self, path: str, query: Mapping[str, str], *, deadline_s: float
    ) -> Reply | Unreachable:
        """One answer, or why there is none within ``deadline_s`` seconds."""
        try:
            async with (
                self._slots,
                asyncio.timeout(deadline_s),
                self._client.stream(
                    "GET", self._address(path, query), headers=self.authorization()
                ) as response,
            ):
                body = await object_or_none(response, hidden=self._hidden)
                return Reply(status=response.status_code, headers=response.headers, body=body)
        except TRANSPORT_ERRORS as error:
            return Unreachable(reason=self.reason(error))

    def _address(self, path: str, query: Mapping[str, str]) -> httpx.URL:
        """The whole address, parsed once; httpx would parse it three times, in most of its time."""
        base = self._client.base_url
        asked = f"?{urlencode(query)}" if query else ""
        return base.copy_with(raw_path=base.raw_path + f"{path.lstrip('/')}{asked}".encode())

    def authorization(self) -> dict[str, str]:
        """The header that the key goes into, and no other place."""
        return {"Authorization": f"Bearer {self._key}"} if self._key else {}

    def reason(self, error: BaseException) -> str:
        """What went wrong on the way, without secrets and in a line's length."""
        name = "no answer in time" if isinstance(error, TimeoutError) else type(error).__name__
        return self._fit(clean(f"{name}: {error}" if str(error) else name))

    def redacted(self, answer: _Answer) -> _Answer:
        """What an answer said, without the key and in a line's length."""
        texts = {
            name: self._fit(text)
            for name in ("reason", "status")
            if (text := getattr(answer, name, None)) is not None
        }
        return replace(answer, **texts) if texts else answer  # type: ignore[type-var]

    def _fit(self, text: str) -> str:
        return clip(text.replace(self._hidden, "…") if self._hidden else text)


def http_client(
    base_url: str,
    limits: httpx.Limits,
    *,
    trust_env: bool,
    transport: httpx.AsyncBaseTransport | None = None,
) -> httpx.AsyncClient:
    """A client that follows nothing, remembers nothing and waits as long as it is told to.

    Without a ``transport`` it has httpx's own, within ``limits`` and through proxies.
    """
    return httpx.AsyncClient(
        base_url=base_url,
        limits=limits,
        transport=transport,
        timeout=httpx.Timeout(None, connect=CONNECT_TIMEOUT_S),
        follow_redirects=False,
        verify=trust(of_environment=trust_env),
        trust_env=trust_env,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        headers={"Accept-Encoding": "identity", "User-Agent": "songmake"},
    )


async def object_or_none(response: httpx.Response, *, hidden: str | None) -> dict[str, Any] | None:
    """The JSON object of a body, without an echo of the key; None if there is none."""
    try:
        return parse_object(_without(hidden, await read_body(response)))
    except Unreadable:
        return None


def _without(hidden: str | None, raw: bytes) -> bytes:
    if hidden is None or len(hidden) < SHORTEST_KEY:
        return raw
    return raw.replace(hidden.encode(), "…".encode())
