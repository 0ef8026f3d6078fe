"""A real server in a process of its own, on a free loopback port."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.sketch.songs import body

KEY = "a-key-for-tests"
# One for all tests, since making one reads certificates; each request has a new connection.
CLIENT = httpx.Client(
    timeout=20, trust_env=False, verify=False, limits=httpx.Limits(max_keepalive_connections=0)
)
_STARTER = """
import sys
from decimal import Decimal
from pathlib import Path
from pipeline.errors import SongmakeError
from pipeline.sketch.faults import parse_fault
from pipeline.sketch.serve import serve
try:
    serve(host="127.0.0.1", port=int(sys.argv[2]), jobs_dir=Path(sys.argv[1]),
          api_key=sys.argv[3] or None, price_usd=Decimal(sys.argv[4]), parent_pipe=True,
          announce=lambda url: print(url, flush=True), link_lifetime_s=int(sys.argv[5]),
          faults=[parse_fault(text) for text in sys.argv[6:]])
except SongmakeError as error:
    sys.exit(f"{type(error).__name__}: {error.message}")
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server that is up."""

    url: str
    process: subprocess.Popen[str]
    key: str = KEY

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.key}"} | options.pop("headers", {})
        return CLIENT.request(method, self.url + path, headers=headers, **options)

    def submit(self, request_id: str | None = None, **changes: Any) -> str:
        headers = {"x-client-request-id": request_id} if request_id else {}
        answer = self.call("POST", "/v2/generate/audio", json=body(**changes), headers=headers)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    def poll(self, generation_id: str) -> dict[str, Any]:
        answer = self.call("GET", "/v2/generate/audio", params={"generation_id": generation_id})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def finished(self, generation_id: str, *, within_s: float = 120.0) -> dict[str, Any]:
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            answer = self.poll(generation_id)
            if answer["status"] in ("completed", "error"):
                return answer
            time.sleep(0.05)
        raise AssertionError(f"{generation_id} did not finish within {within_s} s")


def spawn(
    folder: Path,
    *,
    key: str = KEY,
    price: str = "0",
    lifetime_s: int = 3600,
    port: int = 0,
    faults: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[str]:
    arguments = [str(folder), str(port), key, price, str(lifetime_s), *faults]
    return subprocess.Popen(
        [sys.executable, "-c", _STARTER, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environment or {})},
    )


@contextmanager
def running(folder: Path, **options: Any) -> Iterator[Running]:
    with spawn(folder, **options) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url, process.stderr.read() if process.stderr else ""
        try:
            yield Running(url=url, process=process, key=options.get("key") or KEY)
        finally:
            if process.poll() is None:
                os.kill(process.pid, signal.SIGTERM)
                process.wait(5)


def workers_of(folder: Path) -> set[int]:
    """Ids of live processes that render jobs of the folder."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue  # it ended while we looked
            if b"pipeline.sketch.worker" in words and str(folder.resolve()).encode() in words:
                found.add(int(entry.name))
    return found


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
