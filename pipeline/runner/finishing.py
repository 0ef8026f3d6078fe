"""After the last request: outputs, reports and summary in step with the journal, for free."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pipeline.adapters.durable import write_atomically
from pipeline.core.attempt import Attempt, balance_of
from pipeline.core.documents import summary_document
from pipeline.core.events import Event, Warned
from pipeline.core.standing import Ledger
from pipeline.errors import ExitCode, SongmakeError
from pipeline.runner.carrying import disk_error
from pipeline.runner.clock import Clock
from pipeline.runner.handing_over import write_hand_over
from pipeline.runner.publishing import BlobDamaged, Publisher, desired
from pipeline.runner.reporting import as_json, write_reports
from pipeline.runner.workspace import Folders, Workspace

SUMMARY_NAME = "summary.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a run ended."""

    code: ExitCode
    reason: str | None
    ledger: Ledger
    attempts: tuple[Attempt, ...]
    bugs: tuple[Exception, ...] = ()


def finish(
    publisher: Publisher, emit: Callable[[Event], None], *, is_stopped: Callable[[], bool]
) -> set[ExitCode]:
    """Publishes what is not published yet and writes the reports; returns what went wrong."""
    journal, workspace = publisher.journal, publisher.workspace
    causes: set[ExitCode] = set()
    try:
        causes |= _publish_rest(publisher, emit, is_stopped)
        publications = journal.publications(publisher.outputs_key)
        write_reports(workspace, journal.attempts(), publications)
        for note in write_hand_over(workspace, journal):
            emit(Warned(message=note))
    except (OSError, SongmakeError) as error:
        known = error if isinstance(error, SongmakeError) else disk_error(error)
        causes.add(known.exit_code)
        emit(Warned(message=known.message, hint=known.hint))
    return causes


def _publish_rest(
    publisher: Publisher, emit: Callable[[Event], None], is_stopped: Callable[[], bool]
) -> set[ExitCode]:
    ledger = publisher.workspace.ledger_of(publisher.journal.attempts())
    causes: set[ExitCode] = set()
    tracks = [
        track
        for track in desired(publisher.workspace, ledger)
        if track.source.audio is not None
        and publisher.store.holds(
            track.source.audio.checksum, track.source.audio.format, track.source.audio.size_bytes
        )
    ]
    try:
        for track in tracks:
            if is_stopped():
                return causes
            for note in publisher.publish([track]):
                emit(Warned(message=note))
        for note in publisher.remove_stale(ledger):
            emit(Warned(message=note))
    except BlobDamaged as error:
        causes.add(ExitCode.DAMAGED)
        emit(Warned(message=str(error), hint="songmake render fetches it again, free"))
    return causes


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
    )
    write_early_summary(workspace.folders, document)


def write_early_summary(folders: Folders, document: Mapping[str, object]) -> None:
    """Writes a summary document if the disk allows it."""
    try:
        write_atomically(folders.outputs / SUMMARY_NAME, as_json(document))
    except OSError:
        return
