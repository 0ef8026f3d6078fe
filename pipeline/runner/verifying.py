"""Whether journal, store and outputs agree. Reads everything, changes nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters.audio_probe import NotAudio, probe_as_asked
from pipeline.adapters.blob_store import BlobStore, checksum_of, default_store
from pipeline.adapters.journal.opening import read_journal
from pipeline.adapters.journal.sqlite import Journal
from pipeline.adapters.outputs import folder_key
from pipeline.core.album import TakeRef
from pipeline.core.attempt import HAS_AUDIO, Attempt, asked_of
from pipeline.core.standing import Ledger
from pipeline.core.tracks import TrackFile
from pipeline.core.wanted import WantedTake
from pipeline.errors import ExitCode
from pipeline.runner.clock import Clock
from pipeline.runner.handing_over import hand_over
from pipeline.runner.opening import Snapshot, snapshot
from pipeline.runner.preparing import plan_takes
from pipeline.runner.publishing import Publisher, desired
from pipeline.runner.reporting import refuse_unknown_purchases
from pipeline.runner.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """One thing that is not as the journal says. ``code`` is what it means for the exit code."""

    where: str
    message: str
    code: ExitCode


def verify(
    workspace: Workspace, *, select: tuple[str, ...]
) -> tuple[tuple[WantedTake, ...], tuple[Discrepancy, ...]]:
    """The takes that were looked at, and everything that does not agree, store first."""
    seen = snapshot(workspace)
    refuse_unknown_purchases(workspace, seen.known_ids)
    actions = plan_takes(workspace, seen, select_words=select)
    takes = tuple(action.take for action in actions if action.take is not None)
    journal = read_journal(workspace.folders.state)
    if journal is None:
        return takes, tuple(_unpublished(take.ref) for take in takes)
    with contextlib.closing(journal):
        store = default_store(workspace.folders.state)
        found = (
            *_store_findings(seen.attempts, takes, seen.ledger, store),
            *_output_findings(workspace, takes, seen.ledger, journal, store),
            *(() if select else _handover_findings(workspace, seen, journal)),
        )
    return takes, found


def _store_findings(
    attempts: tuple[Attempt, ...], takes: tuple[WantedTake, ...], ledger: Ledger, store: BlobStore
) -> Iterator[Discrepancy]:
    wanted = {digest for take in takes for digest in take.digests}
    heard = {found.client_request_id for take in takes if (found := ledger.sounding(take))}
    for attempt in attempts:
        if attempt.digest in wanted and attempt.state in HAS_AUDIO and attempt.audio is not None:
            path = store.path_of(attempt.audio.checksum, attempt.audio.format)
            if attempt.client_request_id not in heard and not path.exists():
                continue  # replaced, and removed by gc: nothing sounds of it any more
            problem = _blob_problem(path, attempt)
            if problem:
                where = f"store/{path.parent.name}/{path.name}"
                yield Discrepancy(
                    where=where, message=f"{attempt.ref}: {problem}", code=ExitCode.DAMAGED
                )


def _blob_problem(path: Path, attempt: Attempt) -> str | None:
    assert attempt.audio is not None
    if not path.is_file():
        return "missing from the store"
    if checksum_of(path) != attempt.audio.checksum:
        return "its bytes are not the ones that were stored"
    try:
        probe_as_asked(path, asked_of(attempt))
    except NotAudio as error:
        return f"does not decode: {error.reason}"
    return None


def _output_findings(
    workspace: Workspace,
    takes: tuple[WantedTake, ...],
    ledger: Ledger,
    journal: Journal,
    store: BlobStore,
) -> Iterator[Discrepancy]:
    publisher = Publisher(workspace=workspace, journal=journal, store=store, clock=Clock())
    tracks = {track.ref: track for track in desired(workspace, ledger, takes)}
    for take in takes:
        track = tracks.get(take.ref)
        if track is None:
            yield _unpublished(take.ref)
            continue
        problem = _file_problem(publisher, track)
        if problem:
            yield Discrepancy(where=track.path, message=problem, code=ExitCode.DIFFERS)


def _file_problem(publisher: Publisher, track: TrackFile) -> str | None:
    path = publisher.workspace.folders.outputs / track.path
    found = publisher.journal.publication(publisher.outputs_key, track.path)
    if not path.is_file():
        return "missing"
    if found is None or found.recipe != track.recipe:
        return "not as the manifest wants it now"
    if checksum_of(path) != found.checksum:
        return "its bytes are not the ones that were published"
    return None


def _handover_findings(
    workspace: Workspace, seen: Snapshot, journal: Journal
) -> Iterator[Discrepancy]:
    key = folder_key(workspace.folders.outputs, workspace.folders.state)
    found = hand_over(workspace, seen.attempts, seen.publications, journal.handover_records(key))
    for path, message in found.problems():
        yield Discrepancy(where=path, message=message, code=ExitCode.DIFFERS)


def _unpublished(ref: TakeRef) -> Discrepancy:
    return Discrepancy(where=str(ref), message="not published", code=ExitCode.DIFFERS)
