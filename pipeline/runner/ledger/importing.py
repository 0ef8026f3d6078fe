"""Bringing purchases that a cost report or a lock knows back into the journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.adapters.blob_store import BlobStore
from pipeline.adapters.journal.sqlite import Journal
from pipeline.adapters.lock_file import LockFile, is_lock_file
from pipeline.core.lock.joining import arrivals
from pipeline.core.lock.known_purchases import attempt_of_row, unknown_purchases
from pipeline.core.purchase.attempt import Attempt
from pipeline.core.wanted.album import TakeRef
from pipeline.errors import UnknownPurchases
from pipeline.runner.clock import Clock
from pipeline.runner.locks.keeping import kept_locks
from pipeline.runner.locks.reading import FoundLocks
from pipeline.runner.locks.refusing import refuse_clashes
from pipeline.runner.opening import locked_journal, store_of
from pipeline.runner.outputs.reporting import read_report, refuse_missing
from pipeline.runner.workspace import Folders


def import_record(path: Path, *, folders: Folders, clock: Clock) -> tuple[TakeRef, ...]:
    """Takes in everything that a cost report or a lock knows and the journal lacks.

    Returns the takes. Sends nothing; the locks that the journal remembers follow.
    """
    refuse_missing(path)
    with (
        locked_journal(folders.state, clock) as journal,
        kept_locks(journal, folders.state, None, FoundLocks()) as locks,
    ):
        told = _told(path, journal, store_of(folders), clock)
        found = arrivals(journal.attempts(), journal.known_ids(), told, at=clock.stamp())
        refuse_clashes(found)
        locks.begin()
        journal.take_in(found, at=clock.stamp())
        locks.flush()
    return tuple(attempt.ref for attempt in (*found.changed, *found.new))


def _told(path: Path, journal: Journal, store: BlobStore, clock: Clock) -> Iterable[Attempt]:
    if is_lock_file(path):
        lock = LockFile(path).read()
        return () if lock is None else lock.attempts
    return _told_by_report(path, journal.known_ids(), store, clock)


def _told_by_report(
    path: Path, known_ids: frozenset[str], store: BlobStore, clock: Clock
) -> Sequence[Attempt]:
    report = read_report(path)
    album, at = str(report["album"]), clock.stamp()
    try:
        return [
            attempt_of_row(row, album=album, stored=_stored(store, row), at=at)
            for row in unknown_purchases(report, known_ids)
        ]
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise UnknownPurchases(
            f"{path}: a row cannot be understood: {error}",
            hint="restore the report from a backup",
        ) from error


def _stored(store: BlobStore, row: Mapping[str, Any]) -> frozenset[str]:
    audio = row["audio"]
    if not audio:
        return frozenset()
    checksum = audio["stored_sha256"]
    is_there = store.holds(checksum, audio["format"], audio["stored_bytes"])
    return frozenset({checksum} if is_there else ())
