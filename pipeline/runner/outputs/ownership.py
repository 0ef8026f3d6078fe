"""Whose a file under ``outputs/`` is, by what was recorded when songmake wrote it."""

from __future__ import annotations

from pathlib import Path

from pipeline.adapters.blob_store import checksum_of
from pipeline.adapters.outputs import lies_as_recorded
from pipeline.core.handover.folder import HandoverRecord
from pipeline.core.handover.tracks import Publication
from pipeline.core.wanted.album import Checksum


def lies_unchanged(
    path: Path, found: Publication | HandoverRecord, *, reads_bytes: bool = False
) -> bool:
    """Whether a file is as it was recorded: by size and time, else by its bytes."""
    if not reads_bytes and lies_as_recorded(
        path, size_bytes=found.size_bytes, mtime_ns=found.mtime_ns
    ):
        return True
    if not path.is_file() or path.stat().st_size != found.size_bytes:
        return False
    return checksum_of(path) == found.checksum


def is_foreign(path: Path, found: Publication | HandoverRecord | None, new: Checksum) -> bool:
    """Whether a file is neither what songmake wrote here last nor what it is about to write."""
    if not path.exists() or (found is not None and found.mtime_ns is None):
        return False  # a publication that a kill cut short: both the old and the new are its own
    if found is not None and lies_as_recorded(
        path, size_bytes=found.size_bytes, mtime_ns=found.mtime_ns
    ):
        return False
    return checksum_of(path) not in (new, found.checksum if found else None)
