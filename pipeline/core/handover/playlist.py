"""``album.m3u8``: the album for players, by relative paths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.core.findings.phrases import whole_seconds
from pipeline.core.formats.tags import one_line
from pipeline.core.handover.delivered import DeliveredTrack
from pipeline.core.wanted.album import Album


def playlist(album: Album, tracks: Sequence[DeliveredTrack]) -> str:
    """Extended M3U in UTF-8: each file's measured length in whole seconds, artist and title."""
    return "".join(f"{line}\n" for line in _lines(album, tracks))


def _lines(album: Album, tracks: Sequence[DeliveredTrack]) -> Iterator[str]:
    yield "#EXTM3U"
    yield f"#PLAYLIST:{one_line(album.title)}"
    for track in tracks:
        names = (track.tags.artist, track.tags.title)
        shown = " - ".join(one_line(name) for name in names if name)
        yield f"#EXTINF:{whole_seconds(track.audio.milliseconds)},{shown}"
        yield track.file_name
