"""The journal as it was read at one moment: read once, and again only after it was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pipeline.adapters.journal.sqlite import Journal
from pipeline.adapters.outputs import folder_key
from pipeline.core.handover.folder import HandoverRecord
from pipeline.core.handover.tracks import Publication
from pipeline.core.lock.joining import Arrivals
from pipeline.core.purchase.attempt import Attempt
from pipeline.core.purchase.standing import Ledger
from pipeline.core.sound.measurement import UNMEASURED, Measurements, understood
from pipeline.runner.workspace import Folders, Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a journal says to a workspace. ``edition`` is the journal's when it was read.

    ``attempts`` go by the names that they were bought under, ``ledger`` by those of today.
    ``measured`` are all documents by checksum, ``measurements`` those that this version reads.
    ``publications`` and ``records`` are the files of the workspace's outputs folder, ``albums``
    the documents of all albums that a command ever named.
    """

    edition: tuple[int, int]
    attempts: tuple[Attempt, ...]
    ledger: Ledger
    measured: Mapping[str, Mapping[str, Any]]
    measurements: Measurements
    publications: tuple[Publication, ...]
    records: tuple[HandoverRecord, ...]
    albums: Mapping[str, Mapping[str, Any]]


UNWRITTEN = Known(
    edition=(-1, -1),
    attempts=(),
    ledger=Ledger.of(()),
    measured={},
    measurements=UNMEASURED,
    publications=(),
    records=(),
    albums={},
)


def known_in(journal: Journal, workspace: Workspace) -> Known:
    """Reads all of it."""
    key, edition = outputs_key(workspace.folders), journal.edition
    attempts, measured = journal.attempts(), journal.measurements()
    return Known(
        edition=edition,
        attempts=attempts,
        ledger=workspace.ledger_of(attempts),
        measured=measured,
        measurements=understood(measured),
        publications=journal.publications(key),
        records=journal.handover_records(key),
        albums=journal.known_albums(),
    )


def known_now(before: Known | None, journal: Journal, workspace: Workspace) -> Known:
    """What was known ``before``, if nothing was written since."""
    if before is not None and before.edition == journal.edition:
        return before
    return known_in(journal, workspace)


def joined(known: Known, arrived: Arrivals, workspace: Workspace) -> Known:
    """What will be known once the journal took ``arrived`` in."""
    if not (arrived.changed or arrived.new or arrived.measured):
        return known
    attempts, measured = arrived.over(known.attempts), {**known.measured, **arrived.measured}
    return replace(
        known,
        attempts=attempts,
        ledger=workspace.ledger_of(attempts),
        measured=measured,
        measurements=understood(measured),
    )


def outputs_key(folders: Folders) -> str:
    """The outputs folder's name in the journal."""
    return folder_key(folders.outputs, folders.state)
