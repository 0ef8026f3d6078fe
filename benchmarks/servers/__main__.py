"""The servers as a process: wishes as JSON in, addresses as JSON out, gone with its parent."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import ssl
import sys
from dataclasses import asdict
from functools import partial

from benchmarks.servers.api import Api
from benchmarks.servers.cdn import Cdn
from benchmarks.servers.http1 import Connection, Parts, Request, Respond, answer
from benchmarks.servers.wishes import Counts, Wishes


async def _serve(wishes: Wishes, certificate: str, key: str) -> None:
    cdn = Cdn(wishes.audio_bytes)
    trust = None
    if wishes.is_tls:
        trust = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        trust.load_cert_chain(certificate, key)
    scheme = "https" if wishes.is_tls else "http"
    cdn_url = f"{scheme}://127.0.0.1:{await _listen(cdn.respond, trust)}"
    api = Api(wishes, cdn_url=cdn_url)

    def counts(request: Request) -> Parts:
        taken = resource.getrusage(resource.RUSAGE_SELF)
        found = api.counted(cdn.counted(Counts(cpu_s=taken.ru_utime + taken.ru_stime)))
        return answer(b"200 OK", json.dumps(asdict(found)).encode())

    ports = [await _listen(respond, None) for respond in (api.respond, counts)]
    urls = [f"http://127.0.0.1:{port}" for port in ports]
    sys.stdout.write(json.dumps({"api": urls[0], "counts": urls[1], "cdn": cdn_url}) + "\n")
    sys.stdout.flush()
    asyncio.get_running_loop().add_reader(0, _leave)
    await asyncio.Event().wait()


async def _listen(respond: Respond, trust: ssl.SSLContext | None) -> int:
    """The port that it listens at, with room for thousands that come at once."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        partial(Connection, respond), "127.0.0.1", 0, ssl=trust, backlog=4096
    )
    return int(server.sockets[0].getsockname()[1])


def _leave() -> None:
    if not os.read(0, 1):
        os._exit(0)


def main() -> None:
    """``python -m benchmarks.servers WISHES [CERTIFICATE KEY]``."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's; it ends with its parent
    wishes = Wishes(**json.loads(sys.argv[1]))
    if wishes.cpu is not None:
        os.sched_setaffinity(0, {wishes.cpu})
    certificate, key = sys.argv[2:4] if wishes.is_tls else ("", "")
    asyncio.run(_serve(wishes, certificate, key))


if __name__ == "__main__":
    main()
