"""What a blob is named by."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pipeline.core.wanted.album import Checksum

BLOCK_BYTES = 1 << 20


def checksum_of(path: Path) -> Checksum:
    """sha256 of a file, read in blocks of 1 MiB."""
    digest = hashlib.sha256()
    with path.open("rb") as blob:
        while block := blob.read(BLOCK_BYTES):
            digest.update(block)
    return Checksum(digest.hexdigest())


def key_of(checksum: str, extension: str) -> str:
    """A blob's name in any store: ``ab/abcdef….mp3``."""
    return f"{checksum[:2]}/{checksum}.{extension}"
