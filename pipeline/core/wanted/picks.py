"""Which take of a song is to be its track: what was said, and what it changes in an album."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.core.findings.characters import excerpt
from pipeline.core.findings.suggestion import closest
from pipeline.core.wanted.album import Album, AlbumId, Song, SongId
from pipeline.errors import UsageError

MOST_TAKES = 99  # of the manifest's schema
_ID = "[a-z0-9]+(?:-[a-z0-9]+)*"
_WORD = re.compile(rf"(?:(?P<album>{_ID})/)?(?P<song>{_ID})#(?P<take>[0-9]{{1,9}})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A wish: ``take`` of ``song`` is to be the track.

    ``album`` is None where none was named; ``said`` is what messages call the wish by: the word, or
    its place in a file.
    """

    song: str
    take: int
    album: str | None
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PickChange:
    """A song, which take was its track, and which one is to be. They may be the same."""

    album: AlbumId
    song: SongId
    before: int
    take: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PickRefusal:
    """Why a wish cannot be, and what to do."""

    message: str
    hint: str


def is_id(word: str) -> bool:
    """Whether a word can be an album's or a song's id."""
    return re.fullmatch(_ID, word) is not None


def is_pick_word(word: str) -> bool:
    """Whether a word is ``song#take`` or ``album/song#take``."""
    return _WORD.fullmatch(word) is not None


def pick_of_word(word: str) -> Pick:
    """The wish that a word is. Raises ``UsageError``."""
    found = _WORD.fullmatch(word)
    if found is None:
        raise UsageError(
            f"{excerpt(word)} is no SONG#TAKE",
            hint="write a song's id and a take's number: songmake pick 'coda#2'",
        )
    return Pick(song=found["song"], take=int(found["take"]), album=found["album"], said=f"'{word}'")


def changes_of(
    picks: Iterable[Pick], albums: Sequence[Album]
) -> tuple[tuple[PickChange, ...], tuple[PickRefusal, ...]]:
    """What picks change, each song once, and what is against those that cannot be."""
    owners: defaultdict[str, list[tuple[Album, Song]]] = defaultdict(list)
    for album in albums:
        for song in album.songs:
            owners[song.id].append((album, song))
    changes: dict[tuple[AlbumId, SongId], PickChange] = {}
    refusals: list[PickRefusal] = []
    for pick in picks:
        found = _change_of(pick, albums, owners.get(pick.song, ()))
        if isinstance(found, PickRefusal):
            refusals.append(found)
            continue
        first = changes.setdefault((found.album, found.song), found)
        if first.take != found.take:
            message = f"{pick.said}: {found.song} is picked twice, as take {first.take} too"
            refusals.append(PickRefusal(message=message, hint="one take is the track: say which"))
    return tuple(changes.values()), tuple(refusals)


def _change_of(
    pick: Pick, albums: Sequence[Album], owners: Sequence[tuple[Album, Song]]
) -> PickChange | PickRefusal:
    named = [album for album in albums if pick.album in (None, album.id)]
    if not named:
        return _unknown_album(pick, albums)
    found = [(album, song) for album, song in owners if pick.album in (None, album.id)]
    if not found:
        return _unknown_song(pick, named)
    if len(found) > 1:
        words = ", ".join(f"'{album.id}/{pick.song}#{pick.take}'" for album, _ in found[:5])
        message = f"{pick.said}: {len(found)} albums have a song {pick.song}"
        return PickRefusal(message=message, hint=f"name one: {words}")
    ((album, song),) = found
    if not 1 <= pick.take <= song.takes:
        return _no_such_take(pick, song)
    return PickChange(album=album.id, song=song.id, before=song.pick, take=pick.take)


def _unknown_album(pick: Pick, albums: Sequence[Album]) -> PickRefusal:
    known = ", ".join(album.id for album in albums[:5])
    near = closest(pick.album or "", (album.id for album in albums))
    return PickRefusal(
        message=f"{pick.said}: there is no album {excerpt(pick.album or '')} here, but {known}",
        hint=f"did you mean {near}?" if near else "name the manifest that it is for, too",
    )


def _unknown_song(pick: Pick, albums: Sequence[Album]) -> PickRefusal:
    songs = [song for album in albums for song in album.songs]
    where = albums[0].id if len(albums) == 1 else "these albums"
    message = f"{pick.said}: there is no song {excerpt(pick.song)} in {where}"
    today = next((song.id for song in songs if pick.song in song.moved_from), None)
    if today is not None:
        return PickRefusal(message=message, hint=f"it is {today} now: '{today}#{pick.take}'")
    near = closest(pick.song, (song.id for song in songs))
    hint = (
        f"did you mean '{near}#{pick.take}'?" if near else "see every take: songmake status --all"
    )
    return PickRefusal(message=message, hint=hint)


def _no_such_take(pick: Pick, song: Song) -> PickRefusal:
    takes = "1 take" if song.takes == 1 else f"{song.takes} takes"
    can_grow = song.takes < pick.take <= MOST_TAKES
    raising = f", or raise takes to {pick.take}: each more is bought" if can_grow else ""
    return PickRefusal(
        message=f"{pick.said}: {song.id} has {takes}, there is no take {pick.take}",
        hint=f"pick {_from_one_to(song.takes)}{raising}",
    )


def _from_one_to(takes: int) -> str:
    return "take 1" if takes == 1 else f"a take from 1 to {takes}"
