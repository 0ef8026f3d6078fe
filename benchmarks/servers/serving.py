"""The servers, started for a row and stopped with it."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.servers.certificates import issue
from benchmarks.servers.wishes import Counts, Wishes

KEY = "a-key-for-the-benchmark-alone"
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Where they are. ``authority`` is what to trust where the CDN speaks TLS.

    Any path below ``cdn_url``/audio/ is a file.
    """

    api_url: str
    cdn_url: str
    counts_url: str
    authority: Path | None

    @property
    def env(self) -> dict[str, str]:
        """What songmake reads, to come here instead of to the vendor."""
        return {"AIMLAPI_BASE_URL": self.api_url, "AIMLAPI_KEY": KEY}

    def counts(self) -> Counts:
        """What they counted so far."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(self.counts_url, timeout=30) as answered:
            return Counts(**json.load(answered))


@contextmanager
def serving(folder: Path, wishes: Wishes) -> Iterator[Served]:
    """Starts the servers in a process of their own; ``folder`` gets the certificates."""
    issued = issue(folder) if wishes.is_tls else None
    names = [str(issued.certificate), str(issued.key)] if issued is not None else []
    argv = [sys.executable, "-m", "benchmarks.servers", json.dumps(asdict(wishes)), *names]
    with subprocess.Popen(argv, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        try:
            urls = json.loads(server.stdout.readline())
            yield Served(
                api_url=urls["api"],
                cdn_url=urls["cdn"],
                counts_url=urls["counts"],
                authority=issued.authority if issued is not None else None,
            )
        finally:
            server.kill()
