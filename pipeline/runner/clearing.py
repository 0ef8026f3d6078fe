"""The use case of ``songmake gc``: what nothing refers to, listed and, if asked, removed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from pipeline.adapters.journal.opening import read_journal
from pipeline.adapters.journal.sqlite import Journal
from pipeline.adapters.shelves import FolderShelf, shelves_of
from pipeline.core.leftovers import Leftover, Place, References, leftovers
from pipeline.errors import JournalDamaged
from pipeline.runner.clock import Clock
from pipeline.runner.lock_claims import lock_claims
from pipeline.runner.opening import locked_journal
from pipeline.runner.reporting import refuse_unknown_purchases
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

    Raises ``JournalDamaged`` or ``UnknownPurchases`` where it cannot be known what is needed, and
    ``RunLocked`` while a run is at work.
    """
    state = workspace.folders.state
    shelves = shelves_of(state)
    with _journal(state, clock, is_writing=is_deleting) as journal:
        known = _references(workspace, journal)
        files = [file for shelf in shelves.values() for file in shelf.files()]
        if not known.attempts and any(file.place is Place.STORE for file in files):
            raise JournalDamaged(
                "the journal is empty, but the store holds audio: what is needed is unknown",
                hint="restore journal.sqlite3 from a backup",
            )
        keep = timedelta(days=older_than_days)
        found = tuple(leftovers(files, known, now=clock.now(), keep=keep))
        if is_deleting:
            _remove(found, shelves)
    return Cleared(found=found, kept=len(files) - len(found))


def _remove(found: tuple[Leftover, ...], shelves: dict[Place, FolderShelf]) -> None:
    for each in found:
        if each.is_removable:
            shelves[each.file.place].remove(each.file)


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
    refuse_unknown_purchases(workspace, journal.known_ids() if journal else frozenset())
    attempts = journal.attempts() if journal else ()
    takes = [take for album in workspace.albums for take in workspace.takes_by_any_provider(album)]
    return References(
        attempts=attempts,
        latest=journal.latest_moments() if journal else {},
        wanted=frozenset(digest for take in takes for digest in take.digests),
        published=frozenset(
            found.digest for found in (journal.all_publications() if journal else ())
        ),
        locked=lock_claims(Path(album.source).parent for album in workspace.albums),
    )
