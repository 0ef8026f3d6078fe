"""An album as it is wanted: what a valid manifest says, with every default filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, NewType

from pipeline.core.wanted.credits import Credits

if TYPE_CHECKING:  # most albums have no cover, and need nothing that knows pictures
    from pipeline.core.wanted.cover import Cover

AlbumId = NewType("AlbumId", str)
SongId = NewType("SongId", str)
Digest = NewType("Digest", str)  # 64 lower-case hex digits
Checksum = NewType("Checksum", str)  # sha256 of bytes, 64 lower-case hex digits

DEFAULT_CONTRACT = "default"  # of a model that its provider describes in more than one way


class Provider(StrEnum):
    """Who renders a request."""

    AIMLAPI = "aimlapi"  # hosted, paid
    SKETCH = "sketch"  # embedded, free, offline


class AudioFormat(StrEnum):
    """Encodings that can be asked for."""

    MP3 = "mp3"
    WAV = "wav"
    PCM = "pcm"  # interleaved signed 16-bit little endian, no header


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioSetting:
    """The wanted encoding: ``sample_rate`` in Hz, ``bitrate`` in bit/s."""

    format: AudioFormat
    sample_rate: int
    bitrate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NeutralRequest:
    """What is asked of a model, in songmake's own words; texts are exactly what will be sent.

    ``audio`` is None for a model that takes no audio setting, and each other part where nothing is
    asked. ``lyrics_optimizer`` asks the model to write the words.
    """

    model: str
    prompt: str
    lyrics: str | None
    audio: AudioSetting | None
    instrumental: bool = False
    lyrics_optimizer: bool = False
    negative_prompt: str | None = None
    length_s: int | None = None
    seed: int | None = None
    steps: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Song:
    """One entry of an album. ``number`` is its 1-based place in the track order.

    ``contract`` says by which profile of its model it is asked; ``price_usd`` is what the manifest
    says of its price. ``moved_from`` are ids that it had before. None is part of what is bought.
    """

    id: SongId
    number: int
    title: str
    request: NeutralRequest
    takes: int = 1
    pick: int = 1
    revision: int = 0
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, str | int | bool] = field(default_factory=dict)
    credits: Credits = field(default_factory=Credits)
    contract: str = DEFAULT_CONTRACT
    price_usd: Decimal | None = None
    moved_from: tuple[SongId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Album:
    """A whole album. ``source`` is the manifest's path as messages show it."""

    id: AlbumId
    title: str
    artist: str | None
    year: int | None
    provider: Provider
    budget_usd: Decimal | None
    songs: tuple[Song, ...]
    source: str
    metadata: Mapping[str, str | int | bool] = field(default_factory=dict)
    cover: Cover | None = None
    credits: Credits = field(default_factory=Credits)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeRef:
    """The n-th wanted rendering of a song; ``str()`` gives ``album/song#n``."""

    album: AlbumId
    song: SongId
    number: int

    def __str__(self) -> str:
        return f"{self.album}/{self.song}#{self.number}"
