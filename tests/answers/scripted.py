"""A raw socket server that follows a script: one coroutine a connection, and the count of them."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(slots=True, kw_only=True)
class Scripted:
    """``accepts`` counts the connections."""

    url: str = ""
    accepts: int = 0


@asynccontextmanager
async def scripted(
    script: Script, *, trust: ssl.SSLContext | None = None
) -> AsyncIterator[Scripted]:
    """Every connection is closed when its script ends."""
    served = Scripted()
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.accepts += 1
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await script(reader, writer)
        finally:
            writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=trust)
    async with server:
        scheme = "http" if trust is None else "https"
        served.url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield served
        finally:
            for task in serving:
                task.cancel()
            await asyncio.gather(*serving, return_exceptions=True)
            await asyncio.sleep(0)  # the loop closes their sockets


def saying(raw: bytes, *, times: int = 1) -> Script:
    """Answers so many requests of a connection with these bytes, then closes it."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(times):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(raw)
            await writer.drain()

    return say


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """A server's context, and the certificate to trust for it."""

    trust: ssl.SSLContext
    certificate: Path


@cache
def certified(folder: Path, names: str, days: int) -> Certified:
    """A self-signed certificate by the system's openssl; ``days`` below zero have gone by."""
    key, certificate = folder / f"{days}.key", folder / f"{days}.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-subj", "/CN=test", "-addext", f"subjectAltName={names}",
         "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    if days < 0:
        subprocess.run(
            ["openssl", "x509", "-in", certificate, "-signkey", key, "-copy_extensions", "copyall",
             "-days", str(days), "-out", certificate],
            check=True, capture_output=True,
        )  # fmt: skip
    trust = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trust.load_cert_chain(certificate, key)
    return Certified(trust=trust, certificate=certificate)
