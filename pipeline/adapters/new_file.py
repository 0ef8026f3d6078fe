"""A file that is written only where nothing is."""

from __future__ import annotations

import os
from pathlib import Path

from pipeline.adapters.durable import fsync_folder, make_folder


def write_new(path: Path, content: bytes) -> None:
    """Puts ``content`` at ``path`` as a whole; raises ``FileExistsError`` if something is there.

    Nobody ever sees half a file, and of two who write at once only one succeeds.
    """
    make_folder(path.parent)
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with aside.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        _link_or_copy(aside, path, content)
    finally:
        aside.unlink(missing_ok=True)
    fsync_folder(path.parent)


def _link_or_copy(aside: Path, path: Path, content: bytes) -> None:
    try:
        path.hardlink_to(aside)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        with path.open("xb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
