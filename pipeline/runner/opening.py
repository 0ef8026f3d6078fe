"""Opening the journal and seeing how things stand, for reading or for a run."""

from __future__ import annotations

import contextlib
import getpass
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.adapters.blob_store import BlobStore, default_store
from pipeline.adapters.journal.opening import open_journal, read_journal
from pipeline.adapters.journal.sqlite import Journal
from pipeline.adapters.run_lock import run_lock
from pipeline.core.attempt import Attempt
from pipeline.core.kinship import Kinship, kinship
from pipeline.core.moves import continued
from pipeline.core.plan import Surroundings
from pipeline.core.standing import Ledger
from pipeline.core.tracks import Publication
from pipeline.runner.clock import Clock
from pipeline.runner.handing_over import hand_over
from pipeline.runner.publishing import Publisher
from pipeline.runner.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The journal at one moment, under the names of today; empty where there is none yet."""

    attempts: tuple[Attempt, ...] = ()
    ledger: Ledger
    surroundings: Surroundings
    publications: tuple[Publication, ...] = ()
    known_ids: frozenset[str] = frozenset()
    kin: Kinship = field(default_factory=Kinship)
    stale_files: tuple[str, ...] = ()  # hand-over files that are not as they should be


def snapshot(workspace: Workspace) -> Snapshot:
    """Reads how things stand without writing anything."""
    journal = read_journal(workspace.folders.state)
    if journal is None:
        nothing = Surroundings(stored=frozenset(), published=frozenset())
        return Snapshot(ledger=Ledger.of(()), surroundings=nothing)
    with contextlib.closing(journal):
        return snapshot_of(workspace, journal, default_store(workspace.folders.state), Clock())


def snapshot_of(workspace: Workspace, journal: Journal, store: BlobStore, clock: Clock) -> Snapshot:
    """The same, from an open journal."""
    own = journal.attempts()
    attempts = continued(own, workspace.moves)
    ledger = workspace.ledger_of(own)
    publisher = Publisher(workspace=workspace, journal=journal, store=store, clock=clock)
    stored = frozenset(
        attempt.audio.checksum
        for attempt in attempts
        if attempt.audio is not None
        and store.holds(attempt.audio.checksum, attempt.audio.format, attempt.audio.size_bytes)
    )
    publications = journal.publications(publisher.outputs_key)
    handed_over = hand_over(
        workspace, attempts, publications, journal.handover_records(publisher.outputs_key)
    )
    return Snapshot(
        attempts=attempts,
        ledger=ledger,
        surroundings=Surroundings(stored=stored, published=publisher.up_to_date(ledger)),
        publications=publications,
        known_ids=journal.known_ids(),
        kin=kinship(workspace.albums, own, workspace.takes),
        stale_files=tuple(handed_over.pending()),
    )


@contextlib.contextmanager
def locked_journal(state_dir: Path, clock: Clock) -> Iterator[Journal]:
    """The journal for writing, with the run lock held. Raises ``RunLocked``."""
    with run_lock(state_dir, holder=_holder(clock)):
        journal = open_journal(state_dir, at=clock.stamp())
        with contextlib.closing(journal):
            yield journal


def _holder(clock: Clock) -> dict[str, Any]:
    try:
        who = getpass.getuser()
    except (KeyError, OSError):
        who = f"user {os.getuid()}"
    return {"pid": os.getpid(), "who": who, "host": socket.gethostname(), "since": clock.stamp()}
