"""One socket, plain or TLS: what arrives waits in a room of bounded size until it is taken."""

from __future__ import annotations

import asyncio
import ssl

import httpx

LINGER_S = 0.01  # pieces that follow each other closely are handed over as one
LARGEST_RECORD_BYTES = 16 << 10  # of TLS; one may be decrypted already and not yet read


class Connection(asyncio.BufferedProtocol):
    """Reads until ``room_bytes`` wait to be taken, and what TLS holds: memory is bounded."""

    def __init__(self, room_bytes: int) -> None:
        self.room_bytes = room_bytes
        self._loop = asyncio.get_running_loop()
        self._room = memoryview(bytearray(room_bytes))
        self._taken = 0
        self._filled = 0
        self._wanted = 1
        self._transport: asyncio.Transport | None = None
        self._is_paused = False
        self._is_ended = False
        self._error: Exception | None = None
        self._arrival: asyncio.Future[None] | None = None
        self._linger: asyncio.TimerHandle | None = None
        self.lost: asyncio.Future[None] = self._loop.create_future()
        self.idle_since_s: float | None = None
        self.is_silent = True

    @property
    def is_usable(self) -> bool:
        """Whether another request can be sent: neither side has closed it."""
        return self._transport is not None and not self._is_ended

    def send(self, request: bytes) -> None:
        """Sends a request; ``is_silent`` until the first byte of its answer."""
        self.idle_since_s = None
        self.is_silent = True
        if self._transport is not None:
            self._transport.write(request)

    async def receive(self, wanted: int, *, timeout_s: float | None) -> bytes:
        """What has come, empty at the end; waits for ``wanted`` bytes, but not long for the rest.

        At most ``room_bytes`` at a time.
        Raises ``httpx.ReadTimeout`` if nothing comes in time and ``httpx.ReadError``.
        """
        self._wanted = min(wanted, self.room_bytes)
        if self._waiting < self._wanted and not self._is_ended:
            await self._arriving(timeout_s)
        if self._waiting:
            return self._take()
        if self._error is not None:
            raise httpx.ReadError(str(self._error)) from self._error
        return b""

    async def _arriving(self, timeout_s: float | None) -> None:
        self._arrival = self._loop.create_future()
        if self._waiting:
            self._linger = self._loop.call_later(LINGER_S, self._wake)
        try:
            async with asyncio.timeout(timeout_s):
                await self._arrival
        except TimeoutError:
            raise httpx.ReadTimeout("") from None
        finally:
            self._arrival = None
            if self._linger is not None:
                self._linger.cancel()
                self._linger = None

    @property
    def _waiting(self) -> int:
        return self._filled - self._taken

    def _take(self) -> bytes:
        end = min(self._filled, self._taken + self.room_bytes)
        taken = bytes(self._room[self._taken : end])
        self._taken = end
        if self._waiting:
            return taken
        self._taken = self._filled = 0
        if self._is_paused and self._transport is not None:
            self._is_paused = False
            self._transport.resume_reading()
        return taken

    def rest(self) -> None:
        """Nothing is asked for now: whatever comes unasked ends the connection."""
        if self._waiting:
            self.abort()
        self.idle_since_s = self._loop.time()

    def abort(self) -> None:
        """Closes the socket without a farewell; ``lost`` is done once that has happened."""
        self._is_ended = True
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket stands; TLS too."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next bytes go: ``sizehint`` is what TLS holds, negative for a plain socket.

        All that TLS holds has to fit: once the peer has ended, asyncio reads a single time and
        drops the rest.
        """
        needed = self._filled + sizehint + LARGEST_RECORD_BYTES if sizehint >= 0 else 0
        if needed > len(self._room):
            larger = memoryview(bytearray(needed))
            larger[: self._filled] = self._room[: self._filled]
            self._room = larger
        return self._room[self._filled :]

    def buffer_updated(self, nbytes: int) -> None:
        """Bytes came."""
        if self.idle_since_s is not None:
            self.abort()
            return
        self.is_silent = False
        self._filled += nbytes
        if self._waiting >= self.room_bytes and self._transport is not None:
            self._is_paused = True
            self._transport.pause_reading()
        if self._waiting >= self._wanted:
            self._wake()
        elif self._arrival is not None and self._linger is None:
            self._linger = self._loop.call_later(LINGER_S, self._wake)

    def eof_received(self) -> None:
        """The server has said everything; the transport closes itself."""
        self._is_ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is closed; TLS without a farewell is an end like any other."""
        if not self._is_ended and not isinstance(exc, ssl.SSLEOFError):
            self._error = exc
        self._is_ended = True
        self._transport = None
        self._wake()
        if not self.lost.done():
            self.lost.set_result(None)

    def _wake(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)
