"""``metadata.csv``: one row a track, with the columns that distributors' forms ask for."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.core.findings.phrases import whole_seconds
from pipeline.core.handover.delivered import DeliveredTrack
from pipeline.core.handover.spreadsheet import csv_text
from pipeline.core.wanted.album import Album

COLUMNS = (
    "track_number", "title", "artist", "album", "album_artist", "label", "upc", "isrc",
    "release_date", "genre", "language", "explicit", "instrumental", "composer", "lyricist",
    "copyright", "duration", "seconds", "bpm", "key", "file", "sha256",
)  # fmt: skip


def metadata_csv(album: Album, tracks: Sequence[DeliveredTrack]) -> str:
    """The table; what the manifest does not say is an empty cell."""
    return csv_text(COLUMNS, [_row(album, track) for track in tracks])


def _row(album: Album, track: DeliveredTrack) -> list[object]:
    said = {**album.metadata, **track.song.metadata}
    tags, milliseconds = track.tags, track.audio.milliseconds
    minutes, seconds = divmod(whole_seconds(milliseconds), 60)
    cells = {
        "track_number": tags.track_number,
        "title": tags.title,
        "artist": tags.artist,
        "album": tags.album,
        "album_artist": tags.album_artist,
        "label": said.get("label"),
        "upc": said.get("upc"),
        "isrc": tags.isrc,
        "release_date": tags.date,
        "genre": tags.genre,
        "language": said.get("language"),
        "explicit": _yes_or_no(said.get("explicit")),
        "instrumental": _yes_or_no(None if track.is_sung is None else not track.is_sung),
        "composer": tags.composer,
        "lyricist": tags.lyricist,
        "copyright": said.get("copyright"),
        "duration": f"{minutes}:{seconds:02d}",
        "seconds": milliseconds / 1000,
        "bpm": tags.bpm,
        "key": said.get("key"),
        "file": track.file_name,
        "sha256": track.checksum,
    }
    return [cells[column] for column in COLUMNS]


def _yes_or_no(answer: object) -> str | None:
    if not isinstance(answer, bool):
        return None
    return "yes" if answer else "no"
