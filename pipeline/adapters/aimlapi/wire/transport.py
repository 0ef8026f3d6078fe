"""Requests by httpx's own interface, over connections that are kept."""

from __future__ import annotations

import ssl
from functools import partial
from urllib.request import getproxies

import httpx

from pipeline.adapters.aimlapi.wire.connection import Connection
from pipeline.adapters.aimlapi.wire.exchange import Body, Exchange
from pipeline.adapters.aimlapi.wire.pool import Origin, Pool, origin_of


class Wire(httpx.AsyncBaseTransport):
    """Sends GET and HEAD; ``room_bytes`` is what a connection holds of an unread answer."""

    def __init__(self, context: ssl.SSLContext, *, room_bytes: int) -> None:
        context.set_alpn_protocols(["http/1.1"])
        self._pool = Pool(context, room_bytes=room_bytes)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One answer, its body still to be read. Raises httpx's errors.

        A kept connection that ends before the answer's first byte was closed while it was idle:
        the request is sent once more, on a new one.
        """
        if request.method not in ("GET", "HEAD") or "transfer-encoding" in request.headers:
            raise httpx.LocalProtocolError("only questions without a body are sent this way")
        origin = origin_of(request.url)
        kept = self._pool.take(origin)
        if kept is not None:
            try:
                return await self._ask(kept, request, origin)
            except (httpx.RemoteProtocolError, httpx.ReadError):
                if not kept.is_silent:
                    raise
        timeouts = request.extensions.get("timeout", {})
        fresh = await self._pool.connect(origin, timeout_s=timeouts.get("connect"))
        return await self._ask(fresh, request, origin)

    async def _ask(
        self, connection: Connection, request: httpx.Request, origin: Origin
    ) -> httpx.Response:
        exchange = Exchange(connection=connection, request=request)
        try:
            head = await exchange.head()
            pieces = exchange.body(head)
        except BaseException:
            connection.abort()
            raise
        return httpx.Response(
            status_code=head.status_code,
            headers=head.headers.raw_items(),
            stream=Body(exchange, pieces, partial(self._end, origin)),
            extensions={
                "http_version": b"HTTP/" + head.http_version,
                "reason_phrase": head.reason,
            },
        )

    def _end(self, origin: Origin, exchange: Exchange) -> None:
        if exchange.is_whole and exchange.is_persistent:
            self._pool.put_back(origin, exchange.connection)
        else:
            exchange.connection.abort()

    async def aclose(self) -> None:
        """Closes every connection."""
        await self._pool.aclose()


def transport_of(
    context: ssl.SSLContext, *, room_bytes: int, trust_env: bool
) -> httpx.AsyncBaseTransport | None:
    """A wire, or None where the environment names a proxy: httpx's own transport knows those."""
    if trust_env and any(getproxies().get(scheme) for scheme in ("http", "https", "all")):
        return None
    return Wire(context, room_bytes=room_bytes)
