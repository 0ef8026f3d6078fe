"""Which audio the lock files beside the manifests stand for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pipeline.core.album import Checksum
from pipeline.errors import UnknownPurchases

PATTERN = "*.lock.json"
LARGEST_BYTES = 256 << 20


def lock_claims(folders: Iterable[Path]) -> frozenset[Checksum]:
    """Checksums of all attempts, in every lock of these folders, that nothing has replaced.

    Raises ``UnknownPurchases`` for a lock that cannot be read: what it needs is unknown.
    """
    paths = sorted({path for folder in folders for path in folder.glob(PATTERN)})
    return frozenset(checksum for path in paths for checksum in _claims_of(path))


def _claims_of(path: Path) -> Iterator[Checksum]:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise ValueError("it is too large")
        yield from _standing(json.loads(path.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnknownPurchases(
            f"{path}: cannot be read as a lock file ({error}), so what it refers to is unknown",
            hint="restore it from git or a backup",
        ) from error


def _standing(document: Any) -> Iterator[Checksum]:
    for row in document["attempts"]:
        if row["audio"] is not None and row["superseded_at"] is None:
            yield Checksum(str(row["audio"]["sha256"]))
