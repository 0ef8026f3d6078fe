"""HTTP/1.1 on raw streams: strict reading, and writing that can go wrong on purpose."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

MAX_BODY_BYTES = 1_000_000
MAX_HEAD_BYTES = 64 * 1024


class MalformedError(Exception):
    """The request breaks HTTP; ``status`` is the answer to it."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class CutShortError(Exception):
    """The peer left in the middle of a request; ``method`` may be a fragment."""

    def __init__(self, method: str) -> None:
        super().__init__(method)
        self.method = method


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it came: ``target`` undecoded, header names in lower case, in order.

    ``connection`` numbers the TCP connections of this server, ``nth`` the requests on it from 1.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    connection: int
    nth: int

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]

    def header(self, name: str) -> str | None:
        """The value of a header, or None; several of one name are joined with ``, ``."""
        found = [text for known, text in self.headers if known == name]
        return ", ".join(found) if found else None

    def mentions(self, needle: str, *, but_header: str = "") -> bool:
        """Whether the text stands anywhere in the request, one header aside."""
        return (
            needle in self.target
            or needle in unquote(self.target)
            or needle.encode() in self.body
            or any(needle in text for name, text in self.headers if name != but_header)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer; Content-Length is added when rendered unless ``framed`` is False."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    framed: bool = True

    def header(self, name: str) -> str | None:
        return next((text for known, text in self.headers if known.lower() == name), None)

    def without(self, *names: str) -> tuple[tuple[str, str], ...]:
        return tuple((name, text) for name, text in self.headers if name.lower() not in names)


def json_answer(
    document: Any,
    *,
    status: int = 200,
    content_type: str = "application/json; charset=utf-8",
    headers: tuple[tuple[str, str], ...] = (),
) -> Answer:
    """An answer that carries a JSON document."""
    body = json.dumps(document, ensure_ascii=False).encode()
    return Answer(status=status, headers=(("Content-Type", content_type), *headers), body=body)


def render_head(answer: Answer, *, keep_alive: bool) -> bytes:
    """The status line and headers, blank line included."""
    try:
        phrase = HTTPStatus(answer.status).phrase
    except ValueError:
        phrase = "Unknown"
    lines = [f"HTTP/1.1 {answer.status} {phrase}"]
    lines += [f"{name}: {text}" for name, text in answer.headers]
    bodyless = answer.status in (204, 304)
    if answer.framed and not bodyless and answer.header("content-length") is None:
        lines.append(f"Content-Length: {len(answer.body)}")
    lines.append("Connection: keep-alive" if keep_alive else "Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


class Link:
    """One accepted TCP connection."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> None:
        self.reader = reader
        self.writer = writer
        self.number = number
        self.open = True

    async def write(self, chunk: bytes) -> None:
        """Writes and waits for room; raises ``ConnectionError`` when the peer has gone."""
        self.writer.write(chunk)
        await self.writer.drain()
        if self.writer.is_closing():
            raise ConnectionResetError("peer has gone")

    async def answer(self, request: Request, answer: Answer, *, keep_alive: bool = True) -> None:
        """A whole, well-formed answer."""
        keep_alive = (
            keep_alive and answer.framed and (request.header("connection") or "").lower() != "close"
        )
        head = render_head(answer, keep_alive=keep_alive)
        await self.write(head if request.method == "HEAD" else head + answer.body)
        if not keep_alive:
            self.open = False

    async def drip(self, raw: bytes, *, interval_s: float) -> None:
        """Byte by byte, then the end of the connection."""
        self.open = False
        for place in range(len(raw)):
            await self.write(raw[place : place + 1])
            if await self.gone_within(interval_s):
                return

    async def hang(self) -> None:
        """Says nothing more and waits until the peer leaves."""
        self.open = False
        while not await self.gone_within(3600):
            pass

    async def gone_within(self, seconds: float) -> bool:
        """Waits that long; True as soon as the peer closes. What it sends meanwhile is dropped."""
        try:
            async with asyncio.timeout(seconds):
                while await self.reader.read(65536):
                    pass
        except TimeoutError:
            return False
        except ConnectionError:
            return True
        return True

    def reset(self) -> None:
        """RST instead of FIN."""
        self.open = False
        raw = self.writer.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


def _parse_head(head: bytes) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    lines = head.decode("latin-1")[:-4].split("\r\n")
    parts = lines[0].split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1.") or not parts[1].startswith("/"):
        raise MalformedError(400, "request line")
    headers = []
    for line in lines[1:]:
        name, colon, text = line.partition(":")
        if not colon or not name or name != name.strip():
            raise MalformedError(400, "header line")
        headers.append((name.lower(), text.strip()))
    if sum(name == "host" for name, _ in headers) != 1:
        raise MalformedError(400, "one Host header is required")
    return parts[0], parts[1], tuple(headers)


async def _read_chunked(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while True:
        size_line = await reader.readuntil(b"\r\n")
        try:
            size = int(size_line.strip().partition(b";")[0], 16)
        except ValueError as wrong:
            raise MalformedError(400, "chunk size") from wrong
        if len(body) + size > MAX_BODY_BYTES:
            raise MalformedError(413, "body too large")
        chunk = await reader.readexactly(size + 2)
        if not chunk.endswith(b"\r\n"):
            raise MalformedError(400, "chunk end")
        if size == 0:
            return body
        body += chunk[:-2]


async def _read_body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    length = headers.get("content-length")
    if "transfer-encoding" in headers:
        if length is not None or headers["transfer-encoding"].lower() != "chunked":
            raise MalformedError(400, "ambiguous framing")
        return await _read_chunked(reader)
    if length is None:
        return b""
    if not (length.isascii() and length.isdigit()):
        raise MalformedError(400, "content-length")
    if int(length) > MAX_BODY_BYTES:
        raise MalformedError(413, "body too large")
    return await reader.readexactly(int(length))


async def read_request(link: Link, nth: int) -> Request | None:
    """The next request, or None at a clean end.

    Raises ``MalformedError`` for what is no HTTP and ``CutShortError`` for half of it.
    """
    try:
        head = await link.reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError as overrun:
        raise MalformedError(431, "head too large") from overrun
    except asyncio.IncompleteReadError as cut:
        if cut.partial:
            raise CutShortError(cut.partial.split(b" ")[0].decode("latin-1")[:16]) from cut
        return None
    except ConnectionError:
        return None
    method, target, headers = _parse_head(head)
    try:
        body = await _read_body(link.reader, dict(headers))
    except (asyncio.IncompleteReadError, ConnectionError) as cut:
        raise CutShortError(method) from cut
    return Request(
        method=method, target=target, headers=headers, body=body, connection=link.number, nth=nth
    )


class Server:
    """Accepts connections and hands every request to ``respond``.

    ``refuse`` is asked at accept whether the connection is to be reset unread; ``cut_short`` is
    told of requests that never arrived whole.
    """

    def __init__(
        self,
        respond: Callable[[Request, Link], Awaitable[None]],
        *,
        refuse: Callable[[int], bool] | None = None,
        cut_short: Callable[[str, int], None] | None = None,
    ) -> None:
        self._respond = respond
        self._refuse = refuse
        self._cut_short = cut_short
        self._accepted = 0

    async def start(self, port: int) -> int:
        """Listens on the loopback; returns the port (0 asks for a free one)."""
        server = await asyncio.start_server(
            self._serve, "127.0.0.1", port, limit=MAX_HEAD_BYTES, backlog=1024
        )
        self.server = server
        bound: int = server.sockets[0].getsockname()[1]
        return bound

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._accepted += 1
        link = Link(reader, writer, self._accepted)
        if self._refuse is not None and self._refuse(link.number):
            link.reset()
            return
        try:
            await self._requests(link)
        except (ConnectionError, TimeoutError):
            pass
        finally:
            writer.close()

    async def _requests(self, link: Link) -> None:
        nth = 0
        while link.open:
            nth += 1
            try:
                request = await read_request(link, nth)
            except CutShortError as cut:
                if self._cut_short is not None:
                    self._cut_short(cut.method, link.number)
                return
            except MalformedError as wrong:
                answer = json_answer({"message": wrong.reason}, status=wrong.status)
                await link.write(render_head(answer, keep_alive=False) + answer.body)
                return
            if request is None:
                return
            await self._respond(request, link)
