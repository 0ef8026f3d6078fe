"""A manifest's file with another text: whole or not at all, and never over another's edit."""

from __future__ import annotations

import fcntl
import shlex
from pathlib import Path

from pipeline.adapters.durable import write_atomically
from pipeline.adapters.manifest.source import Unreadable, decode
from pipeline.errors import ManifestChanged

_BOM = b"\xef\xbb\xbf"
_ANYBODY_WRITES = 0o222


def rewrite(path: Path, *, before: str, after: str) -> None:
    """Puts ``after`` where ``before`` was read. Byte order mark, mode, owner and links stay.

    Raises ``ManifestChanged`` if the file holds another text by now or is read-only, and
    ``OSError`` if the disk refuses.
    """
    real = path.resolve()
    with real.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # of two that edit, the later one sees the first's text
        status = real.stat()
        content = real.read_bytes()
        if _text_of(content) != before:
            raise ManifestChanged(
                f"{path} was changed by another hand just now: nothing is written to it",
                hint="the same command again reads it anew",
            )
        if not status.st_mode & _ANYBODY_WRITES:
            raise ManifestChanged(
                f"{path} is read-only: nothing is written to it",
                hint=f"chmod u+w {shlex.quote(str(path))}",
            )
        mark = _BOM if content.startswith(_BOM) else b""
        write_atomically(real, mark + after.encode(), like=status)


def _text_of(content: bytes) -> str | None:
    try:
        return decode(content)
    except Unreadable:
        return None
