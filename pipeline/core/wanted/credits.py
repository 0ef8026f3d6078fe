"""Who did what on an album, as its manifest says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Part(StrEnum):
    """What an album is made of, as a disclosure of the use of AI tells it apart."""

    COMPOSITION = "composition"  # melody, harmony, form
    LYRICS = "lyrics"
    VOCALS = "vocals"
    INSTRUMENTS = "instruments"
    RECORDING = "recording"  # the sound as it is heard: performance, mix
    ARTWORK = "artwork"


SONG_PARTS = tuple(part for part in Part if part is not Part.ARTWORK)


class Involvement(StrEnum):
    """How far AI made a part."""

    NONE = "none"  # people made it
    ASSISTED = "assisted"  # people made it with the help of AI
    GENERATED = "generated"  # AI made it


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """What is said of one part: how far AI made it, with which tool, and which people did what."""

    ai: Involvement | None = None
    tool: str | None = None
    people: tuple[str, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributor:
    """A person and what they did: ``A. Moreno``, ``producer``."""

    name: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Credits:
    """Credits by part, and people beside them."""

    parts: Mapping[Part, Credit] = field(default_factory=dict)
    contributors: tuple[Contributor, ...] = ()


UNCREDITED = Credits()  # one for the thousands of songs that say nothing
