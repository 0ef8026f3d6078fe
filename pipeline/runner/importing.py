"""Bringing purchases that a cost report knows back into the journal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.core.album import TakeRef
from pipeline.core.attempt import ref_of
from pipeline.core.known_purchases import attempt_of_row, unknown_purchases
from pipeline.errors import UnknownPurchases
from pipeline.runner.clock import Clock
from pipeline.runner.opening import locked_journal, store_of
from pipeline.runner.reporting import read_report, refuse_missing
from pipeline.runner.workspace import Folders


def import_report(path: Path, *, folders: Folders, clock: Clock) -> tuple[TakeRef, ...]:
    """Takes in every paid row that the journal lacks; returns the takes. Sends nothing."""
    refuse_missing(path)
    report = read_report(path)
    store = store_of(folders)
    imported: list[TakeRef] = []
    with locked_journal(folders.state, clock) as journal:
        for row in unknown_purchases(report, journal.known_ids()):
            try:
                digest = str(row["digest"])
                attempt = attempt_of_row(
                    row,
                    album=str(report["album"]),
                    stored=_stored(store.holds, row),
                    is_live_elsewhere=any(found.is_live for found in journal.attempts_of(digest)),
                    at=clock.stamp(),
                )
                journal.import_attempt(attempt, at=clock.stamp())
            except (KeyError, TypeError, ValueError, ArithmeticError) as error:
                raise UnknownPurchases(
                    f"{path}: a row cannot be understood: {error}",
                    hint="restore the report from a backup",
                ) from error
            imported.append(ref_of(report["album"], row["song"], row["take"]))
    return tuple(imported)


def _stored(holds: Any, row: Mapping[str, Any]) -> frozenset[str]:
    audio = row["audio"]
    if not audio:
        return frozenset()
    checksum = audio["stored_sha256"]
    return frozenset({checksum} if holds(checksum, audio["format"], audio["stored_bytes"]) else ())
