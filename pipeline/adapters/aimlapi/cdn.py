"""Downloads from the provider's CDN: resumed by Range, complete or not at all.

The API key is unknown here, so it cannot be sent; links are credentials and are never quoted.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import httpx

from pipeline.adapters.aimlapi.translate import is_web_link
from pipeline.adapters.aimlapi.trust import trust
from pipeline.adapters.aimlapi.wire import transport_of
from pipeline.core.purchase.answers import DeadLink, FetchAnswer, Fetched, Unreachable
from pipeline.core.purchase.origins import is_loopback
from pipeline.core.wanted.album import Checksum

LARGEST_FILE_BYTES = 512 << 20  # an hour of CD-quality WAV is about 600 MiB; songs are minutes
VISIT_DEADLINE_S = 600.0
SILENCE_S = 20.0
SLOWEST_BYTES_PER_S = 1024
CONNECT_TIMEOUT_S = 10.0
ROOM_BYTES = 256 << 10
LOOKS_AT_UNKNOWN_LENGTH = 4
DEAD = frozenset({400, 401, 402, 403, 404, 405, 410, 451})
CONTENT_RANGE = re.compile(r"bytes (?:(\d{1,18})-(\d{1,18})|\*)/(\d{1,18}|\*)", re.ASCII)


class TooSlow(Exception):
    """The connection moves, but not at a useful rate."""


class TooLarge(Exception):
    """The body is larger than any song."""


@dataclass(slots=True, kw_only=True)
class Progress:
    """What is known of one file across visits."""

    etag: str | None = None
    total_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    start: int
    total: int | None


class Cdn:
    """Fetches files by link. One instance a run."""

    def __init__(self, *, connections: int = 4) -> None:
        self._slots = asyncio.Semaphore(connections)
        self._clients: dict[bool, httpx.AsyncClient] = {}

    def _client_for(self, link: str) -> httpx.AsyncClient:
        """Proxies of the environment are for the outside; loopback is always reached directly."""
        is_direct = is_loopback(link)
        if is_direct not in self._clients:
            context = trust(of_environment=not is_direct)
            self._clients[is_direct] = httpx.AsyncClient(
                transport=transport_of(context, room_bytes=ROOM_BYTES, trust_env=not is_direct),
                limits=httpx.Limits(max_keepalive_connections=0),
                timeout=httpx.Timeout(SILENCE_S, connect=CONNECT_TIMEOUT_S),
                follow_redirects=True,
                max_redirects=5,
                verify=context,
                trust_env=not is_direct,
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
                headers={"Accept-Encoding": "identity", "User-Agent": "songmake"},
            )
        return self._clients[is_direct]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for client in self._clients.values():
            await client.aclose()

    async def fetch(self, link: str, path: Path, progress: Progress) -> FetchAnswer:
        """Visits a link once, going on where ``path`` ends.

        ``Fetched`` only when the length is confirmed: by Content-Length, Content-Range, the last
        chunk, or, where the server names no length, by asking for what comes after the end.
        Raises ``OSError`` if the disk refuses.
        """
        if not is_web_link(link):
            return DeadLink(reason="the link is no http or https address")
        try:
            async with self._slots, asyncio.timeout(VISIT_DEADLINE_S):
                return await self._visit(link, path, progress)
        except httpx.UnsupportedProtocol:
            return DeadLink(reason="the link leads to something that is not http or https")
        except httpx.TooManyRedirects:
            return DeadLink(reason="the link redirects in circles")
        except TooLarge:
            path.unlink(missing_ok=True)
            return DeadLink(reason="the file is larger than 512 MiB")
        except (
            httpx.HTTPError,
            httpx.InvalidURL,
            httpx.StreamError,
            TimeoutError,
            TooSlow,
            UnicodeError,
        ) as error:
            return Unreachable(reason=_name(error))

    async def _visit(self, link: str, path: Path, progress: Progress) -> FetchAnswer:
        ended_at: int | None = None
        for _ in range(LOOKS_AT_UNKNOWN_LENGTH):
            answer = await self._read(link, path, progress)
            if answer is not None:
                return answer
            size = path.stat().st_size
            if size == ended_at:
                return Fetched(size_bytes=size)
            ended_at = size
        return Unreachable(reason="the file's length changes from visit to visit")

    async def _read(self, link: str, path: Path, progress: Progress) -> FetchAnswer | None:
        """One request; None if the body ended without anyone having said where it ends."""
        have = path.stat().st_size if path.exists() else 0
        client = self._client_for(link)
        async with client.stream("GET", link, headers=_resume(have, progress)) as response:
            if response.status_code == 416 and have:
                return _beyond_the_end(response, path, have)
            refusal = _refusal(response)
            if refusal is not None:
                return refusal
            span = _span(response)
            if span is None or (span.start and span.start != have):
                path.unlink(missing_ok=True)
                return Unreachable(reason="the answer is not the part that was asked for")
            progress.etag = response.headers.get("etag")
            progress.total_bytes = span.total
            with path.open("r+b" if span.start else "wb") as out:
                out.seek(span.start)
                out.truncate()
                checksum = await _copy(response, out)
        return _complete(response, path, span.total, None if span.start else checksum)


def _resume(have: int, progress: Progress) -> dict[str, str]:
    if not have:
        return {}
    headers = {"Range": f"bytes={have}-"}
    if progress.etag and not progress.etag.startswith("W/"):
        headers["If-Range"] = progress.etag
    return headers


def _refusal(response: httpx.Response) -> FetchAnswer | None:
    status = response.status_code
    if status in DEAD or status == 416:
        return DeadLink(reason=f"HTTP {status}")
    if status not in (200, 206):
        return Unreachable(reason=f"HTTP {status}")
    if response.headers.get("content-encoding", "identity").lower() not in ("identity", ""):
        return Unreachable(reason="the file arrives in an encoding that was not asked for")
    return None


def _span(response: httpx.Response) -> _Span | None:
    if response.status_code == 200:
        length = response.headers.get("content-length", "")
        return _Span(start=0, total=int(length) if length.isascii() and length.isdigit() else None)
    found = CONTENT_RANGE.fullmatch(response.headers.get("content-range", "").strip())
    if found is None or found[1] is None:
        return None
    return _Span(start=int(found[1]), total=None if found[3] == "*" else int(found[3]))


def _beyond_the_end(response: httpx.Response, path: Path, have: int) -> FetchAnswer:
    found = CONTENT_RANGE.fullmatch(response.headers.get("content-range", "").strip())
    if found is None or found[3] in ("*", str(have)):
        return Fetched(size_bytes=have)
    path.unlink(missing_ok=True)
    return Unreachable(reason="the file changed while it was fetched")


async def _copy(response: httpx.Response, out: BinaryIO) -> Checksum:
    """Writes a body from here on; the sha256 of what was written."""
    digest = hashlib.sha256()
    window_began, window_bytes = time.monotonic(), 0
    async for chunk in response.aiter_raw():
        out.write(chunk)
        digest.update(chunk)
        if out.tell() > LARGEST_FILE_BYTES:
            raise TooLarge
        window_bytes += len(chunk)
        elapsed_s = time.monotonic() - window_began
        if elapsed_s >= SILENCE_S:
            if window_bytes < elapsed_s * SLOWEST_BYTES_PER_S:
                raise TooSlow
            window_began, window_bytes = time.monotonic(), 0
    return Checksum(digest.hexdigest())


def _complete(
    response: httpx.Response, path: Path, total: int | None, checksum: Checksum | None
) -> FetchAnswer | None:
    size = path.stat().st_size
    if total is not None:
        if size == total:
            return Fetched(size_bytes=size, checksum=checksum)
        return Unreachable(reason=f"cut short at {size} of {total} bytes")
    is_chunked = "chunked" in response.headers.get("transfer-encoding", "").lower()
    return Fetched(size_bytes=size, checksum=checksum) if is_chunked else None


def _name(error: BaseException) -> str:
    if isinstance(error, TooSlow):
        return f"slower than {SLOWEST_BYTES_PER_S} bytes a second"
    return "no answer in time" if isinstance(error, TimeoutError) else type(error).__name__
