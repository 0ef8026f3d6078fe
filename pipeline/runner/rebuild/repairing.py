"""The use case of ``songmake verify --repair``: all that can be mended for free, without network.

Locks first, since they say what is paid; then the store, then what is made from both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.adapters.blob_store import BlobStore, checksum_of
from pipeline.adapters.journal.sqlite import Journal
from pipeline.core.lock.joining import arrivals
from pipeline.core.purchase.attempt import StoredAudio
from pipeline.core.run.events import Event, Warned
from pipeline.core.wanted.takes import WantedTake
from pipeline.errors import ExitCode
from pipeline.runner.clock import Clock
from pipeline.runner.locks.keeping import kept_locks
from pipeline.runner.locks.mending import LockMender
from pipeline.runner.locks.reading import FoundLocks, read_locks
from pipeline.runner.locks.refusing import refuse_clashes, refuse_foreign_lock, refuse_unknown
from pipeline.runner.opening import Snapshot, locked_journal, snapshot_of, store_of
from pipeline.runner.outputs.publishing import publisher_of
from pipeline.runner.rebuild.taking_back import blobs_of, take_back
from pipeline.runner.rebuild.verifying import Discrepancy, verify
from pipeline.runner.render.finishing import finish
from pipeline.runner.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """What was mended, pairs of a place and what was done; and what still does not agree."""

    takes: tuple[WantedTake, ...]
    mended: tuple[tuple[str, str], ...]
    findings: tuple[Discrepancy, ...]


def repair(workspace: Workspace, *, select: tuple[str, ...], clock: Clock) -> Repaired:
    """Mends, then looks again. Raises what :func:`verify` raises, and ``RunLocked``."""
    folders = workspace.folders
    with locked_journal(folders.state, clock) as journal:
        mender = LockMender(journal.id)
        found = read_locks(workspace, mender)
        _learn(journal, found, mender, clock)
        with kept_locks(journal, folders.state, workspace, found) as locks:
            store = store_of(folders)
            seen = snapshot_of(workspace, journal, store, clock, found)
            refuse_unknown(workspace, seen)
            journal.take_in(seen.arrivals, at=clock.stamp())
            locks.begin()
            mended = [*mender.mended]
            mended += [(each.file.shown, "written from the journal")
                       for each in found.found if each.lock is None and each.album]  # fmt: skip
            mended += _mend_store(workspace, journal, store, clock, found)
            notes = _mend_outputs(workspace, journal, store, clock)
            locks.flush()
    takes, findings = verify(workspace, select=select)
    unread = tuple(
        Discrepancy(where=where, message=message, code=ExitCode.DAMAGED)
        for where, message in mender.unread
    )
    return Repaired(takes=takes, mended=(*mended, *notes), findings=(*unread, *findings))


def _learn(journal: Journal, found: FoundLocks, mender: LockMender, clock: Clock) -> None:
    """Takes the lines of damaged locks into the journal, as ``report --import`` would."""
    if not mender.told:
        return
    for origin in journal.paid_origins():
        refuse_foreign_lock(origin, found, what="this journal's were bought from")
    told = arrivals(journal.attempts(), journal.known_ids(), mender.told, at=clock.stamp())
    refuse_clashes(told)
    journal.take_in(told, at=clock.stamp())


def _mend_store(
    workspace: Workspace, journal: Journal, store: BlobStore, clock: Clock, found: FoundLocks
) -> Iterator[tuple[str, str]]:
    """Wrong bytes go to quarantine; what is missing then comes back from published files."""
    for audio in blobs_of(journal.attempts()).values():
        kept = _quarantined(store, audio, clock)
        if kept is not None:
            yield _place(store, audio), f"set aside as quarantine/{kept}"
    seen: Snapshot = snapshot_of(workspace, journal, store, clock, found)
    for each in take_back(store, seen.recoverable):
        shown = each.path.relative_to(workspace.folders.outputs).as_posix()
        yield _place(store, each.audio), f"taken back from {shown}"


def _quarantined(store: BlobStore, audio: StoredAudio, clock: Clock) -> str | None:
    path = store.path_of(audio.checksum, audio.format)
    if not path.is_file() or checksum_of(path) == audio.checksum:
        return None
    return store.desk.set_aside(path, f"{path.name}.{clock.nonce()}").name


def _place(store: BlobStore, audio: StoredAudio) -> str:
    path = store.path_of(audio.checksum, audio.format)
    return f"{store.shown}/{path.parent.name}/{path.name}"


def _mend_outputs(
    workspace: Workspace, journal: Journal, store: BlobStore, clock: Clock
) -> list[tuple[str, str]]:
    """Publishes what is not as it should be; returns the files that are other than before."""
    said: list[Event] = []
    before = _checksums(workspace)
    publisher = publisher_of(workspace, journal, store, clock, reads_bytes=True)
    finish(publisher, said.append, is_stopped=lambda: False)
    after = _checksums(workspace)
    changed = sorted(path for path in after if before.get(path) != after[path])
    removed = sorted(before.keys() - after.keys())
    notes = [(each.message, each.hint or "") for each in said if isinstance(each, Warned)]
    return [
        *((path, "written again") for path in changed),
        *((path, "removed: nothing wants it any more") for path in removed),
        *notes,
    ]


def _checksums(workspace: Workspace) -> dict[str, str]:
    outputs = workspace.folders.outputs
    return {
        path.relative_to(outputs).as_posix(): checksum_of(path)
        for album in workspace.albums
        for path in sorted((outputs / album.id).rglob("*"))
        if path.is_file()
    }
