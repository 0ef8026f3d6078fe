"""Opening the journal and seeing how things stand, for reading or for a run."""

from __future__ import annotations

import contextlib
import getpass
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pipeline.adapters.blob_store import BlobStore, open_store
from pipeline.adapters.journal.opening import open_journal, read_journal
from pipeline.adapters.journal.sqlite import Journal
from pipeline.adapters.run_lock import run_lock
from pipeline.core.handover.folder import HandoverRecord
from pipeline.core.handover.tracks import Publication
from pipeline.core.lock.joining import Arrivals, arrivals, is_purchase
from pipeline.core.purchase.attempt import Attempt
from pipeline.core.purchase.plan import Surroundings
from pipeline.core.purchase.standing import Ledger
from pipeline.core.sound.measurement import Measurements, prevailing, understood
from pipeline.core.wanted.album import TakeRef
from pipeline.core.wanted.kinship import Kinship, kinship
from pipeline.core.wanted.moves import continued
from pipeline.runner.clock import Clock
from pipeline.runner.locks.reading import FoundLocks, read_locks
from pipeline.runner.outputs.handing_over import hand_over
from pipeline.runner.outputs.overviewing import known_albums
from pipeline.runner.outputs.publishing import Publisher
from pipeline.runner.rebuild.taking_back import Recoverables, blobs_of, recoverable
from pipeline.runner.workspace import Folders, Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The journal at one moment, under the names of today; empty where there is none yet."""

    attempts: tuple[Attempt, ...] = ()
    ledger: Ledger
    surroundings: Surroundings
    recoverable: Recoverables  # blobs that the store lacks and ``outputs/`` gives back
    publications: tuple[Publication, ...] = ()
    measurements: Measurements = field(default_factory=dict)
    own_ids: frozenset[str] = frozenset()  # the journal's
    known_ids: frozenset[str] = frozenset()  # the journal's and what the locks told
    own_origins: tuple[str, ...] = ()  # where the journal's purchases were made
    journal_id: str | None = None
    locks: FoundLocks
    arrivals: Arrivals  # what the locks told; in ``attempts`` it is there already
    as_bought: tuple[Attempt, ...] = ()  # ``attempts`` under the names that they were bought under
    kin: Kinship = field(default_factory=Kinship)
    stale_files: tuple[str, ...] = ()  # hand-over files that are not as they should be


def store_of(folders: Folders) -> BlobStore:
    """The store that the command asked for; nothing is sent yet. Opened once a command."""
    return open_store(folders.store, folders.state)


def snapshot(
    workspace: Workspace, *, store: BlobStore | None = None, asks_store: bool = True
) -> Snapshot:
    """Reads how things stand, journal and locks together, without writing anything.

    Without ``asks_store``, no blob counts as stored, no store has to be reachable, and no
    hand-over file is compared.
    """
    locks, store = read_locks(workspace), store or store_of(workspace.folders)
    journal = read_journal(workspace.folders.state)
    if journal is None:
        return snapshot_of(workspace, None, store, Clock(), locks, asks_store=asks_store)
    with contextlib.closing(journal):
        return snapshot_of(workspace, journal, store, Clock(), locks, asks_store=asks_store)


def snapshot_of(
    workspace: Workspace,
    journal: Journal | None,
    store: BlobStore,
    clock: Clock,
    locks: FoundLocks,
    *,
    asks_store: bool = True,
) -> Snapshot:
    """The same, from an open journal and locks that were read."""
    own = journal.attempts() if journal else ()
    own_ids = journal.known_ids() if journal else frozenset[str]()
    known = journal.measurements() if journal else {}
    told = prevailing(locks.measurements, known)
    measurements = understood({**known, **told})
    arrived = replace(arrivals(own, own_ids, locks.told, at=clock.stamp()), measured=told)
    bought = arrived.over(own)
    attempts = continued(bought, workspace.moves)
    ledger = workspace.ledger_of(bought)
    blobs = blobs_of(bought) if asks_store else {}
    stored = frozenset(
        checksum
        for checksum, audio in blobs.items()
        if store.holds(checksum, audio.format, audio.size_bytes)
    )
    lacking = (audio for checksum, audio in blobs.items() if checksum not in stored)
    found_again = recoverable(workspace, lacking)
    published: frozenset[TakeRef] = frozenset()
    publications: tuple[Publication, ...] = ()
    records: tuple[HandoverRecord, ...] = ()
    if journal is not None:
        publisher = Publisher(workspace=workspace, journal=journal, store=store, clock=clock)
        published = publisher.up_to_date(ledger, measurements)
        publications = journal.publications(publisher.outputs_key)
        records = journal.handover_records(publisher.outputs_key)
    stale_files: tuple[str, ...] = ()
    if asks_store:
        known_here = known_albums(workspace, journal)
        wanted = hand_over(workspace, attempts, publications, records, measurements, known_here)
        stale_files = tuple(wanted.pending())
    return Snapshot(
        attempts=attempts,
        as_bought=bought,
        ledger=ledger,
        surroundings=Surroundings(stored=stored | found_again.keys(), published=published),
        recoverable=found_again,
        publications=publications,
        measurements=measurements,
        own_ids=own_ids,
        known_ids=own_ids | {attempt.client_request_id for attempt in locks.told},
        own_origins=tuple(
            dict.fromkeys(one.origin for one in own if one.origin and is_purchase(one))
        ),
        journal_id=journal.id if journal else None,
        locks=locks,
        arrivals=arrived,
        kin=kinship(workspace.albums, bought, workspace.takes),
        stale_files=stale_files,
    )


@contextlib.contextmanager
def locked_journal(
    state_dir: Path, clock: Clock, *, at_rest: Callable[[Path], None] | None = None
) -> Iterator[Journal]:
    """The journal for writing, with the run lock held. Raises ``RunLocked``.

    ``at_rest`` is called when it was closed, while nobody else can open it.
    """
    with run_lock(state_dir, holder=_holder(clock)):
        journal = open_journal(state_dir, at=clock.stamp())
        with contextlib.closing(journal):
            yield journal
        if at_rest is not None:
            at_rest(state_dir)


def _holder(clock: Clock) -> dict[str, Any]:
    try:
        who = getpass.getuser()
    except (KeyError, OSError):
        who = f"user {os.getuid()}"
    return {"pid": os.getpid(), "who": who, "host": socket.gethostname(), "since": clock.stamp()}
