"""The files beside an album's tracks that make its folder ready to hand over."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.core.handover.cue_sheet import cue_sheet
from pipeline.core.handover.delivered import Delivery, delivery
from pipeline.core.handover.disclosure import ai_disclosure
from pipeline.core.handover.metadata_csv import metadata_csv
from pipeline.core.handover.playlist import playlist
from pipeline.core.handover.tracks import Publication
from pipeline.core.purchase.attempt import Attempt
from pipeline.core.wanted.album import Album, AlbumId, Checksum
from pipeline.core.wanted.takes import WantedTake

SUMS_NAME = "SHA256SUMS"
PAGE_NAME = "index.html"  # of an album, and of all


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverFile:
    """A file to write: ``path`` is POSIX, relative to the outputs folder."""

    path: str
    album: AlbumId
    checksum: Checksum
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverRecord:
    """A hand-over file that songmake wrote. ``mtime_ns`` is None until it is known to lie there."""

    path: str
    album: AlbumId
    checksum: Checksum
    size_bytes: int
    mtime_ns: int | None


def handover_files(
    album: Album,
    takes: Sequence[WantedTake],
    attempts: Sequence[Attempt],
    publications: Sequence[Publication],
) -> tuple[HandoverFile, ...]:
    """Every hand-over file of an album, checksums last; none while it has no track.

    ``takes`` are the album's by any provider: the files do not depend on who renders just now.
    They hold nothing but what journal and manifest say, so the same two give the same bytes.
    """
    delivered = delivery(album, takes, attempts, publications)
    if not delivered.tracks:
        return ()
    files = tuple(
        handover_file(album.id, name, content) for name, content in _contents(album, delivered)
    )
    sums = _sums(album, delivered, files).encode()
    return (*files, handover_file(album.id, SUMS_NAME, sums))


def handover_file(album: AlbumId, name: str, content: bytes) -> HandoverFile:
    """The file called ``name`` in the album's folder."""
    checksum = Checksum(hashlib.sha256(content).hexdigest())
    return HandoverFile(path=f"{album}/{name}", album=album, checksum=checksum, content=content)


def _contents(album: Album, delivered: Delivery) -> Iterator[tuple[str, bytes]]:
    tracks = delivered.tracks
    if album.cover is not None:
        yield album.cover.file_name, album.cover.content
    yield "album.m3u8", playlist(album, tracks).encode()
    cue = cue_sheet(album, tracks)
    if cue is not None:
        yield "album.cue", cue.encode()
    yield "metadata.csv", metadata_csv(album, tracks).encode()
    disclosure = json.dumps(ai_disclosure(album, tracks), indent=2, ensure_ascii=False)
    yield "ai-disclosure.json", f"{disclosure}\n".encode()
    for track in tracks:
        if track.sheet:
            yield f"lyrics/{track.stem}.txt", track.sheet.encode()


def _sums(album: Album, delivered: Delivery, files: Sequence[HandoverFile]) -> str:
    """The checksums as ``sha256sum -c`` reads them, of all that is handed over but themselves.

    The cost report and the pages are the maker's own and no part of it.
    """
    sums = {file.path: file.checksum for file in files}
    sums |= {audio.path: audio.checksum for audio in delivered.audio}
    folder = f"{album.id}/"
    return "".join(
        f"{checksum}  {path.removeprefix(folder)}\n" for path, checksum in sorted(sums.items())
    )


def unwanted_records(
    recorded: Sequence[HandoverRecord],
    files: Sequence[HandoverFile],
    *,
    albums: frozenset[AlbumId],
) -> tuple[HandoverRecord, ...]:
    """Recorded files of these albums that are not among ``files`` any more."""
    wanted = {file.path for file in files}
    return tuple(
        record for record in recorded if record.album in albums and record.path not in wanted
    )
