"""Which tracks of an album lie in its folder, and what becomes of those that do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from pipeline.core.handover.delivered import is_delivered
from pipeline.core.handover.tracks import Publication
from pipeline.core.overview.known import KnownAlbum, KnownTrack
from pipeline.core.overview.view import Trouble
from pipeline.core.purchase.attempt import Attempt, State, StoredAudio
from pipeline.core.purchase.standing import current_of, sounding_of
from pipeline.core.purchase.state_words import STATE_WORDS
from pipeline.core.wanted.album import AlbumId, Digest, Provider, TakeRef

MOST_TROUBLES = 3
LONGEST_TITLE = 80
LONGEST_ERROR = 240
Lying = Collection[tuple[TakeRef, Provider, Digest]]
Attempts = Mapping[Digest, tuple[Attempt, ...]]

_TROUBLED = frozenset({State.FAILED, State.REJECTED, State.IN_DOUBT, State.LOST})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracks:
    """``heard`` of the ``wanted`` tracks are there; ``missing`` and ``troubles`` tell of others."""

    wanted: int
    heard: tuple[StoredAudio, ...]
    is_sketched: bool
    missing: tuple[str, ...]
    troubles: tuple[Trouble, ...]

    @property
    def there(self) -> int:
        """How many are there."""
        return len(self.heard)

    @property
    def milliseconds(self) -> int:
        """How long they are together."""
        return sum(audio.milliseconds for audio in self.heard)


def lying_files(publications: Iterable[Publication]) -> frozenset[tuple[TakeRef, Provider, Digest]]:
    """What lies in the albums' folders, by take, provider and digest."""
    return frozenset(
        (found.ref, found.provider, found.digest)
        for found in publications
        if found.mtime_ns is not None and is_delivered(found)
    )


def tracks_of(known: KnownAlbum, attempts: Attempts, lying: Lying) -> Tracks:
    """As in :func:`~pipeline.core.handover.delivered.delivery`, one bought track makes sketches
    none of the album."""
    heard = {
        provider: {
            track.song: sounding
            for track in known.tracks
            if (sounding := _lying_audio(known.id, track, provider, attempts, lying))
        }
        for provider in Provider
    }
    is_bought = bool(heard[Provider.AIMLAPI])
    there = heard[Provider.AIMLAPI if is_bought else Provider.SKETCH]
    lacking = [track for track in known.tracks if track.song not in there]
    states = [(track, _state_of(track, attempts, is_bought=is_bought)) for track in lacking]
    waiting = Counter(_waiting_words(track, found) for track, found in states if _is_calm(found))
    return Tracks(
        wanted=len(known.tracks),
        heard=tuple(found.audio for found in there.values() if found.audio),
        is_sketched=bool(there) and not is_bought,
        missing=tuple(f"{count} {words}" for words, count in waiting.items()),
        troubles=tuple(
            _trouble(track, found) for track, found in states if found and not _is_calm(found)
        ),
    )


def _tried(track: KnownTrack, provider: Provider, attempts: Attempts) -> list[Attempt]:
    digests = track.digests.get(provider, ())
    return [attempt for digest in digests for attempt in attempts.get(digest, ())]


def _lying_audio(
    album: AlbumId, track: KnownTrack, provider: Provider, attempts: Attempts, lying: Lying
) -> Attempt | None:
    sounding = sounding_of(_tried(track, provider, attempts))
    if sounding is None:
        return None
    ref = TakeRef(album=album, song=track.song, number=track.pick)
    return sounding if (ref, provider, sounding.digest) in lying else None


def _state_of(track: KnownTrack, attempts: Attempts, *, is_bought: bool) -> Attempt | None:
    """The attempt that says how a missing track stands: a bought one before a sketch."""
    bought = current_of(_tried(track, Provider.AIMLAPI, attempts))
    if bought is not None or is_bought:
        return bought
    return current_of(_tried(track, Provider.SKETCH, attempts))


def _is_calm(found: Attempt | None) -> bool:
    return found is None or found.state not in _TROUBLED


def _waiting_words(track: KnownTrack, found: Attempt | None) -> str:
    if not track.digests:
        return "with a pick that is not among its takes"
    state = State.PLANNED if found is None else found.state
    # its file is another album's, or gone: here it is as good as stored alone
    return STATE_WORDS[State.STORED if state is State.PUBLISHED else state]


def _trouble(track: KnownTrack, found: Attempt) -> Trouble:
    return Trouble(
        title=_cut(track.title, LONGEST_TITLE),
        words=STATE_WORDS[found.state],
        error=None if found.error is None else _cut(found.error, LONGEST_ERROR),
    )


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest].rstrip()}…"
