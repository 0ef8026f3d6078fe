"""Which removed song a new one looks like: a rename and an edit in one step cost a purchase."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.core.purchase.attempt import HAS_AUDIO, Attempt
from pipeline.core.wanted.album import Album, AlbumId, Digest, Provider, SongId, TakeRef
from pipeline.core.wanted.identities import changed_fields
from pipeline.core.wanted.takes import WantedTake

TEXTS = ("lyrics", "prompt")
MOST_COMPARED = 20  # songs of one style may share a prompt by the thousand

Mark = tuple[AlbumId, int, Provider, str, str]  # of one take number: which text, and the text


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinship:
    """``removed`` are attempts with audio of songs that are gone, and that no take asks for.

    They are found by what songs may have in common.
    ``strangers`` are ids that a song says it was moved from and that the journal does not know.
    """

    removed: Mapping[Mark, tuple[Attempt, ...]] = field(default_factory=dict)
    strangers: Mapping[tuple[AlbumId, SongId], tuple[SongId, ...]] = field(default_factory=dict)


def kinship(
    albums: Sequence[Album], attempts: Iterable[Attempt], wanted: Iterable[WantedTake]
) -> Kinship:
    """What is gone from the albums; ``attempts`` are under the names that they were bought under.

    ``wanted`` are the albums' takes.
    """
    attempts = tuple(attempts)
    claimed = {
        (album.id, old) for album in albums for song in album.songs for old in song.moved_from
    }
    there = {(album.id, song.id) for album in albums for song in album.songs}
    known = {(attempt.ref.album, attempt.ref.song) for attempt in attempts}
    asked = frozenset(digest for take in wanted for digest in take.digests)
    return Kinship(
        removed=_removed(attempts, claimed | there, asked),
        strangers={
            (album.id, song.id): strange
            for album in albums
            for song in album.songs
            if (strange := tuple(old for old in song.moved_from if (album.id, old) not in known))
        },
    )


def _removed(
    attempts: Sequence[Attempt],
    present: set[tuple[AlbumId, SongId]],
    asked: frozenset[Digest],
) -> dict[Mark, tuple[Attempt, ...]]:
    there = present | {
        (attempt.ref.album, attempt.ref.song) for attempt in attempts if attempt.digest in asked
    }
    names = {album for album, _ in present}
    found: dict[Mark, tuple[Attempt, ...]] = {}
    for attempt in attempts:
        is_gone = (attempt.ref.album, attempt.ref.song) not in there
        if attempt.state in HAS_AUDIO and is_gone and attempt.ref.album in names:
            marks = _marks(attempt.ref, attempt.provider, attempt.title, attempt.identity_json)
            for mark in marks:
                found[mark] = (*found.get(mark, ())[-MOST_COMPARED:], attempt)
    return found


def kin_note(take: WantedTake, kin: Kinship) -> str | None:
    """What a person should know before a take that looks new is bought; None if nothing."""
    strange = kin.strangers.get((take.ref.album, take.ref.song))
    if strange:
        return f"moved_from: the journal knows no {', '.join(strange)}"
    found = nearest_kin(take, kin)
    if found is None:
        return None
    changed = ", ".join(changed_fields(found.identity_json, take.identity_json))
    return (
        f"like removed {found.ref.song} but for {changed}"
        f" (moved_from: {found.ref.song} keeps its history; the price stays)"
    )


def nearest_kin(take: WantedTake, kin: Kinship) -> Attempt | None:
    """The removed song's attempt that asked for most of the same, among those that share a mark."""
    near = (
        [
            attempt
            for mark in _marks(take.ref, take.provider, take.title, take.identity_json)
            for attempt in kin.removed.get(mark, ())[-MOST_COMPARED:]
        ]
        if kin.removed
        else []
    )
    return min(
        near,
        key=lambda found: len(changed_fields(found.identity_json, take.identity_json)),
        default=None,
    )


def _marks(ref: TakeRef, provider: Provider, title: str, identity_json: str) -> Iterator[Mark]:
    """What makes two songs kin: the same words, the same prompt, the same title."""
    asked = json.loads(identity_json).get("request", {})
    for name, text in (*((name, asked.get(name)) for name in TEXTS), ("title", title)):
        if text:
            yield (ref.album, ref.number, provider, name, str(text))
