"""What other records know and the journal does not: it forbids to buy, and to forget."""

from __future__ import annotations

from pipeline.core.lock.joining import Arrivals
from pipeline.core.purchase.origins import foreign_origin
from pipeline.errors import OriginMismatch, UnknownPurchases
from pipeline.runner.locks.reading import FoundLocks
from pipeline.runner.opening import Snapshot
from pipeline.runner.outputs.reporting import refuse_unknown_purchases
from pipeline.runner.workspace import Workspace


def refuse_unknown(workspace: Workspace, seen: Snapshot) -> None:
    """Raises ``UnknownPurchases`` with the command that mends it.

    A lock of this very journal that knows more, or a cost report that knows more than journal and
    locks together. Raises ``OriginMismatch`` where a rehearsal would mix with money.
    """
    refuse_mixture(seen)
    seen.locks.refuse_forgotten(seen.journal_id, seen.own_ids)
    refuse_clashes(seen.arrivals)
    refuse_unknown_purchases(workspace, seen.known_ids)


def refuse_mixture(seen: Snapshot) -> None:
    """Raises ``OriginMismatch`` if a lock tells of purchases across the loopback border."""
    for origin in seen.own_origins:
        refuse_foreign_lock(origin, seen.locks, what="this journal's were bought from")


def refuse_foreign_lock(origin: str, locks: FoundLocks, *, what: str) -> None:
    """Raises ``OriginMismatch`` if locks tell of purchases across the loopback border."""
    foreign = foreign_origin(origin, locks.paid_origins)
    if foreign is not None:
        raise OriginMismatch(
            f"a lock file tells of takes that were bought from {foreign}, and {what} {origin}: "
            "a rehearsal must not mix with money",
            hint="rehearse with copies of the manifests in a folder of their own, without their "
            ".lock.json; after a rehearsal, move its .lock.json away",
        )


def refuse_clashes(found: Arrivals) -> None:
    """Raises ``UnknownPurchases`` if two attempts claim one generation."""
    for ours, theirs in found.clashes:
        raise UnknownPurchases(
            f"generation {theirs.generation_id} is {ours.ref} in the journal and {theirs.ref} "
            f"({theirs.client_request_id}) elsewhere: nothing is bought until one of them is right",
            hint="mend the lock, or name the right one: "
            f"songmake settle {ours.client_request_id} --generation ID",
        )
