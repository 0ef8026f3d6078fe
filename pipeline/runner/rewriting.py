"""The use case of ``songmake report``: the cost reports again, from journal and manifests."""

from __future__ import annotations

from typing import Any

from pipeline.adapters.outputs import folder_key
from pipeline.runner.clock import Clock
from pipeline.runner.opening import locked_journal
from pipeline.runner.reporting import refuse_unknown_purchases, write_reports
from pipeline.runner.workspace import Workspace


def rewrite_reports(workspace: Workspace, *, clock: Clock) -> tuple[dict[str, Any], ...]:
    """Writes every album's report; raises ``UnknownPurchases`` rather than forget a purchase."""
    folders = workspace.folders
    with locked_journal(folders.state, clock) as journal:
        attempts = journal.attempts()
        refuse_unknown_purchases(workspace, journal.known_ids())
        publications = journal.publications(folder_key(folders.outputs, folders.state))
        return write_reports(workspace, attempts, publications)
