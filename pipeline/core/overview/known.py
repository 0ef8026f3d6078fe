"""What the manifest of an album said last: all that the overview needs of it.

The journal keeps it, for a command that names one album must not forget the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.core.money import microusd
from pipeline.core.wanted.album import Album, AlbumId, Digest, Provider, SongId
from pipeline.core.wanted.takes import WantedTake

FORM = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTrack:
    """A song of an album: ``pick`` is the take that is its track, and ``digests`` are that take's.

    There are no digests where the pick is not among the wanted takes.
    """

    song: SongId
    title: str
    pick: int
    digests: Mapping[Provider, tuple[Digest, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAlbum:
    """An album without its requests; its tracks are in order."""

    id: AlbumId
    title: str
    artist: str | None
    budget_microusd: int | None
    tracks: tuple[KnownTrack, ...]


def known_album(album: Album, takes: Sequence[WantedTake]) -> KnownAlbum:
    """``takes`` are the album's by any provider."""
    picked = {
        (take.ref.song, take.provider): take.digests
        for take in takes
        if take.is_picked and take.ref.album == album.id
    }
    return KnownAlbum(
        id=album.id,
        title=album.title,
        artist=album.artist,
        budget_microusd=None if album.budget_usd is None else microusd(album.budget_usd),
        tracks=tuple(
            KnownTrack(
                song=song.id,
                title=song.title,
                pick=song.pick,
                digests={
                    provider: digests
                    for provider in Provider
                    if (digests := picked.get((song.id, provider)))
                },
            )
            for song in album.songs
        ),
    )


def album_document(known: KnownAlbum) -> dict[str, Any]:
    """Plain JSON, as the journal keeps it."""
    return {
        "form": FORM,
        "title": known.title,
        "artist": known.artist,
        "budget_microusd": known.budget_microusd,
        "tracks": [
            {
                "song": track.song,
                "title": track.title,
                "pick": track.pick,
                "digests": {
                    provider.value: list(digests) for provider, digests in track.digests.items()
                },
            }
            for track in known.tracks
        ],
    }


def known_album_of(album: str, document: Mapping[str, Any]) -> KnownAlbum | None:
    """The inverse of :func:`album_document`; None for a form that this version does not know."""
    if document["form"] != FORM:
        return None
    return KnownAlbum(
        id=AlbumId(album),
        title=document["title"],
        artist=document["artist"],
        budget_microusd=document["budget_microusd"],
        tracks=tuple(
            KnownTrack(
                song=SongId(track["song"]),
                title=track["title"],
                pick=track["pick"],
                digests={
                    Provider(provider): tuple(map(Digest, digests))
                    for provider, digests in track["digests"].items()
                },
            )
            for track in document["tracks"]
        ),
    )
