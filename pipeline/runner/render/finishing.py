"""After the last request: outputs, reports and summary in step with the journal, for free."""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.adapters.durable import write_atomically
from pipeline.core.documents.summary_document import summary_document
from pipeline.core.handover.tracks import TrackFile
from pipeline.core.purchase.attempt import Attempt, balance_of
from pipeline.core.purchase.plan import Action
from pipeline.core.purchase.standing import Ledger
from pipeline.core.run.events import Event, Warned
from pipeline.core.wanted.album import Checksum, TakeRef
from pipeline.errors import ExitCode, SongmakeError
from pipeline.runner.clock import Clock
from pipeline.runner.locks.keeping import LockKeeper
from pipeline.runner.opening import Snapshot
from pipeline.runner.outputs.handing_over import write_hand_over
from pipeline.runner.outputs.known import Known, known_in, known_now
from pipeline.runner.outputs.measuring import measure_missing
from pipeline.runner.outputs.publishing import Publisher, by_path, desired
from pipeline.runner.outputs.publishing_in_turns import publish_in_turns
from pipeline.runner.outputs.reporting import as_json, write_reports
from pipeline.runner.rebuild.bringing import Failures, bring_all, deliver_all
from pipeline.runner.render.carrying import disk_error
from pipeline.runner.workspace import Folders, Workspace

SUMMARY_NAME = "summary.json"
PUBLISHED_TOGETHER = 32  # their disk writes are shared; all of them lie there twice meanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a run ended."""

    code: ExitCode
    reason: str | None
    ledger: Ledger
    attempts: tuple[Attempt, ...]
    bugs: tuple[Exception, ...] = ()
    absent: frozenset[TakeRef] = frozenset()  # published once, and now without their file
    actions: tuple[Action, ...] = ()  # what was planned for the selected takes
    bought: frozenset[str] = frozenset()  # client request ids of this run's purchases
    needs_ear: tuple[TakeRef, ...] = ()
    next: str | None = None  # what to do about it: a hint


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What went wrong, and the journal as it is now."""

    causes: set[ExitCode]
    known: Known


def finish(
    publisher: Publisher,
    emit: Callable[[Event], None],
    *,
    is_stopped: Callable[[], bool],
    seen: Snapshot | None = None,
    unsound: Collection[Checksum] = (),
    is_frozen: bool = False,
) -> Finished:
    """Measures and publishes what is left, and writes the reports.

    ``seen`` is what the run began with: what holds of it still is not worked out again. Blobs that
    are known to be ``unsound`` are passed over. A frozen run measures nothing, for what
    it learned would be in no lock, and brings nothing to the store that was named.
    """
    gc.freeze()  # what is here now is needed to the end, and pages are made of thousands of parts
    workspace, journal = publisher.workspace, publisher.journal
    known = None if seen is None else seen.known

    def publish(known: Known) -> set[ExitCode]:
        tracks = (
            seen.tracks
            if seen is not None and known is seen.known
            else desired(workspace, known.ledger, measurements=known.measurements)
        )
        rest = _publish_rest(publisher, known, tracks, emit, is_stopped, unsound)
        if not is_frozen and not rest and not is_stopped():
            rest |= _deliver(publisher, known, emit)
        return rest

    steps: tuple[Callable[[Known], set[ExitCode]], ...] = (
        *(() if is_frozen else (lambda known: _measure_rest(publisher, known, emit, is_stopped),)),
        publish,
        lambda known: _report(publisher, known, emit),
    )
    causes: set[ExitCode] = set()
    for step in steps:
        try:
            known = known_now(known, journal, workspace)
            causes |= step(known)
        except (OSError, SongmakeError) as error:
            known = None  # whatever was written till then
            failure = error if isinstance(error, SongmakeError) else disk_error(error)
            causes.add(failure.exit_code)
            emit(Warned(message=failure.message, hint=failure.hint, code=failure.exit_code))
    return Finished(causes=causes, known=known or known_in(journal, workspace))


def finish_locks(locks: LockKeeper, emit: Callable[[Event], None]) -> set[ExitCode]:
    """Brings the lock files in step with the journal; returns what went wrong."""
    causes: set[ExitCode] = set()
    try:
        locks.flush()
    except SongmakeError as error:
        causes.add(error.exit_code)
        emit(Warned(message=error.message, hint=error.hint, code=error.exit_code))
    for note in locks.notes:
        emit(Warned(message=note.message, hint=note.hint))
    return causes


def _report(publisher: Publisher, known: Known, emit: Callable[[Event], None]) -> set[ExitCode]:
    workspace, journal = publisher.workspace, publisher.journal
    takes, reads_bytes = workspace.takes_by_any_provider(), publisher.reads_bytes
    write_reports(workspace, takes, known)
    for note in write_hand_over(workspace, takes, known, journal, reads_bytes=reads_bytes):
        emit(Warned(message=note))
    return set()


def _measure_rest(
    publisher: Publisher,
    known: Known,
    emit: Callable[[Event], None],
    is_stopped: Callable[[], bool],
) -> set[ExitCode]:
    measure_missing(
        publisher.workspace,
        publisher.journal,
        publisher.store,
        known,
        emit=emit,
        is_stopped=is_stopped,
    )
    return set()


def _publish_rest(
    publisher: Publisher,
    known: Known,
    wanted: Sequence[TrackFile],
    emit: Callable[[Event], None],
    is_stopped: Callable[[], bool],
    unsound: Collection[Checksum],
) -> set[ExitCode]:
    causes: set[ExitCode] = set()
    recorded = by_path(known.publications)
    current = publisher.up_to_date(wanted, recorded)
    settled = publisher.settled(wanted, recorded, current)
    tracks = [
        track
        for track in wanted
        if track.ref not in settled
        and track.source.audio is not None
        and track.source.audio.checksum not in unsound
        and publisher.store.holds(
            track.source.audio.checksum, track.source.audio.format, track.source.audio.size_bytes
        )
    ]

    def groups() -> Iterator[Sequence[TrackFile]]:
        nonlocal causes
        for start in range(0, len(tracks), PUBLISHED_TOGETHER):
            if is_stopped():
                return
            group = tracks[start : start + PUBLISHED_TOGETHER]
            failures = _bring(publisher, group, current)
            causes |= _tell_failures(failures.values(), emit)
            yield [track for track in group if _checksum(track) not in failures]

    for notes, damaged, refused in publish_in_turns(publisher, groups(), recorded):
        for note in notes:
            emit(Warned(message=note))
        causes |= _tell_failures((*damaged.values(), *map(disk_error, refused)), emit)
    if is_stopped():
        return causes
    for note in () if causes else publisher.remove_stale(wanted, known):
        emit(Warned(message=note))
    return causes


def _bring(
    publisher: Publisher, tracks: Sequence[TrackFile], current: frozenset[TakeRef]
) -> Failures:
    """Has the store's bytes of what is to be copied on this machine; returns what refused."""
    audios = [
        track.source.audio
        for track in tracks
        if track.source.audio is not None and track.ref not in current
    ]
    return bring_all(publisher.store, audios)


