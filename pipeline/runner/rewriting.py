"""The use case of ``songmake report``: the cost reports again, from journal and manifests."""

from __future__ import annotations

from typing import Any

from pipeline.adapters.blob_store import default_store
from pipeline.adapters.journal.sqlite import Journal
from pipeline.adapters.outputs import folder_key
from pipeline.runner.clock import Clock
from pipeline.runner.lock_keeping import kept_locks
from pipeline.runner.lock_reading import FoundLocks, read_locks
from pipeline.runner.opening import locked_journal, snapshot_of
from pipeline.runner.refusing import refuse_unknown
from pipeline.runner.reporting import write_reports
from pipeline.runner.workspace import Workspace


def rewrite_reports(workspace: Workspace, *, clock: Clock) -> tuple[dict[str, Any], ...]:
    """Writes every album's report and lock, once the journal knows what the locks know.

    Raises ``UnknownPurchases`` rather than forget a purchase.
    """
    folders = workspace.folders
    with locked_journal(folders.state, clock) as journal:
        found = read_locks(workspace)
        with kept_locks(journal, folders.state, workspace, found) as locks:
            learn(workspace, journal, found, clock)
            locks.begin()
            publications = journal.publications(folder_key(folders.outputs, folders.state))
            documents = write_reports(workspace, journal.attempts(), publications)
            locks.flush()
            return documents


def learn(workspace: Workspace, journal: Journal, found: FoundLocks, clock: Clock) -> None:
    """Takes what the locks know into the journal; raises ``UnknownPurchases`` if that is not all.

    A lock of this very journal is never simply believed: it would hide that the journal is old.
    """
    store = default_store(workspace.folders.state)
    seen = snapshot_of(workspace, journal, store, clock, found)
    refuse_unknown(workspace, seen)
    journal.take_in(seen.arrivals, at=clock.stamp())
