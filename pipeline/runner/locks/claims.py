"""Which audio the lock files beside the manifests stand for, whether or not they were named."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from pipeline.adapters.lock_file import SUFFIX, LockFile
from pipeline.core.lock.document import Lock
from pipeline.core.wanted.album import Checksum


def lock_claims(
    folders: Iterable[Path], *, journal_id: str | None, albums: Collection[str]
) -> frozenset[Checksum]:
    """Checksums of all attempts, in every lock of these folders, that nothing has replaced.

    The locks that this journal itself keeps of ``albums`` say what it says, and claim nothing of
    their own. Raises ``LockDamaged`` for one that cannot be read: what it needs is unknown.
    """
    paths = sorted({path for folder in folders for path in folder.glob(f"*{SUFFIX}")})
    locks = (lock for path in paths if (lock := LockFile(path).read()) is not None)
    return frozenset(
        checksum
        for lock in locks
        if lock.journal != journal_id or lock.album not in albums
        for checksum in _standing(lock)
    )


def _standing(lock: Lock) -> Iterator[Checksum]:
    for attempt in lock.attempts:
        if attempt.audio is not None and attempt.superseded_at is None:
            yield attempt.audio.checksum
