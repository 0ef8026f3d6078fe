"""The hand-over files under ``outputs/``: derived from journal and manifests, and kept in step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.adapters.blob_store import checksum_of
from pipeline.adapters.journal.sqlite import Journal
from pipeline.adapters.outputs import (
    aside_path,
    keep_foreign,
    move_into_place,
    remove,
)
from pipeline.core.handover.folder import (
    PAGE_NAME,
    HandoverFile,
    HandoverRecord,
    handover_files,
    unwanted_records,
)
from pipeline.core.overview.overview import COVERS
from pipeline.core.wanted.album import Album
from pipeline.core.wanted.moves import Moves, continued, continued_files
from pipeline.core.wanted.takes import WantedTake
from pipeline.runner.outputs.known import Known, outputs_key
from pipeline.runner.outputs.overviewing import (
    known_albums,
    overview_files,
    remember_albums,
)
from pipeline.runner.outputs.ownership import is_foreign, lies_unchanged
from pipeline.runner.outputs.rooms import room_files
from pipeline.runner.workspace import TakesByAlbum, Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """The hand-over files of a workspace: ``files`` as they should be, ``recorded`` as written.

    A file of the size and time of its record is taken for it, unless ``reads_bytes``.
    """

    outputs: Path
    files: tuple[HandoverFile, ...]
    recorded: dict[str, HandoverRecord]
    unwanted: tuple[HandoverRecord, ...]
    reads_bytes: bool = False

    def pending(self) -> Iterator[str]:
        """Paths that a render would write or remove; files that lie as recorded are not read."""
        for file in self.files:
            if not self._is_current(file):
                yield file.path
        for record in self.unwanted:
            yield record.path

    def problems(self) -> Iterator[tuple[str, str]]:
        """Path and what is wrong with it; every byte is read."""
        for file in self.files:
            path = self.outputs / file.path
            if not path.is_file():
                yield file.path, "missing"
            elif checksum_of(path) != file.checksum:
                yield file.path, "not what journal and manifest give"
        for record in self.unwanted:
            if (self.outputs / record.path).is_file():
                yield record.path, "not wanted any more"

    def write(self, journal: Journal, outputs_key: str) -> tuple[str, ...]:
        """Brings the folder in step; returns notes about files that were kept. ``OSError``."""
        notes = [self._remove(record, journal, outputs_key) for record in self.unwanted]
        changed = [file for file in self.files if not self._is_current(file)]
        records = [_record_of(file) for file in changed]
        if changed:
            # kept aside before they are songmake's own, and its own before they appear
            notes += [self._keep(file) for file in changed]
            journal.put_handover_records(outputs_key, records)
            moved_at = move_into_place([self._write_aside(file) for file in changed])
            written = [
                replace(record, mtime_ns=mtime_ns)
                for record, mtime_ns in zip(records, moved_at, strict=True)
            ]
            journal.put_handover_records(outputs_key, written)
        return tuple(note for note in notes if note)

    def _is_current(self, file: HandoverFile) -> bool:
        record = self.recorded.get(file.path)
        if record is None or record.mtime_ns is None or record.checksum != file.checksum:
            return False
        return lies_unchanged(self.outputs / file.path, record, reads_bytes=self.reads_bytes)

    def _keep(self, file: HandoverFile) -> str | None:
        path = self.outputs / file.path
        if not is_foreign(path, self.recorded.get(file.path), file.checksum):
            return None
        kept = keep_foreign(path)
        return f"{file.path} was not as songmake wrote it: kept as {kept.name}"

    def _write_aside(self, file: HandoverFile) -> tuple[Path, Path]:
        path = self.outputs / file.path
        aside = aside_path(path)
        try:
            aside.write_bytes(file.content)
        except OSError:
            aside.unlink(missing_ok=True)
            raise
        return aside, path

    def _remove(self, record: HandoverRecord, journal: Journal, outputs_key: str) -> str | None:
        path = self.outputs / record.path
        is_changed = path.is_file() and not lies_unchanged(path, record)
        if not is_changed:
            remove(path)
        journal.drop_handover_record(outputs_key, record.path)
        return f"{record.path} was changed by hand and stays" if is_changed else None


def hand_over(workspace: Workspace, takes: TakesByAlbum, known: Known) -> HandOver:
    """What the hand-over files should be, and how they were written last.

    ``takes`` are the workspace's by any provider.
    """
    files = tuple(
        file
        for album in workspace.albums
        for file in _album_files(album, takes[album.id], known, workspace.moves)
    )
    albums = frozenset(album.id for album in workspace.albums)
    paths = {file.path for file in files}
    others = (record.path for record in known.records if record.album not in albums)
    paths |= set(_linked(others, workspace.folders.outputs))
    files += overview_files(
        known_albums(workspace, takes, known.albums),
        known.attempts,
        known.publications,
        paths,
        known.measurements,
    )
    return HandOver(
        outputs=workspace.folders.outputs,
        files=files,
        recorded={record.path: record for record in known.records},
        unwanted=unwanted_records(known.records, files, albums=albums),
    )


def _linked(others: Iterable[str], outputs: Path) -> Iterator[str]:
    """What of other albums the overview may link: it lies there, for nobody writes it again now."""
    for path in others:
        if path.rpartition("/")[2] in (PAGE_NAME, *COVERS) and (outputs / path).is_file():
            yield path


def _album_files(
    album: Album, takes: Sequence[WantedTake], known: Known, moves: Moves
) -> Iterator[HandoverFile]:
    """What is handed over, and the page that shows it; the page itself is no part of it."""
    files = handover_files(album, takes, known.attempts, known.publications)
    yield from files
    names = frozenset(file.path.partition("/")[2] for file in files)
    tried = continued(known.attempts, moves)
    lying = continued_files(known.publications, moves)
    yield from room_files(album, takes, tried, lying, known.measurements, names)


def write_hand_over(
    workspace: Workspace,
    takes: TakesByAlbum,
    known: Known,
    journal: Journal,
    *,
    reads_bytes: bool = False,
) -> tuple[str, ...]:
    """Brings the hand-over files in step with the journal; returns notes about kept files.

    ``takes`` are the workspace's by any provider, and ``known`` is the journal as it is.
    """
    remember_albums(workspace, takes, journal)
    found = hand_over(workspace, takes, known)
    return replace(found, reads_bytes=reads_bytes).write(journal, outputs_key(workspace.folders))


def _record_of(file: HandoverFile) -> HandoverRecord:
    return HandoverRecord(
        path=file.path,
        album=file.album,
        checksum=file.checksum,
        size_bytes=len(file.content),
        mtime_ns=None,
    )
