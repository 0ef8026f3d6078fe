"""Which removed song a new one looks like: a rename and an edit in one step cost a purchase."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.core.album import Album, AlbumId, Digest, SongId
from pipeline.core.attempt import HAS_AUDIO, Attempt
from pipeline.core.identities import changed_fields
from pipeline.core.wanted import WantedTake

TEXTS = ("lyrics", "prompt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinship:
    """``removed`` are attempts with audio of songs that no manifest has, and no take asks for.

    ``strangers`` are ids that a song says it was moved from and that the journal does not know.
    """

    removed: tuple[Attempt, ...] = ()
    strangers: Mapping[tuple[AlbumId, SongId], tuple[SongId, ...]] = field(default_factory=dict)


def kinship(
    albums: Sequence[Album], attempts: Iterable[Attempt], wanted: Iterable[WantedTake]
) -> Kinship:
    """The same, of attempts under the names of today (:func:`pipeline.core.moves.continued`).

    ``attempts`` are the journal's own, under the names that they were bought under.
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
) -> tuple[Attempt, ...]:
    continued = {
        (attempt.ref.album, attempt.ref.song) for attempt in attempts if attempt.digest in asked
    }
    return tuple(
        attempt
        for attempt in attempts
        if attempt.state in HAS_AUDIO
        and (attempt.ref.album, attempt.ref.song) not in present | continued
    )


def kin_note(take: WantedTake, kin: Kinship) -> str | None:
    """What a person should know before a take that looks new is bought; None if nothing."""
    strange = kin.strangers.get((take.ref.album, take.ref.song))
    if strange:
        return f"moved_from: the journal knows no {', '.join(strange)}"
    found = _nearest(take, kin.removed)
    if found is None:
        return None
    changed = ", ".join(changed_fields(found.identity_json, take.identity_json))
    return (
        f"like removed {found.ref.song} but for {changed}"
        f" (moved_from: {found.ref.song} keeps its history, not the price)"
    )


def _nearest(take: WantedTake, removed: Iterable[Attempt]) -> Attempt | None:
    """The removed song's attempt that asked for most of the same, if a text or the title is one."""
    near = [
        attempt
        for attempt in removed
        if attempt.ref.album == take.ref.album
        and attempt.provider is take.provider
        and attempt.ref.number == take.ref.number
        and _is_kin(attempt, take)
    ]
    return min(
        near,
        key=lambda found: len(changed_fields(found.identity_json, take.identity_json)),
        default=None,
    )


def _is_kin(attempt: Attempt, take: WantedTake) -> bool:
    before = json.loads(attempt.identity_json).get("request", {})
    now = json.loads(take.identity_json)["request"]
    is_same_text = any(before.get(text) and before.get(text) == now.get(text) for text in TEXTS)
    return is_same_text or attempt.title == take.title
