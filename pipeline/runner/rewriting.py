"""The use case of ``songmake report``: reports and hand-over files again, from the journal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipeline.adapters.outputs import folder_key
from pipeline.runner.clock import Clock
from pipeline.runner.handing_over import write_hand_over
from pipeline.runner.opening import locked_journal
from pipeline.runner.reporting import refuse_unknown_purchases, write_reports
from pipeline.runner.workspace import Workspace


def rewrite_reports(
    workspace: Workspace, *, clock: Clock, warn: Callable[[str], None]
) -> tuple[dict[str, Any], ...]:
    """Writes every album's reports and hand-over files; ``warn`` hears of files that were kept.

    Raises ``UnknownPurchases`` rather than forget a purchase.
    """
    folders = workspace.folders
    with locked_journal(folders.state, clock) as journal:
        attempts = journal.attempts()
        refuse_unknown_purchases(workspace, journal.known_ids())
        publications = journal.publications(folder_key(folders.outputs, folders.state))
        documents = write_reports(workspace, attempts, publications)
        for note in write_hand_over(workspace, journal):
            warn(note)
        return documents
