"""What other records know and the journal does not: it forbids to buy, and to forget."""

from __future__ import annotations

from pipeline.core.joining import Arrivals
from pipeline.errors import UnknownPurchases
from pipeline.runner.opening import Snapshot
from pipeline.runner.reporting import refuse_unknown_purchases
from pipeline.runner.workspace import Workspace


def refuse_unknown(workspace: Workspace, seen: Snapshot) -> None:
    """Raises ``UnknownPurchases`` with the command that mends it.

    A lock of this very journal that knows more, or a cost report that knows more than journal and
    locks together.
    """
    seen.locks.refuse_forgotten(seen.journal_id, seen.own_ids, state=workspace.folders.state)
    refuse_clashes(seen.arrivals)
    refuse_unknown_purchases(workspace, seen.known_ids)


def refuse_clashes(found: Arrivals) -> None:
    """Raises ``UnknownPurchases`` if two attempts claim one generation."""
    for ours, theirs in found.clashes:
        raise UnknownPurchases(
            f"generation {theirs.generation_id} is {ours.ref} in the journal and {theirs.ref} "
            f"({theirs.client_request_id}) elsewhere: nothing is bought until one of them is right",
            hint=f"songmake settle {ours.client_request_id} --generation ID, or mend the lock",
        )
