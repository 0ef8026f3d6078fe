"""Which published takes have no file any more: somebody took it away, or named another folder."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.core.handover.tracks import Publication
from pipeline.core.purchase.attempt import State
from pipeline.core.purchase.standing import Ledger
from pipeline.core.wanted.album import TakeRef
from pipeline.core.wanted.moves import continued_files
from pipeline.runner.workspace import Workspace


def absent_takes(
    workspace: Workspace, ledger: Ledger, publications: Iterable[Publication]
) -> frozenset[TakeRef]:
    """Takes that the journal saw published and whose file is not there; a look, no byte is read.

    ``publications`` are those of the workspace's outputs folder.
    """
    states = ledger.states(workspace.takes)
    there = {
        (found.ref, found.digest)
        for found in continued_files(publications, workspace.moves)
        if (workspace.folders.outputs / found.path).is_file()
    }
    return frozenset(
        take.ref
        for take in workspace.takes
        if states[take.ref] is State.PUBLISHED
        and all((take.ref, digest) not in there for digest in take.digests)
    )
