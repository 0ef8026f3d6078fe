"""The use case of ``songmake gc``: what nothing refers to, listed and, if asked, removed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from pipeline.adapters.blob_store import open_shelves
from pipeline.adapters.journal.opening import read_journal
from pipeline.adapters.journal.sqlite import Journal
from pipeline.core.store.leftovers import KeptFile, Leftover, Place, References, leftovers
from pipeline.errors import JournalDamaged
from pipeline.runner.clock import Clock
from pipeline.runner.locks.claims import lock_claims
from pipeline.runner.locks.reading import read_locks
from pipeline.runner.opening import locked_journal
from pipeline.runner.outputs.reporting import refuse_unknown_purchases
from pipeline.runner.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """``found`` is what nothing refers to, ``kept`` how many files something does."""

    found: tuple[Leftover, ...]
    kept: int


def clear(
    workspace: Workspace, *, older_than_days: int, is_deleting: bool, clock: Clock
) -> Cleared:
    """Lists, and removes what may go if ``is_deleting``; the journal keeps every row.

    Raises ``JournalDamaged``, ``UnknownPurchases`` or ``LockDamaged`` where it cannot be known what
    is needed, ``RunLocked`` while a run is at work, and what an unreachable store raises.
    """
    folders = workspace.folders
    with _journal(folders.state, clock, is_writing=is_deleting) as journal:
        known = _references(workspace, journal)
        lying = [(shelf, shelf.files()) for shelf in open_shelves(folders.store, folders.state)]
        files = [file for _, each in lying for file in each]
        _refuse_forgetful_journal(known, files)
        keep, now = timedelta(days=older_than_days), clock.now()
        found = [
            (shelf, left)
            for shelf, each in lying
            for left in leftovers(each, known, now=now, keep=keep, is_shared=shelf.is_shared)
        ]
        for shelf, left in found if is_deleting else ():
            if left.is_removable:
                shelf.remove(left.file)
    return Cleared(found=tuple(left for _, left in found), kept=len(files) - len(found))


def _refuse_forgetful_journal(known: References, files: Iterable[KeptFile]) -> None:
    if not known.attempts and any(file.place is Place.STORE for file in files):
        raise JournalDamaged(
            "the journal is empty, but the store holds audio: what is needed is unknown",
            hint="restore journal.sqlite3 from a backup\n"
            "or let a lock file tell it: songmake render",
        )


@contextlib.contextmanager
def _journal(state: Path, clock: Clock, *, is_writing: bool) -> Iterator[Journal | None]:
    """The journal, with the run lock if files may go; else nothing is locked or written."""
    with contextlib.ExitStack() as stack:
        if is_writing and state.is_dir():
            yield stack.enter_context(locked_journal(state, clock))
            return
        journal = read_journal(state)
        if journal is not None:
            stack.enter_context(contextlib.closing(journal))
        yield journal


def _references(workspace: Workspace, journal: Journal | None) -> References:
    journal_id = journal.id if journal else None
    known_ids = journal.known_ids() if journal else frozenset[str]()
    locks = read_locks(workspace)
    locks.refuse_forgotten(journal_id, known_ids)
    told = {attempt.client_request_id for attempt in locks.told}
    refuse_unknown_purchases(workspace, known_ids | told)
    attempts = journal.attempts() if journal else ()
    takes = [take for own in workspace.takes_by_any_provider().values() for take in own]
    return References(
        attempts=attempts,
        latest=journal.latest_moments() if journal else {},
        wanted=frozenset(digest for take in takes for digest in take.digests),
        published=frozenset(
            found.digest for found in (journal.all_publications() if journal else ())
        ),
        locked=lock_claims(
            (Path(album.source).parent for album in workspace.albums),
            journal_id=journal_id,
            albums=workspace.providers,
        ),
    )
