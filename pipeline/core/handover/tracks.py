"""Which files an album puts under ``outputs/``, under which names and with which tags."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from pipeline.core.formats.tags import TrackTags
from pipeline.core.purchase.attempt import Attempt
from pipeline.core.sound.album_loudness import AlbumLoudness
from pipeline.core.sound.measurement import UNMEASURED, Measurements
from pipeline.core.sound.replay_gain import replay_gain
from pipeline.core.wanted.album import (
    Album,
    AlbumId,
    Checksum,
    Digest,
    Provider,
    Song,
    SongId,
    TakeRef,
)
from pipeline.core.wanted.digest import canonical_json
from pipeline.core.wanted.languages import iso_639_2
from pipeline.core.wanted.takes import WantedTake

_COPYRIGHT_SIGN = re.compile(r"^(?:[©℗]|\([cCpP]\))\s*")
TAGGER_VERSION = 2  # raise it when the same tags would give other bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackFile:
    """One file to publish: ``path`` is POSIX, relative to the outputs folder.

    ``recipe`` names everything its bytes depend on: equal recipes, equal bytes.
    """

    path: str
    ref: TakeRef
    provider: Provider
    digest: Digest
    source: Attempt
    tags: TrackTags
    recipe: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A file that songmake wrote. ``mtime_ns`` is None until it is known to lie there."""

    path: str
    ref: TakeRef
    provider: Provider
    digest: Digest
    recipe: str
    checksum: Checksum
    size_bytes: int
    mtime_ns: int | None


def desired_tracks(
    album: Album,
    takes: Sequence[WantedTake],
    sounding: Mapping[TakeRef, Attempt],
    *,
    bought_songs: frozenset[tuple[AlbumId, SongId]],
    measurements: Measurements = UNMEASURED,
    loudness: AlbumLoudness | None = None,
) -> tuple[TrackFile, ...]:
    """The files of this album's ``takes`` whose audio exists.

    A sketch of a song in ``bought_songs`` goes to the album's ``sketch/`` folder. ``loudness`` is
    the album's, over its picked takes; other takes have no album gain, for they are none of it.
    """
    return tuple(
        _track(
            album,
            album.songs[take.song_number - 1],
            take,
            sounding[take.ref],
            is_bought=(album.id, take.ref.song) in bought_songs,
            gains=_gains(sounding[take.ref], take, measurements, loudness),
        )
        for take in takes
        if take.ref.album == album.id and take.ref in sounding
    )


def _gains(
    source: Attempt,
    take: WantedTake,
    measurements: Measurements,
    loudness: AlbumLoudness | None,
) -> tuple[tuple[str, str], ...]:
    measured = None if source.audio is None else measurements.get(source.audio.checksum)
    return replay_gain(measured, loudness if take.is_picked else None)


def _track(
    album: Album,
    song: Song,
    take: WantedTake,
    source: Attempt,
    *,
    is_bought: bool,
    gains: tuple[tuple[str, str], ...],
) -> TrackFile:
    assert source.audio is not None
    said = track_tags(album, song)
    tags = replace(said, named_texts=(*said.named_texts, *gains))
    is_aside = take.provider is Provider.SKETCH and is_bought
    folder = f"{album.id}/sketch" if is_aside else str(album.id)
    return TrackFile(
        path=f"{folder}/{_file_name(album, take, source.audio.format)}",
        ref=take.ref,
        provider=take.provider,
        digest=source.digest,
        source=source,
        tags=tags,
        recipe=recipe_of(source.audio.checksum, source.audio.format, tags),
    )


def _file_name(album: Album, take: WantedTake, extension: str) -> str:
    if not take.is_picked:
        return f"takes/{take.ref.song}.{take.ref.number}.{extension}"
    width = max(2, len(str(len(album.songs))))
    return f"{take.song_number:0{width}d}-{take.ref.song}.{extension}"


def track_tags(album: Album, song: Song) -> TrackTags:
    """What the manifest says of a track; a song's own word comes before its album's.

    The same for all takes of a song; what was measured of each is added where it is published.
    """
    said = {**album.metadata, **song.metadata}
    return TrackTags(
        title=song.title,
        artist=_text(said.get("artist")) or album.artist,
        album_artist=album.artist,
        album=album.title,
        date=release_date(album),
        track_number=song.number,
        track_count=len(album.songs),
        lyrics=song.request.lyrics,
        genre=_text(said.get("genre")),
        composer=_text(said.get("composer")),
        lyricist=_text(said.get("lyricist")),
        isrc=_text(song.metadata.get("isrc")),
        bpm=bpm if isinstance(bpm := said.get("bpm"), int) else None,
        key=initial_key(_text(said.get("key"))),
        copyright=_copyright(_text(said.get("copyright"))),
        publisher=_text(album.metadata.get("label")),
        language=iso_639_2(_text(said.get("language"))),
        named_texts=tuple(_named_texts(said)),
        cover=album.cover,
    )


def release_date(album: Album) -> str | None:
    """YYYY, YYYY-MM or YYYY-MM-DD, whichever the manifest says."""
    date = _text(album.metadata.get("date"))
    return date or (None if album.year is None else f"{album.year:04d}")


def _named_texts(said: Mapping[str, str | int | bool]) -> Iterator[tuple[str, str]]:
    """What ID3 has no frame for, under the names that taggers and players share."""
    explicit = said.get("explicit")
    if isinstance(explicit, bool):
        yield "ITUNESADVISORY", "1" if explicit else "0"
    if upc := _text(said.get("upc")):
        yield "BARCODE", upc


def _copyright(line: str | None) -> str | None:
    """Without the sign: readers put their own before it, as ID3v2.4 says under TCOP."""
    return None if line is None else _COPYRIGHT_SIGN.sub("", line) or None


def _text(field: object) -> str | None:
    return field if isinstance(field, str) and field else None


def initial_key(key: str | None) -> str | None:
    """A key as ID3v2.4's TKEY has it: ``A minor`` is ``Am``; None if it is not understood."""
    found = re.fullmatch(r"([A-G])([#b]?) ?(major|minor|maj|min|m)?", (key or "").strip())
    if found is None:
        return None
    return found[1] + found[2] + ("m" if (found[3] or "") in ("minor", "min", "m") else "")


def recipe_of(checksum: Checksum, audio_format: str, tags: TrackTags) -> str:
    """The name of everything that a tagged copy is made of; a cover counts by its checksum."""
    document = {
        "audio": checksum,
        "format": audio_format,
        "tagger_version": TAGGER_VERSION,
        "tags": {
            **{each.name: getattr(tags, each.name) for each in fields(tags)},
            "cover": None if tags.cover is None else [tags.cover.kind.mime, tags.cover.checksum],
        },
    }
    return hashlib.sha256(canonical_json(document).encode()).hexdigest()


def stale_publications(
    recorded: Sequence[Publication],
    desired: Sequence[TrackFile],
    *,
    albums: Mapping[str, Provider],
    silent: frozenset[TakeRef],
) -> tuple[Publication, ...]:
    """Recorded files of these albums that no desired track has any more.

    A file of the provider that this run is not about stays, and so does the last audio of a take
    in ``silent``, which is wanted but has no audio yet for what its request says now.
    """
    wanted_paths = {track.path for track in desired}
    return tuple(
        publication
        for publication in recorded
        if publication.ref.album in albums
        and publication.provider is albums[publication.ref.album]
        and publication.path not in wanted_paths
        and publication.ref not in silent
    )
