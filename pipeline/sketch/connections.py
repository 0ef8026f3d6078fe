"""The server's open connections, so that one can be dropped without an answer."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any
from weakref import WeakValueDictionary

from uvicorn.protocols.http.h11_impl import H11Protocol


class Connections:
    """Every connection of one server, by its client's address."""

    def __init__(self) -> None:
        """None are open."""
        self._open: WeakValueDictionary[tuple[str, int], asyncio.Transport] = WeakValueDictionary()

    def protocol(self) -> type[H11Protocol]:
        """The protocol for uvicorn's ``http`` setting: its own, that enters what it opens here."""
        opened = self._open

        class Entered(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                super().connection_made(transport)
                if self.client is not None:
                    opened[self.client] = transport

        return Entered

    def drop(self, scope: MutableMapping[str, Any]) -> None:
        """Reset the connection that a request came by, if it is still open."""
        transport = self._open.get(scope.get("client") or ("", 0))
        if transport is not None:
            transport.abort()
