"""Connections by origin: the one used last is used next, so that finding one is O(1)."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass

import httpx

from pipeline.adapters.aimlapi.wire.connection import Connection

KEPT_S = 60.0  # servers close idle connections after a minute or more
HEAD_START_S = 0.25  # of one address before the next is tried beside it (RFC 8305)
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where connections lead to."""

    scheme: str
    host: str
    port: int


def origin_of(url: httpx.URL) -> Origin:
    """Raises ``httpx.UnsupportedProtocol`` for what is neither http nor https."""
    if url.scheme not in PORTS or not url.raw_host:
        raise httpx.UnsupportedProtocol("the address is neither http nor https")
    return Origin(url.scheme, url.raw_host.decode("ascii"), url.port or PORTS[url.scheme])


class Pool:
    """How many are open at once is the caller's affair: none waits for another here."""

    def __init__(self, context: ssl.SSLContext, *, room_bytes: int) -> None:
        self._context = context
        self._room_bytes = room_bytes
        self._idle: dict[Origin, list[Connection]] = {}
        self._open: set[Connection] = set()

    def take(self, origin: Origin) -> Connection | None:
        """A connection that stood a moment ago, if there is one."""
        idle = self._idle.get(origin, [])
        while idle:
            connection = idle.pop()
            if connection.is_usable and not _is_stale(connection):
                return connection
            connection.abort()
        return None

    def put_back(self, origin: Origin, connection: Connection) -> None:
        """The answer was read to its end, and both sides want to go on."""
        connection.rest()
        if connection.is_usable:
            self._idle.setdefault(origin, []).append(connection)

    async def connect(self, origin: Origin, *, timeout_s: float | None) -> Connection:
        """A new connection; name, socket and TLS together take ``timeout_s`` at most.

        Raises ``httpx.ConnectTimeout`` and ``httpx.ConnectError``.
        """
        is_tls = origin.scheme == "https"
        try:
            async with asyncio.timeout(timeout_s):
                _, connection = await asyncio.get_running_loop().create_connection(
                    lambda: Connection(self._room_bytes),
                    origin.host,
                    origin.port,
                    ssl=self._context if is_tls else None,
                    server_hostname=origin.host if is_tls else None,
                    happy_eyeballs_delay=HEAD_START_S,
                )
        except TimeoutError as error:
            raise httpx.ConnectTimeout("") from error
        except (OSError, UnicodeError, OverflowError) as error:
            raise httpx.ConnectError(str(error)) from error
        self._open.add(connection)
        connection.lost.add_done_callback(lambda _: self._open.discard(connection))
        return connection

    async def aclose(self) -> None:
        """Closes every connection and waits until the sockets are gone."""
        for connection in tuple(self._open):
            connection.abort()
        await asyncio.gather(*(connection.lost for connection in tuple(self._open)))
        self._idle.clear()


def _is_stale(connection: Connection) -> bool:
    since_s = connection.idle_since_s
    return since_s is not None and asyncio.get_running_loop().time() - since_s > KEPT_S
