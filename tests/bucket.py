"""Object storage on loopback: rclone serves a folder as S3, and a relay stands in the line."""

from __future__ import annotations

import socket
import subprocess
import sysconfig
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from obstore.store import S3Store

KEY, SECRET = "AKIASONGMAKETESTS", "between-you-and-me-0123456789"
BUCKET = "albums"


@dataclass(slots=True, kw_only=True)
class BucketServer:
    """A real server that checks signatures; each object is a file under ``root``.

    It remembers folders that it has listed, so objects are changed and removed through it alone.
    """

    root: Path
    is_read_only: bool = False
    port: int = 0
    running: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        (self.root / BUCKET).mkdir(parents=True, exist_ok=True)
        self.port = self.port or free_port()
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Returns when it answers."""
        program = Path(sysconfig.get_path("scripts")) / "rclone"
        self.running = subprocess.Popen(
            [program, "serve", "s3", self.root, "--addr", f"127.0.0.1:{self.port}",
             "--auth-key", f"{KEY},{SECRET}", "--config", "/dev/null",
             *(["--read-only"] if self.is_read_only else [])],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        end = time.monotonic() + 30
        while not answers(self.port):
            assert self.running.poll() is None, "the server did not start"
            assert time.monotonic() < end, "the server does not answer"
            time.sleep(0.01)

    def stop(self) -> None:
        """As a power cut would."""
        if self.running is not None:
            self.running.kill()
            self.running.wait()
            self.running = None

    def blobs(self, prefix: str) -> list[Path]:
        """The files of all objects of a store, sorted."""
        return sorted((self.root / BUCKET / prefix).rglob("*.mp3"))


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketStoreAt:
    """One store in the server's bucket: what to type and what to export."""

    server: BucketServer
    prefix: str
    port: int

    @property
    def url(self) -> str:
        return f"s3://{BUCKET}/{self.prefix}"

    @property
    def environment(self) -> Mapping[str, str]:
        return credentials(self.port)

    @property
    def blobs(self) -> list[Path]:
        return self.server.blobs(self.prefix)

    def overwrite(self, blob: Path, content: bytes) -> None:
        """Puts other bytes in an object's place."""
        self._client().put(f"{blob.parent.name}/{blob.name}", content)

    def remove(self, blob: Path) -> None:
        """Removes an object."""
        self._client().delete(f"{blob.parent.name}/{blob.name}")

    def _client(self) -> S3Store:
        access = credentials(self.server.port)
        return S3Store(
            BUCKET,
            prefix=self.prefix,
            access_key_id=access["AWS_ACCESS_KEY_ID"],
            secret_access_key=access["AWS_SECRET_ACCESS_KEY"],
            region=access["AWS_REGION"],
            endpoint=access["AWS_ENDPOINT_URL"],
            client_options={"allow_http": True},
        )


def credentials(port: int, *, key: str = KEY, secret: str = SECRET) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
    }


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


@dataclass(slots=True, kw_only=True)
class Relay:
    """Passes every byte on to a port, counts requests, and may change or cut what is sent.

    ``change`` sees each block on its way to the server, ``change_back`` on its way back. After
    ``cut_after_bytes`` to the server, every connection is cut and no other accepted: it is down.
    """

    target: int
    change: Callable[[bytes], bytes] = bytes
    change_back: Callable[[bytes], bytes] = bytes
    cut_after_bytes: int | None = None
    requests: list[str] = field(default_factory=list)
    passed_bytes: int = 0
    port: int = 0
    _listening: socket.socket | None = None
    _open: list[socket.socket] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.cut()

    def cut(self) -> None:
        """From now on nobody answers here."""
        for one in (self._listening, *self._open):
            if one is not None:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()

    def _accept(self) -> None:
        assert self._listening is not None
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self.target))
                self._open += [client, server]
                for one in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._pump, args=one, daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, is_request: bool) -> None:
        with suppress(OSError):
            while block := source.recv(1 << 16):
                if is_request:
                    self._note(block)
                    block = self.change(block)
                    limit = self.cut_after_bytes
                    if limit is not None and self.passed_bytes >= limit:
                        self.cut()
                        return
                else:
                    block = self.change_back(block)
                sink.sendall(block)
            sink.shutdown(socket.SHUT_WR)

    def _note(self, block: bytes) -> None:
        self.passed_bytes += len(block)
        line = block.partition(b"\r\n")[0]
        if line.endswith(b" HTTP/1.1"):
            self.requests.append(line.decode().rpartition(" ")[0])
