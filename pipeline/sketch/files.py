"""Files that are whole or not there: written aside, flushed to the disk, moved into place."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def store_bytes(path: Path, content: bytes) -> None:
    """Put the content at the path, durably and in one step. Raises ``OSError``."""
    aside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        with aside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
