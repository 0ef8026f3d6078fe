"""``moved_from``: songs that go on under another id, with everything that happened to the old."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.core.purchase.attempt import Attempt
from pipeline.core.wanted.album import Album, AlbumId, SongId, TakeRef

if TYPE_CHECKING:  # a validation, which publishes nothing, does not wait for it
    from pipeline.core.handover.tracks import Publication

Moves = Mapping[tuple[AlbumId, SongId], SongId]  # album and old id to the id of today

NO_MOVES: Moves = {}


def moves_of(albums: Iterable[Album]) -> Moves:
    """What the manifests say of it; a valid manifest names each old id once."""
    return {
        (album.id, old): song.id
        for album in albums
        for song in album.songs
        for old in song.moved_from
    }


def moved(ref: TakeRef, moves: Moves) -> TakeRef:
    """The take as it is called today."""
    now = moves.get((ref.album, ref.song))
    return ref if now is None else replace(ref, song=now)


def continued(attempts: Iterable[Attempt], moves: Moves) -> tuple[Attempt, ...]:
    """The journal's attempts under the names of today; the journal itself keeps the old ones."""
    return tuple(
        replace(attempt, ref=moved(attempt.ref, moves))
        if (attempt.ref.album, attempt.ref.song) in moves
        else attempt
        for attempt in attempts
    )


def continued_files(files: Iterable[Publication], moves: Moves) -> tuple[Publication, ...]:
    """Published files under the names of today."""
    return tuple(replace(found, ref=moved(found.ref, moves)) for found in files)
