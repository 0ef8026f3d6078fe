"""What tests hold: the double as a child process, and its admin port as methods."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self
from urllib.parse import urlsplit

from tests.forking.started import Forked

from .ledger import Ledger, ledger_of, read_ledger

_ROOT = Path(__file__).resolve().parents[2]


class Vendor:
    """The double as a child process.

    ``settings`` are those of :class:`tests.vendor.settings.Settings`. Without ``folder`` the ledger
    lies in a temporary folder that ``stop`` removes; with one it stays, and a later double in the
    same folder goes on with it (on the same ports, if ``start`` is called on the same object).
    ``key`` is random unless given; it is on no command line. The child is forked off one that has
    loaded the double, unless it must be ``is_fresh``: a Python of its own.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        key: str | None = None,
        is_fresh: bool = False,
        **settings: Any,
    ) -> None:
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="vendor-")
        self.folder = folder or Path(self._temporary.name if self._temporary else "")
        self.key = key or f"vk{secrets.token_hex(16)}"
        self.ledger_path = self.folder / "vendor-ledger.sqlite3"
        self.api_url = self.cdn_url = self.admin_url = ""
        self.pid = 0
        self._is_fresh = is_fresh
        self._settings = settings
        self._process: subprocess.Popen[Any] | None = None
        self._kept_ports: list[socket.socket] = []

    def start(self, *, deadline_s: float = 10.0) -> Self:
        """Starts it and waits until it listens; raises ``RuntimeError`` with its words if not."""
        self.folder.mkdir(parents=True, exist_ok=True)
        ready = self.folder / "vendor-ready.json"
        ready.unlink(missing_ok=True)
        complaints = self.folder / "vendor-stderr.txt"
        with complaints.open("wb") as stderr:
            self._process = self._begin(self._arguments(ready), stderr)
        end = time.monotonic() + deadline_s
        while not ready.exists():
            if self._process.poll() is not None or time.monotonic() > end:
                self.kill()
                raise RuntimeError(f"no double: {complaints.read_text(encoding='utf-8')}")
            time.sleep(0.005)
        self._give_ports_back()
        urls = json.loads(ready.read_text(encoding="utf-8"))
        self.api_url, self.cdn_url, self.admin_url = urls["api"], urls["cdn"], urls["admin"]
        self.pid = urls["pid"]
        return self

    def _begin(self, arguments: list[str], stderr: IO[bytes]) -> subprocess.Popen[Any]:
        options: dict[str, Any] = {
            "cwd": _ROOT,
            "stdin": subprocess.PIPE,
            "stdout": subprocess.DEVNULL,
            "stderr": stderr,
            "env": {"VENDOR_KEY": self.key, "PATH": os.environ.get("PATH", "")},
        }
        if self._is_fresh:
            # -S: nothing installed is needed, and the start is faster.
            words = [sys.executable, "-S", "-m", "tests.vendor", *arguments]
            return subprocess.Popen(words, **options)
        return Forked(["vendor", *arguments], **options)

    def _arguments(self, ready: Path) -> list[str]:
        arguments = ["--ledger", str(self.ledger_path), "--ready", str(ready)]
        for name in ("api", "cdn", "admin"):
            url = getattr(self, f"{name}_url")
            if url:
                arguments += [f"--{name}-port", str(urlsplit(url).port)]
        for name, wish in self._settings.items():
            arguments += ["--" + name.replace("_", "-"), json.dumps(wish)]
        return arguments

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends it by closing its stdin; a temporary ledger is gone then. May be called twice."""
        process, self._process = self._process, None
        if process is not None:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(2)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._give_ports_back()
        if self._temporary is not None:
            self._temporary.cleanup()

    def kill(self) -> None:
        """Ends it at once and keeps the ledger: a vendor that is down; ``start`` brings it back."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            assert process.stdin is not None
            process.stdin.close()
            self._keep_ports()

    def _keep_ports(self) -> None:
        """Bind the ports without listening: connections are refused, and nobody else gets them."""
        for url in filter(None, (self.api_url, self.cdn_url, self.admin_url)):
            kept = socket.socket()
            kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            kept.bind(("127.0.0.1", urlsplit(url).port or 0))
            self._kept_ports.append(kept)

    def _give_ports_back(self) -> None:
        while self._kept_ports:
            self._kept_ports.pop().close()

    @property
    def environment(self) -> dict[str, str]:
        """The two variables by which the product finds this server."""
        return {"AIMLAPI_KEY": self.key, "AIMLAPI_BASE_URL": self.api_url}

    def fault(
        self,
        where: str,
        do: str,
        *,
        times: int | None = 1,
        skip: int = 0,
        match: str | None = None,
        **options: Any,
    ) -> int:
        """Adds a rule after those in force; ``times=None`` is always. Returns the rule's id."""
        rule = {"where": where, "do": do, "times": times, "skip": skip, "match": match, **options}
        number: int = self._call("POST", "/faults", rule)["id"]
        return number

    def hits(self, rule: int) -> int:
        """How many requests that rule broke so far."""
        return next(int(one["hits"]) for one in self.faults() if one["id"] == rule)

    def faults(self) -> list[dict[str, Any]]:
        """The rules in force, with ``hits`` and ``passed``."""
        rules: list[dict[str, Any]] = self._call("GET", "/faults")
        return rules

    def clear_faults(self) -> None:
        self._call("DELETE", "/faults")

    def set(self, **settings: Any) -> None:
        """Changes settings from now on; raises ``ValueError`` for an unknown one."""
        self._call("PUT", "/settings", settings)

    def reset(self) -> None:
        """Empties the ledger and drops faults; settings are those of the start again."""
        self._call("POST", "/reset")

    def ledger(self) -> Ledger:
        """The account so far: from the running double, else from its file."""
        if self._process is None:
            return read_ledger(self.ledger_path)
        return ledger_of(self._call("GET", "/ledger"))

    def complaints(self) -> str:
        """What the double wrote to its stderr: empty, or it has a defect of its own."""
        return (self.folder / "vendor-stderr.txt").read_text(encoding="utf-8")

    def wait_for(self, condition: Callable[[Ledger], bool], *, timeout_s: float = 10.0) -> Ledger:
        """The first ledger that meets the condition; raises ``TimeoutError``."""
        end = time.monotonic() + timeout_s
        while True:
            ledger = self.ledger()
            if condition(ledger):
                return ledger
            if time.monotonic() > end:
                raise TimeoutError(f"the ledger never met the condition: {ledger}")
            time.sleep(0.01)

    def _call(self, method: str, path: str, wish: Any = None) -> Any:
        where = urlsplit(self.admin_url)
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=30)
        try:
            connection.request(
                method,
                path,
                body=None if wish is None else json.dumps(wish),
                headers={"Content-Type": "application/json"},
            )
            answer = connection.getresponse()
            document = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status >= 400:
            raise ValueError(f"{method} {path}: {document['message']}")
        return document
