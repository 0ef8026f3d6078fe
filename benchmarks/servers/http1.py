"""HTTP/1.1 as far as it is needed, straight on asyncio's protocols: tens of microseconds each."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

_END = b"\r\n\r\n"
_LENGTH = b"\r\ncontent-length:"


@dataclass(frozen=True, slots=True)
class Request:
    """``head`` is everything before the body, as it came."""

    method: bytes
    path: str
    query: str
    head: bytes
    body: bytes

    def header(self, name: bytes) -> str | None:
        """A header's text; ``name`` in lower case."""
        lowered = self.head.lower()
        start = lowered.find(b"\r\n" + name + b":")
        if start < 0:
            return None
        start += len(name) + 3
        end = self.head.find(b"\r\n", start)
        return self.head[start : end if end >= 0 else None].strip().decode("latin-1")


Parts = Iterable[bytes | memoryview]  # an answer, head first; what is long comes in parts
Respond = Callable[[Request], Parts]


def answer(status: bytes, body: bytes, *, more: bytes = b"") -> tuple[bytes]:
    """A whole JSON answer; ``more`` is further header lines, each with its line end."""
    return (
        b"HTTP/1.1 %b\r\nContent-Type: application/json\r\n%bContent-Length: %d\r\n\r\n%b"
        % (status, more, len(body), body),
    )


class Connection(asyncio.Protocol):
    """Answers the requests of one connection in order; long answers wait for a slow reader."""

    def __init__(self, respond: Respond) -> None:
        self._respond = respond
        self._buffer = b""
        self._left: deque[Iterator[bytes | memoryview]] = deque()
        self._is_paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the transport."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def pause_writing(self) -> None:
        """The reader is slow."""
        self._is_paused = True

    def resume_writing(self) -> None:
        """The reader is ready for more."""
        self._is_paused = False
        self._write()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody reads what is left."""
        self._left.clear()

    def data_received(self, data: bytes) -> None:
        """Answers every request that is whole."""
        self._buffer += data
        while (request := self._next()) is not None:
            self._left.append(iter(self._respond(request)))
        self._write()

    def _next(self) -> Request | None:
        end = self._buffer.find(_END)
        if end < 0:
            return None
        head = self._buffer[:end]
        begin = end + len(_END)
        length = 0
        if head[:4] != b"GET ":
            at = head.lower().find(_LENGTH)
            if at >= 0:
                length = int(head[at + len(_LENGTH) :].split(b"\r\n", 1)[0])
        if len(self._buffer) < begin + length:
            return None
        body = self._buffer[begin : begin + length]
        self._buffer = self._buffer[begin + length :]
        method, target, _ = head.split(b" ", 2)
        path, _, query = target.decode("latin-1").partition("?")
        return Request(method, path, query, head, body)

    def _write(self) -> None:
        while self._left and not self._is_paused:
            part = next(self._left[0], None)
            if part is None:
                self._left.popleft()
            else:
                self._transport.write(part)
