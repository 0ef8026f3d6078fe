"""Run the embedded engine as a server: bind, announce, work until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import ExtraMissing, SketchUnavailable
from pipeline.sketch.faults import Fault, FaultBook
from pipeline.sketch.jobs import JobFolder

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp, Scope

    from pipeline.sketch.service import Service

LINK_LIFETIME_S = 24 * 3600
NEEDED_TO_PLAY = ("lameenc", "numpy")
_NEEDED = (*NEEDED_TO_PLAY, "starlette", "uvicorn")


def serve(
    *,
    host: str,
    port: int,
    jobs_dir: Path,
    api_key: str | None,
    price_usd: Decimal,
    parent_pipe: bool,
    announce: Callable[[str], None],
    link_lifetime_s: int = LINK_LIFETIME_S,
    faults: Sequence[Fault] = (),
) -> None:
    """Serve until SIGTERM or SIGINT; with ``parent_pipe``, also until standard input ends.

    Port 0 is any free one; ``announce`` gets the base URL once connections are taken. ``api_key``
    None lets any bearer token in. Jobs in ``jobs_dir`` left unfinished are rendered. ``faults`` go
    wrong, each in its turn. Raises
    :class:`ExtraMissing` without the engine's packages, :class:`SketchUnavailable` if the port or
    the folder cannot be had.
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise ExtraMissing(
            f"the sketch engine needs {', '.join(missing)}", hint="pip install 'songmake[sketch]'"
        )
    jobs = JobFolder(jobs_dir)
    with jobs.owned(), _bound(host, port) as listener:
        if parent_pipe:
            threading.Thread(target=_end_with_parent, daemon=True).start()
        base_url = _base_url(listener)
        setting = _Setting(
            base_url=base_url, api_key=api_key, price_usd=price_usd,
            link_lifetime_s=link_lifetime_s, faults=tuple(faults),
        )  # fmt: skip
        asyncio.run(_run(jobs, listener, setting, announce))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    base_url: str
    api_key: str | None = field(repr=False)
    price_usd: Decimal
    link_lifetime_s: int
    faults: tuple[Fault, ...]


async def _run(
    jobs: JobFolder,
    listener: socket.socket,
    setting: _Setting,
    announce: Callable[[str], None],
) -> None:
    import uvicorn  # slow to import, and needless for whoever only wants the signature

    from pipeline.sketch.connections import Connections
    from pipeline.sketch.service import Service

    service = Service(jobs, price_usd=setting.price_usd)
    connections = Connections()
    config = uvicorn.Config(
        _app(service, setting, connections.drop), log_config=None, log_level="critical",
        access_log=False, lifespan="off", http=connections.protocol(), ws="none", loop="asyncio",
        timeout_graceful_shutdown=1, server_header=False, proxy_headers=False,
    )  # fmt: skip
    server = uvicorn.Server(config)
    service.start()
    try:
        with _stopping_on_signals(server):
            announcing = asyncio.create_task(
                _announce_when_started(server, setting.base_url, announce)
            )
            # Its own signal handling would end the process by the signal again.
            server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
            await server.serve(sockets=[listener])
            announcing.cancel()
    finally:
        await service.stop()


def _app(service: Service, setting: _Setting, drop: Callable[[Scope], None]) -> ASGIApp:
    from pipeline.sketch.rehearsal import Rehearsal
    from pipeline.sketch.server import build_app

    dead_links: set[str] = set()
    app = build_app(
        service, api_key=setting.api_key, base_url=setting.base_url,
        link_lifetime_s=setting.link_lifetime_s, dead_links=dead_links,
    )  # fmt: skip
    if not setting.faults:
        return app
    faults = FaultBook(setting.faults)
    return Rehearsal(app, faults=faults, service=service, dead_links=dead_links, hang_up=drop)


async def _announce_when_started(
    server: uvicorn.Server, base_url: str, announce: Callable[[str], None]
) -> None:
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.005)
    announce(base_url)


@contextlib.contextmanager
def _stopping_on_signals(server: uvicorn.Server) -> Iterator[None]:
    def stop() -> None:
        server.force_exit = server.should_exit
        server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


@contextlib.contextmanager
def _bound(host: str, port: int) -> Iterator[socket.socket]:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise SketchUnavailable(f"{host}: {error.strerror}") from error
    with listener:
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
            listener.listen(128)
        except OSError as error:
            raise SketchUnavailable(
                f"cannot listen on {host} port {port}: {error.strerror}",
                hint="choose another --port",
            ) from error
        yield listener


def _base_url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    # Nobody can connect to "every address"; loopback is one of them.
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _end_with_parent() -> None:
    """Leave at once when the pipe closes: every job is on disk, and workers see theirs close."""
    while os.read(0, 4096):
        pass
    os._exit(0)
