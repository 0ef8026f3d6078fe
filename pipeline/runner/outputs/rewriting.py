"""The use case of ``songmake report``: reports and hand-over files again, from the journal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipeline.adapters.journal.sqlite import Journal
from pipeline.runner.clock import Clock
from pipeline.runner.locks.keeping import kept_locks
from pipeline.runner.locks.reading import FoundLocks, read_locks
from pipeline.runner.locks.refusing import refuse_unknown
from pipeline.runner.opening import locked_journal, snapshot_of, store_of
from pipeline.runner.outputs.handing_over import write_hand_over
from pipeline.runner.outputs.known import known_in
from pipeline.runner.outputs.reporting import write_reports
from pipeline.runner.workspace import Workspace


def rewrite_reports(
    workspace: Workspace, *, clock: Clock, warn: Callable[[str], None]
) -> tuple[dict[str, Any], ...]:
    """Writes every album's reports, hand-over files and lock, with what the locks know.

    ``warn`` hears of files that were kept.

    Raises ``UnknownPurchases`` rather than forget a purchase.
    """
    folders = workspace.folders
    with locked_journal(folders.state, clock) as journal:
        found = read_locks(workspace)
        with kept_locks(journal, folders.state, workspace, found) as locks:
            learn(workspace, journal, found, clock)
            locks.begin()
            takes, known = workspace.takes_by_any_provider(), known_in(journal, workspace)
            documents = write_reports(workspace, takes, known)
            for note in write_hand_over(workspace, takes, known, journal):
                warn(note)
            locks.flush()
            for unread in locks.notes:
                warn(unread.message)
            return documents


def learn(workspace: Workspace, journal: Journal, found: FoundLocks, clock: Clock) -> None:
    """Takes what the locks know into the journal; raises ``UnknownPurchases`` if that is not all.

    A lock of this very journal is never simply believed: it would hide that the journal is old.
    """
    store = store_of(workspace.folders)
    seen = snapshot_of(workspace, journal, store, clock, found, asks_store=False)
    refuse_unknown(workspace, seen)
    journal.take_in(seen.arrivals, at=clock.stamp())
