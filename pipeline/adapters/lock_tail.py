"""The file beside a large lock to which intents are added, so that it is not written for each."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from pipeline.adapters.durable import fsync_folder

SUFFIX = ".tail"


class LockTail:
    """``ALBUM.lock.json.tail``: it is there while a run buys, or was killed. Raises ``OSError``."""

    def __init__(self, lock: Path) -> None:
        self.path = lock.with_name(f"{lock.name}{SUFFIX}")
        self.size_bytes = 0
        self.is_ours = False  # begun by this process since the lock was last written whole

    def read(self) -> str:
        """What is in it, empty if there is none."""
        try:
            return self.path.read_bytes().decode(errors="replace")
        except FileNotFoundError:
            return ""

    def append(self, header: str, lines: str) -> None:
        """Adds whole lines, durably; what is refused leaves nothing behind."""
        begins = not self.is_ours
        content = f"{header if begins else ''}{lines}".encode()
        flags = os.O_WRONLY | os.O_CREAT | (os.O_EXCL if begins else 0)
        file = os.open(self.path, flags, 0o644)
        try:
            self._write(file, content)
        finally:
            os.close(file)
        if begins:
            fsync_folder(self.path.parent)
        self.is_ours = True
        self.size_bytes += len(content)

    def remove(self) -> None:
        """The lock tells of all of it now."""
        self.path.unlink(missing_ok=True)
        self.is_ours, self.size_bytes = False, 0

    def _write(self, file: int, content: bytes) -> None:
        try:
            written = 0
            while written < len(content):
                written += os.pwrite(file, content[written:], self.size_bytes + written)
            os.fsync(file)
        except OSError:
            with suppress(OSError):
                os.ftruncate(file, self.size_bytes)
            if not self.is_ours:
                with suppress(OSError):
                    self.path.unlink()
            raise
