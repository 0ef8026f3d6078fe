"""One request and its answer on a connection. h11 reads heads and chunks; what has a length,
or ends with its connection, passes it by.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import h11
import httpx

from pipeline.adapters.aimlapi.wire.connection import Connection

LARGEST_HEAD_BYTES = 100 << 10  # all interim answers included
MOST_HEADERS = 256
CUT = "peer closed connection without sending complete message body"


@dataclass(slots=True, kw_only=True)
class Exchange:
    """``is_whole`` once the answer was received to its end."""

    connection: Connection
    request: httpx.Request
    is_whole: bool = False
    is_persistent: bool = False
    parser: h11.Connection = field(
        default_factory=lambda: h11.Connection(
            h11.CLIENT, max_incomplete_event_size=LARGEST_HEAD_BYTES
        )
    )

    async def head(self) -> h11.Response:
        """Sends the request; the head of its final answer. Raises httpx's errors."""
        try:
            self.connection.send(self._request_head())
        except h11.LocalProtocolError as error:
            raise httpx.LocalProtocolError(str(error)) from error
        seen_bytes = 0
        while True:
            event = self._next_event()
            if event is h11.NEED_DATA:
                if seen_bytes > LARGEST_HEAD_BYTES:
                    raise httpx.RemoteProtocolError("the answer's head does not end")
                piece = await self._receive(1)
                if not piece:
                    raise httpx.RemoteProtocolError(
                        "Server disconnected without sending a response."
                    )
                seen_bytes += len(piece)
                self.parser.receive_data(piece)
            elif isinstance(event, h11.Response):
                return self._checked(event)
            elif isinstance(event, h11.InformationalResponse) and event.status_code == 101:
                raise httpx.RemoteProtocolError("the server speaks another protocol unasked")

    def _request_head(self) -> bytes:
        asked = h11.Request(
            method=self.request.method,
            target=self.request.url.raw_path,
            headers=self.request.headers.raw,
        )
        head = self.parser.send(asked)
        end = self.parser.send(h11.EndOfMessage())
        assert head is not None
        assert end is not None
        return head + end

    def _checked(self, head: h11.Response) -> h11.Response:
        if len(head.headers) > MOST_HEADERS:
            raise httpx.RemoteProtocolError("the answer has too many headers")
        asked = self.request.headers.get("connection", "").lower()
        self.is_persistent = head.http_version >= b"1.1" and "close" not in (
            *_words(asked),
            *(word for name, value in head.headers if name == b"connection"
              for word in _words(value.decode("latin-1").lower())),
        )  # fmt: skip
        return head

    def body(self, head: h11.Response) -> AsyncIterator[bytes]:
        """The pieces of the answer's body as they come; where it ends is in its head."""
        came, _ = self.parser.trailing_data
        headers = dict(head.headers)
        is_empty = self.request.method == "HEAD" or head.status_code in (204, 304)
        if not is_empty and b"transfer-encoding" in headers:
            return self._chunks()
        if not is_empty and b"content-length" not in headers:
            self.is_persistent = False
            return self._until_the_end(came)
        length = 0 if is_empty else int(headers[b"content-length"])
        self.is_whole = len(came) >= length
        self.is_persistent = self.is_persistent and len(came) <= length
        return self._counted(came[:length], length)

    async def _counted(self, came: bytes, length: int) -> AsyncIterator[bytes]:
        left = length - len(came)
        if came:
            yield came
        while left:
            piece = await self._receive(left)
            if not piece:
                said = f"{CUT} (received {length - left} bytes, expected {length})"
                raise httpx.RemoteProtocolError(said)
            if len(piece) > left:
                self.is_persistent = False
                piece = piece[:left]
            left -= len(piece)
            self.is_whole = not left
            yield piece

    async def _until_the_end(self, came: bytes) -> AsyncIterator[bytes]:
        while came or (came := await self._receive(None)):
            yield came
            came = b""
        self.is_whole = True

    async def _chunks(self) -> AsyncIterator[bytes]:
        while True:
            event = self._next_event()
            if event is h11.NEED_DATA:
                self.parser.receive_data(await self._receive(1))
            elif isinstance(event, h11.Data):
                yield bytes(event.data)
            else:
                break
        self.is_whole = True
        self.is_persistent = self.is_persistent and not self.parser.trailing_data[0]

    def _next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        try:
            return self.parser.next_event()
        except h11.RemoteProtocolError as error:
            raise httpx.RemoteProtocolError(str(error)) from error

    async def _receive(self, wanted: int | None) -> bytes:
        timeouts = self.request.extensions.get("timeout", {})
        many = self.connection.room_bytes if wanted is None else wanted
        return await self.connection.receive(many, timeout_s=timeouts.get("read"))


class Body(httpx.AsyncByteStream):
    """The body as httpx reads it; ``on_close`` is called once, with its exchange."""

    def __init__(
        self,
        exchange: Exchange,
        pieces: AsyncIterator[bytes],
        on_close: Callable[[Exchange], None],
    ) -> None:
        self._exchange = exchange
        self._pieces = pieces
        self._on_close: Callable[[Exchange], None] | None = on_close

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._pieces:
                yield piece
        except BaseException:
            await self.aclose()
            raise

    async def aclose(self) -> None:
        """Gives the connection back, or closes it if the body did not come to its end."""
        if self._on_close is not None:
            on_close, self._on_close = self._on_close, None
            on_close(self._exchange)


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",")]
