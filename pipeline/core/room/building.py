"""The listening room of an album, from manifest, journal and measurements alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from pipeline.core.findings.phrases import counted, length_text
from pipeline.core.handover.folder import SUMS_NAME
from pipeline.core.handover.tracks import Publication, release_date
from pipeline.core.money import sum_text
from pipeline.core.purchase.attempt import Attempt, balance_of
from pipeline.core.room.hearing import Heard, heard_takes
from pipeline.core.room.missing import missing_takes
from pipeline.core.room.sleeve import sleeve
from pipeline.core.room.songs import picked_take, song_room
from pipeline.core.room.spending import spending_bar
from pipeline.core.room.view import Room, SongRoom
from pipeline.core.sound.measurement import Measurements
from pipeline.core.wanted.album import Album, SongId
from pipeline.core.wanted.takes import WantedTake

_FILES = (
    ("album.m3u8", "Playlist"),
    ("album.cue", "Cue sheet"),
    ("metadata.csv", "Metadata"),
    ("ai-disclosure.json", "AI disclosure"),
    (SUMS_NAME, "Checksums"),
)
_REPORTS = (
    ("cost-report.md", "Cost report"),
    ("cost-report.csv", "Cost report, CSV"),
    ("cost-report.json", "Cost report, JSON"),
)


def room(
    album: Album,
    takes: Sequence[WantedTake],
    attempts: Sequence[Attempt],
    publications: Sequence[Publication],
    measurements: Measurements,
    handed_over: Collection[str],
) -> Room | None:
    """The room; None while nothing of the album was tried, for there is nothing to hear in it.

    ``takes`` are the album's by any provider: the page does not depend on who renders just now.
    Attempts and publications go by the names of today. ``handed_over`` are the names of the
    hand-over files in its folder.
    """
    own = [attempt for attempt in attempts if attempt.ref.album == album.id]
    heard = heard_takes(album.id, takes, attempts, publications, measurements)
    if not own and not any(each.is_shown for each in heard):
        return None
    songs = _songs(album, heard, own)
    language = album.metadata.get("language")
    notes = album.metadata.get("notes")
    cover = album.cover.file_name if album.cover else None
    return Room(
        id=album.id,
        title=album.title,
        artist=album.artist,
        date=release_date(album),
        language=language if isinstance(language, str) else None,
        cover=cover if cover in handed_over else None,
        sleeve=sleeve([_waveform(song) for song in songs]),
        facts=tuple(_facts(songs)),
        spending=spending_bar(album, own),
        missing=missing_takes(songs),
        songs=songs,
        files=(*(each for each in _FILES if each[0] in handed_over), *_REPORTS),
        notes=notes if isinstance(notes, str) else None,
        earlier=_earlier(album, own),
    )


def _songs(album: Album, heard: Sequence[Heard], own: Sequence[Attempt]) -> tuple[SongRoom, ...]:
    takes: dict[SongId, list[Heard]] = {song.id: [] for song in album.songs}
    for each in heard:
        takes[each.take.ref.song].append(each)
    made: dict[SongId, list[Attempt]] = {}
    for attempt in own:
        made.setdefault(attempt.ref.song, []).append(attempt)
    return tuple(
        song_room(album, song, takes[song.id], made.get(song.id, ())) for song in album.songs
    )


def _waveform(song: SongRoom) -> str | None:
    picked = picked_take(song.takes, song.pick)
    return picked.waveform if picked else None


def _facts(songs: Sequence[SongRoom]) -> Iterator[str]:
    yield counted(len(songs), "song")
    picked = [take for song in songs if (take := picked_take(song.takes, song.pick)) and take.audio]
    if picked:
        total = length_text(sum(take.milliseconds for take in picked))
        yield total if len(picked) == len(songs) else f"{total} so far"
    takes = [take for song in songs for take in song.takes]
    there = sum(take.audio is not None for take in takes)
    if there < len(takes):
        yield f"{there} of {counted(len(takes), 'take')} here"
    elif len(takes) > len(songs):
        yield counted(len(takes), "take")
    if picked and all(take.is_sketch for take in picked):
        yield "sketches"


def _earlier(album: Album, own: Sequence[Attempt]) -> str | None:
    """What was paid for songs that the manifest does not have any more."""
    songs = {song.id for song in album.songs}
    amount = sum_text(balance_of(one for one in own if one.ref.song not in songs))
    return f"Songs that were taken out: {amount}" if amount else None
