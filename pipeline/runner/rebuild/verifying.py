"""Whether journal, store and outputs agree. Reads everything, changes nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters.audio_probe import NotAudio, probe_as_asked
from pipeline.adapters.blob_store import BlobStore, checksum_of
from pipeline.adapters.journal.opening import read_journal
from pipeline.adapters.journal.sqlite import Journal
from pipeline.adapters.tagged_copy import read_id3_tag
from pipeline.core.formats.tag_check import differing_tags
from pipeline.core.handover.tracks import Publication, TrackFile
from pipeline.core.purchase.attempt import HAS_AUDIO, Attempt, StoredAudio, asked_of
from pipeline.core.purchase.standing import Ledger
from pipeline.core.store.gaps import REPAIR, mend_of_blob
from pipeline.core.wanted.album import TakeRef
from pipeline.core.wanted.takes import WantedTake
from pipeline.errors import BlobDamaged, ExitCode
from pipeline.runner.locks.checking import MEND, lock_problems
from pipeline.runner.locks.refusing import refuse_unknown
from pipeline.runner.opening import Snapshot, snapshot, store_of
from pipeline.runner.outputs.handing_over import hand_over
from pipeline.runner.rebuild.bringing import Failures, bring_all
from pipeline.runner.render.preparing import plan_takes
from pipeline.runner.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """One thing that is not as the journal says. ``code`` is what it means for the exit code."""

    where: str
    message: str
    code: ExitCode
    hint: str | None = None  # the command that mends it, where --repair alone does not


def verify(
    workspace: Workspace, *, select: tuple[str, ...]
) -> tuple[tuple[WantedTake, ...], tuple[Discrepancy, ...]]:
    """The takes that were looked at, and everything that does not agree, store first.

    What is in object storage alone is brought to this machine to be read. Raises
    ``StoreUnreachable`` and its like.
    """
    store = store_of(workspace.folders)
    seen = snapshot(workspace, store=store)
    refuse_unknown(workspace, seen)
    actions = plan_takes(workspace, seen, select_words=select)
    takes = tuple(action.take for action in actions if action.take is not None)
    journal = read_journal(workspace.folders.state)
    if journal is None:
        missing = (_unpublished(take.ref) for take in takes)
        return takes, (
            *_store_findings(seen.attempts, takes, seen.ledger, store),
            *missing,
        )
    with contextlib.closing(journal):
        found = (
            *_store_findings(seen.attempts, takes, seen.ledger, store),
            *_lock_findings(workspace, seen, journal),
            *_output_findings(workspace, takes, seen),
            *(() if select else _handover_findings(workspace, seen)),
        )
    return takes, found


def _store_findings(
    attempts: tuple[Attempt, ...], takes: tuple[WantedTake, ...], ledger: Ledger, store: BlobStore
) -> Iterator[Discrepancy]:
    wanted = {digest for take in takes for digest in take.digests}
    heard = {found.client_request_id for take in takes if (found := ledger.sounding(take))}
    audios = {
        attempt: attempt.audio
        for attempt in attempts
        if attempt.digest in wanted and attempt.state in HAS_AUDIO and attempt.audio is not None
    }
    lacking = set(store.lacking(audios.values()))
    damaged = _bring(store, audios.values())
    for attempt, audio in audios.items():
        path = store.path_of(audio.checksum, audio.format)
        if attempt.client_request_id not in heard and not path.exists():
            continue  # replaced, and removed by gc: nothing sounds of it any more
        if audio in lacking:
            problem: str | None = "on this machine alone, and missing from the store"
        elif audio.checksum in damaged:
            problem = "its bytes are not the ones that were stored"
        else:
            problem = _blob_problem(path, attempt)
        if problem:
            where = f"{store.shown}/{path.parent.name}/{path.name}"
            message = f"{attempt.ref}: {problem}"
            yield Discrepancy(
                where=where, message=message, code=ExitCode.DAMAGED, hint=_mend_of(attempt)
            )


def _mend_of(attempt: Attempt) -> str:
    return f"{REPAIR}\nif it stays, {mend_of_blob(attempt)}"


def _bring(store: BlobStore, audios: Iterable[StoredAudio]) -> Failures:
    """Has what the store holds on this machine; returns what came with other bytes."""
    held = [one for one in audios if store.holds(one.checksum, one.format, one.size_bytes)]
    failures = bring_all(store, held)
    for error in failures.values():
        if not isinstance(error, BlobDamaged):
            raise error
    return failures


def _lock_findings(workspace: Workspace, seen: Snapshot, journal: Journal) -> Iterator[Discrepancy]:
    for where, problem in lock_problems(workspace, seen, journal):
        yield Discrepancy(where=where, message=problem, code=ExitCode.DIFFERS, hint=MEND)


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
    workspace: Workspace, takes: tuple[WantedTake, ...], seen: Snapshot
) -> Iterator[Discrepancy]:
    tracks = {track.ref: track for track in seen.tracks}
    recorded = {found.path: found for found in seen.publications}
    for take in takes:
        track = tracks.get(take.ref)
        if track is None:
            yield _unpublished(take.ref)
            continue
        path = workspace.folders.outputs / track.path
        problem = _file_problem(path, track, recorded.get(track.path))
        if problem:
            yield Discrepancy(where=track.path, message=problem, code=ExitCode.DIFFERS)


def _file_problem(path: Path, track: TrackFile, found: Publication | None) -> str | None:
    if not path.is_file():
        return "missing"
    if found is None or found.recipe != track.recipe:
        return "not as the manifest wants it now"
    if checksum_of(path) != found.checksum:
        return f"its bytes are not the ones that were published{_tag_note(path, track)}"
    if differing := _differing(path, track):
        return f"its tags are not what the manifest says: {differing}"
    try:
        probe_as_asked(path, asked_of(track.source))
    except NotAudio as error:
        return f"does not decode: {error.reason}"
    return None


def _tag_note(path: Path, track: TrackFile) -> str:
    differing = _differing(path, track)
    return f", its tags among them: {differing}" if differing else ""


def _differing(path: Path, track: TrackFile) -> str:
    """What a file says of itself, read back, beside what the manifest wants it to say."""
    assert track.source.audio is not None
    said = read_id3_tag(path, audio_format=track.source.audio.format)
    return "" if said is None else ", ".join(differing_tags(said, track.tags))


def _handover_findings(workspace: Workspace, seen: Snapshot) -> Iterator[Discrepancy]:
    found = hand_over(workspace, workspace.takes_by_any_provider(), seen.known)
    for path, message in found.problems():
        yield Discrepancy(where=path, message=message, code=ExitCode.DIFFERS)


def _unpublished(ref: TakeRef) -> Discrepancy:
    return Discrepancy(where=str(ref), message="not published", code=ExitCode.DIFFERS)
