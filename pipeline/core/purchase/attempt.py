"""An attempt: one paid try at one request, its state and its money."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pipeline.core.money import Balance
from pipeline.core.wanted.album import (
    AlbumId,
    AudioFormat,
    AudioSetting,
    Checksum,
    Digest,
    Provider,
    SongId,
    TakeRef,
)


class State(StrEnum):
    """Where an attempt stands."""

    PLANNED = "planned"  # wanted; no paid request of it is out
    INTENT = "intent"  # written down; its request may be leaving right now
    SUBMITTED = "submitted"  # accepted, its generation id is known
    READY = "ready"  # rendered by the provider, not fetched yet
    STORED = "stored"  # verified bytes are in the store
    PUBLISHED = "published"  # a tagged copy lies in outputs/
    FAILED = "failed"  # the provider gave up; the hold was released
    REJECTED = "rejected"  # refused for good before anything was charged
    IN_DOUBT = "in_doubt"  # the answer was lost; it may have been billed
    LOST = "lost"  # charged, and its audio is gone for good
    SUPERSEDED = "superseded"  # replaced by a later attempt


ADOPTED = "adopted"  # the cost source of audio that was made elsewhere
LIVE = frozenset(
    {
        State.INTENT,
        State.SUBMITTED,
        State.READY,
        State.STORED,
        State.PUBLISHED,
        State.IN_DOUBT,
        State.LOST,
    }
)
COLLECTABLE = frozenset({State.SUBMITTED, State.READY})
HAS_AUDIO = frozenset({State.STORED, State.PUBLISHED})
DOUBTFUL = frozenset({State.INTENT, State.IN_DOUBT})
STUCK = frozenset({State.FAILED, State.REJECTED, State.LOST})


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAudio:
    """Verified pristine bytes in the store; facts are measured from the file."""

    checksum: Checksum
    size_bytes: int
    milliseconds: int
    format: str
    sample_rate_hz: int
    channels: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One row of the journal. Times are ISO 8601 in UTC; money is in micro-dollars.

    ``state`` is what it had come to when it was superseded, if ``superseded_at`` is set;
    ``shown_state`` is the word for people and documents.
    """

    client_request_id: str
    digest: Digest
    number: int
    ref: TakeRef
    title: str
    provider: Provider
    origin: str
    model: str
    state: State
    identity_json: str
    body_json: str
    reserved_microusd: int
    intent_at: str
    generation_id: str | None = None
    booked_microusd: int | None = None
    credits: int | None = None
    cost_source: str | None = None
    submitted_at: str | None = None
    completed_at: str | None = None
    audio: StoredAudio | None = None
    error: str | None = None
    superseded_at: str | None = None

    @property
    def shown_state(self) -> State:
        """``superseded`` once a later attempt took its place, else ``state``."""
        return State.SUPERSEDED if self.superseded_at else self.state

    @property
    def is_live(self) -> bool:
        """Whether it forbids buying its digest."""
        return self.superseded_at is None and self.state in LIVE

    @property
    def is_adopted(self) -> bool:
        """Whether its audio was made elsewhere: nobody can be asked for it again."""
        return self.cost_source == ADOPTED

    @property
    def cost_microusd(self) -> int:
        """Booked if the provider named a cost, else reserved."""
        return self.reserved_microusd if self.booked_microusd is None else self.booked_microusd

    @property
    def balance(self) -> Balance:
        """What became of its money."""
        cost = self.cost_microusd
        match self.state:
            case State.INTENT | State.SUBMITTED:
                return Balance(held=cost)
            case State.READY | State.STORED | State.PUBLISHED | State.LOST:
                return Balance(charged=cost)
            case State.IN_DOUBT:
                return Balance(in_doubt=cost)
            case State.FAILED:
                return Balance(released=cost)
            case _:
                return Balance()


def balance_of(attempts: Iterable[Attempt]) -> Balance:
    """The sum over attempts."""
    return sum((attempt.balance for attempt in attempts), Balance())


def ref_of(album: str, song: str, number: int) -> TakeRef:
    """A take's name from its plain parts."""
    return TakeRef(album=AlbumId(album), song=SongId(song), number=number)


def asked_of(attempt: Attempt) -> AudioSetting | None:
    """The encoding that an attempt asked for.

    None where its model takes no audio setting, and where an imported row does not say.
    """
    return setting_of(request_of(attempt))


def request_of(attempt: Attempt) -> dict[str, Any]:
    """The request in neutral names; empty where an imported row does not say."""
    found: dict[str, Any] = json.loads(attempt.identity_json).get("request", {})
    return found


def setting_of(fields: Mapping[str, Any]) -> AudioSetting | None:
    """The encoding that a request in neutral names asks for."""
    if fields.get("audio.format") not in set(AudioFormat):
        return None
    return AudioSetting(
        format=AudioFormat(fields["audio.format"]),
        sample_rate=fields.get("audio.sample_rate", 44100),
        bitrate=fields.get("audio.bitrate", 256000),
    )