def _checksum(track: TrackFile) -> Checksum | None:
    return None if track.source.audio is None else track.source.audio.checksum


def _deliver(publisher: Publisher, known: Known, emit: Callable[[Event], None]) -> set[ExitCode]:
    """What earlier runs stored on this machine alone goes to the store that was named."""
    albums, store = publisher.workspace.providers, publisher.store
    audios = [
        attempt.audio
        for attempt in known.attempts
        if attempt.audio is not None and attempt.ref.album in albums
    ]
    count = len(store.lacking(audios))
    failures = deliver_all(store, audios)
    if count > len(failures):
        emit(Warned(message=f"{count - len(failures)} takes of this machine went to {store.shown}"))
    return _tell_failures(failures.values(), emit)


def _tell_failures(
    failures: Iterable[SongmakeError], emit: Callable[[Event], None]
) -> set[ExitCode]:
    failures = tuple(failures)
    told = dict.fromkeys((one.message, one.hint, one.exit_code) for one in failures)
    for message, hint, code in told:
        emit(Warned(message=message, hint=hint, code=code))
    return {one.exit_code for one in failures}


def write_summary(workspace: Workspace, ended: Ended, *, started_at: str, clock: Clock) -> None:
    """Leaves ``outputs/summary.json``; a disk that is full does not change how the run ended."""
    albums = workspace.providers
    document = summary_document(
        ended.code,
        reason=ended.reason,
        started_at=started_at,
        finished_at=clock.stamp(),
        takes=workspace.takes,
        ledger=ended.ledger,
        spent=balance_of(found for found in ended.attempts if found.ref.album in albums),
        absent=ended.absent,
    )
    write_early_summary(workspace.folders, document)


def write_early_summary(folders: Folders, document: Mapping[str, object]) -> None:
    """Writes a summary document if the disk allows it."""
    try:
        write_atomically(folders.outputs / SUMMARY_NAME, as_json(document))
    except OSError:
        return
