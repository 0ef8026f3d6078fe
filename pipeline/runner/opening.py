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
from pipeline.core.handover.tracks import Publication, TrackFile
from pipeline.core.lock.joining import Arrivals, arrivals, is_purchase
from pipeline.core.purchase.attempt import Attempt
from pipeline.core.purchase.plan import Surroundings
from pipeline.core.purchase.standing import Ledger
from pipeline.core.sound.measurement import Measurements, prevailing
from pipeline.core.wanted.album import TakeRef
from pipeline.core.wanted.kinship import Kinship, kinship
from pipeline.core.wanted.moves import continued
from pipeline.runner.clock import Clock
from pipeline.runner.locks.reading import FoundLocks, read_locks
from pipeline.runner.outputs.known import UNWRITTEN, Known, joined, known_in
from pipeline.runner.outputs.publishing import by_path, desired, publisher_of
from pipeline.runner.rebuild.taking_back import Recoverables, blobs_of, recoverable
from pipeline.runner.workspace import Folders, Workspace

_NOT_LOOKED_AT = Surroundings(stored=frozenset(), published=frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Journal and locks at one moment; empty where there are none yet.

    ``known`` is the journal with what the locks told, ``attempts`` are its own under the names of
    today, and ``tracks`` the files that should lie under ``outputs/``.
    """

    known: Known
    attempts: tuple[Attempt, ...]
    tracks: tuple[TrackFile, ...] = ()
    surroundings: Surroundings = _NOT_LOOKED_AT
    recoverable: Recoverables = field(default_factory=dict)  # ``outputs/`` gives it back
    own_ids: frozenset[str] = frozenset()  # the journal's
    known_ids: frozenset[str] = frozenset()  # the journal's and what the locks told
    own_origins: tuple[str, ...] = ()  # where the journal's purchases were made
    journal_id: str | None = None
    locks: FoundLocks
    arrivals: Arrivals  # what the locks told
    kin: Kinship = field(default_factory=Kinship)

    @property
    def as_bought(self) -> tuple[Attempt, ...]:
        """``attempts`` under the names that they were bought under."""
        return self.known.attempts

    @property
    def ledger(self) -> Ledger:
        """How ``attempts`` stand."""
        return self.known.ledger

    @property
    def publications(self) -> tuple[Publication, ...]:
        """The tracks that songmake wrote under ``outputs/``."""
        return self.known.publications

    @property
    def measurements(self) -> Measurements:
        """What was measured of the sound of files."""
        return self.known.measurements


def store_of(folders: Folders) -> BlobStore:
    """The store that the command asked for; nothing is sent yet. Opened once a command."""
    return open_store(folders.store, folders.state)


def snapshot(
    workspace: Workspace, *, store: BlobStore | None = None, asks_store: bool = True
) -> Snapshot:
    """Reads how things stand, journal and locks together, without writing anything.

    Without ``asks_store`` nothing else is looked at: no blob counts as stored, no take as
    published, and no store has to be reachable.
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
    own = known_in(journal, workspace) if journal else UNWRITTEN
    own_ids = journal.known_ids() if journal else frozenset[str]()
    told = prevailing(locks.measurements, own.measured)
    arrived = replace(arrivals(own.attempts, own_ids, locks.told, at=clock.stamp()), measured=told)
    known = joined(own, arrived, workspace)
    seen = Snapshot(
        known=known,
        attempts=continued(known.attempts, workspace.moves),
        own_ids=own_ids,
        known_ids=own_ids | {attempt.client_request_id for attempt in locks.told},
        own_origins=tuple(
            dict.fromkeys(one.origin for one in own.attempts if one.origin and is_purchase(one))
        ),
        journal_id=journal.id if journal else None,
        locks=locks,
        arrivals=arrived,
    )
    return _with_files(seen, workspace, journal, store, clock) if asks_store else seen


def _with_files(
    seen: Snapshot,
    workspace: Workspace,
    journal: Journal | None,
    store: BlobStore,
    clock: Clock,
) -> Snapshot:
    """The same with what lies in store and ``outputs/``."""
    known, blobs = seen.known, blobs_of(seen.as_bought)
    stored = frozenset(
        checksum
        for checksum, audio in blobs.items()
        if store.holds(checksum, audio.format, audio.size_bytes)
    )
    lacking = (audio for checksum, audio in blobs.items() if checksum not in stored)
    found_again = recoverable(workspace, lacking)
    tracks = desired(workspace, known.ledger, measurements=known.measurements)
    published: frozenset[TakeRef] = frozenset()
    if journal is not None:
        publisher = publisher_of(workspace, journal, store, clock)
        published = publisher.up_to_date(tracks, by_path(known.publications))
    return replace(
        seen,
        tracks=tracks,
        surroundings=Surroundings(stored=stored | found_again.keys(), published=published),
        recoverable=found_again,
        kin=kinship(workspace.albums, seen.as_bought, workspace.takes),
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
