"""``album.cue``: a cue sheet over one file a track, as disc writers and players read it.

Commands and their order are those of CDRWIN's user guide, which other programs follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.core.formats.tags import one_line
from pipeline.core.handover.delivered import DeliveredTrack
from pipeline.core.wanted.album import Album
from pipeline.core.wanted.release_codes import catalog_number

MOST_TRACKS = 99  # two digits are all that a disc has
_FILE_TYPES = {"mp3": "MP3", "pcm": "BINARY"}  # raw samples, low byte first
_OTHER_TYPE = "WAVE"  # of everything that a program decodes by looking at it


def cue_sheet(album: Album, tracks: Sequence[DeliveredTrack]) -> str | None:
    """The sheet in UTF-8; tracks are numbered without gaps. None for more than a disc can hold."""
    if len(tracks) > MOST_TRACKS:
        return None
    return "".join(f"{line}\n" for line in _lines(album, tracks))


def _lines(album: Album, tracks: Sequence[DeliveredTrack]) -> Iterator[str]:
    first = tracks[0].tags
    yield from _command("REM GENRE", album.metadata.get("genre"))
    if first.date:
        yield f"REM DATE {first.date[:4]}"
    upc = album.metadata.get("upc")
    catalog = catalog_number(upc if isinstance(upc, str) else None)
    if catalog:
        yield f"CATALOG {catalog}"
    yield from _command("PERFORMER", album.artist)
    yield from _command("TITLE", album.title)
    for number, track in enumerate(tracks, start=1):
        yield from _track_lines(number, track)


def _track_lines(number: int, track: DeliveredTrack) -> Iterator[str]:
    kind = _FILE_TYPES.get(track.audio.format, _OTHER_TYPE)
    yield f'FILE "{track.file_name}" {kind}'
    yield f"  TRACK {number:02d} AUDIO"
    yield from _command("    TITLE", track.tags.title)
    yield from _command("    PERFORMER", track.tags.artist)
    yield from _command("    SONGWRITER", track.tags.composer)
    if track.tags.isrc:
        yield f"    ISRC {track.tags.isrc}"
    yield "    INDEX 01 00:00:00"


def _command(word: str, text: object) -> Iterator[str]:
    """A command with a quoted text. The format knows no escape: a quote in it becomes two."""
    line = one_line(text).replace('"', "''") if isinstance(text, str) else ""
    if line:
        yield f'{word} "{line}"'
