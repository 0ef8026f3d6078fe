"""The genres that the engine knows, and what each brings along when the prompt is silent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from pipeline.sketch.theory import Mode


class Genre(StrEnum):
    """Families of pattern; other names of genres are heard as the nearest of them."""

    POP = "pop"
    FOLK = "folk"
    BALLAD = "ballad"
    ROCK = "rock"
    SOUL = "soul"
    LOFI = "lofi"
    JAZZ = "jazz"
    HOUSE = "house"
    SYNTHWAVE = "synthwave"
    AMBIENT = "ambient"


class Drums(StrEnum):
    """How much kit there may be."""

    NONE = "none"
    SOFT = "soft"
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class GenreTraits:
    """Customs of a genre."""

    bpm: int
    mode: Mode
    drums: Drums
    comping: tuple[str, str]
    pad: str | None
    bass: str
    has_sevenths: bool = False
    swing_eighth: int = 0  # ticks by which an off-beat eighth comes late, of 240
    swing_sixteenth: int = 0  # ticks by which an odd sixteenth comes late, of 120
    is_electronic: bool = False
    reverb: float = 1.0  # factor on every send


_FULL, _SOFT = Drums.FULL, Drums.SOFT
GENRES: dict[Genre, GenreTraits] = {
    Genre.POP: GenreTraits(
        bpm=108, mode=Mode.MAJOR, drums=_FULL, comping=("piano", "strum"),
        pad="pad", bass="finger"
    ),
    Genre.FOLK: GenreTraits(
        bpm=96, mode=Mode.MAJOR, drums=_SOFT, comping=("finger", "strum"),
        pad="strings", bass="finger",
        swing_sixteenth=8,
    ),
    Genre.BALLAD: GenreTraits(
        bpm=72, mode=Mode.MAJOR, drums=_SOFT, comping=("piano", "finger"),
        pad="strings", bass="finger",
        reverb=1.25,
    ),
    Genre.ROCK: GenreTraits(
        bpm=124, mode=Mode.MINOR, drums=_FULL, comping=("strum", "drive"),
        pad="organ", bass="pick",
        reverb=0.8,
    ),
    Genre.SOUL: GenreTraits(
        bpm=96, mode=Mode.DORIAN, drums=_FULL, comping=("epiano", "organ"),
        pad="strings", bass="finger",
        has_sevenths=True, swing_sixteenth=16,
    ),
    Genre.LOFI: GenreTraits(
        bpm=78, mode=Mode.MINOR, drums=_FULL, comping=("epiano", "finger"),
        pad="pad", bass="finger",
        has_sevenths=True, swing_sixteenth=26,
    ),
    Genre.JAZZ: GenreTraits(
        bpm=126, mode=Mode.MAJOR, drums=_FULL, comping=("piano", "finger"),
        pad=None, bass="upright",
        has_sevenths=True, swing_eighth=76,
    ),
    Genre.HOUSE: GenreTraits(
        bpm=122, mode=Mode.MINOR, drums=_FULL, comping=("epiano", "arp"),
        pad="pad", bass="synth",
        has_sevenths=True, is_electronic=True, swing_sixteenth=10,
    ),
    Genre.SYNTHWAVE: GenreTraits(
        bpm=104, mode=Mode.MINOR, drums=_FULL, comping=("arp", "epiano"),
        pad="pad", bass="synth",
        is_electronic=True, reverb=1.3,
    ),
    Genre.AMBIENT: GenreTraits(
        bpm=70, mode=Mode.MAJOR, drums=Drums.NONE, comping=("epiano", "arp"),
        pad="pad", bass="synth",
        is_electronic=True, reverb=1.8,
    ),
}  # fmt: skip

_WORDS: tuple[tuple[Genre, str], ...] = (
    (Genre.SYNTHWAVE, r"synth-?wave|retro-?wave|80s|eighties|new wave|synth-?pop|darkwave|outrun"),
    (Genre.LOFI, r"lo-?fi|chill-?hop|hip-?hop|boom[ -]bap|trap|rap|chill-?wave|trip-?hop"),
    (Genre.HOUSE, r"house|techno|edm|trance|disco|dance|club|electro\w*|garage|drum and bass|dnb"),
    (Genre.JAZZ, r"jazz\w*|swing|bebop|bossa(?: nova)?|big band|crooner|lounge"),
    (Genre.SOUL, r"soul\w*|r&b|rnb|funk\w*|gospel|motown|neo-?soul|blues|bluesy|reggae"),
    (Genre.ROCK, r"rock\w*|punk|metal|grunge|hard-?core|shoegaze|emo"),
    (
        Genre.FOLK,
        r"folk\w*|country|americana|bluegrass|singer-?songwriter|acoustic|celtic|campfire",
    ),
    (Genre.AMBIENT, r"ambient|drone|atmospheric|meditat\w*|new age|soundscape|ethereal"),
    (
        Genre.BALLAD,
        r"ballads?|lullaby|classical|solo piano|piano|cinematic|orchestral|chanson|waltz",
    ),
    (Genre.POP, r"pop|indie|k-?pop|j-?pop|r'n'b|alternative|bedroom"),
)


def genre_of(prompt: str) -> tuple[Genre, bool]:
    """The genre that the prompt names, a whole style before an instrument; pop if none."""
    named = [
        (
            found.start()
            + (40 if found[0].lower() in {"piano", "acoustic", "waltz", "dance"} else 0),
            genre,
        )
        for genre, words in _WORDS
        if (found := re.search(rf"\b(?:{words})(?!\w)", prompt, re.I))
    ]
    strong = [pair for pair in named if pair[1] is not Genre.POP] or named
    return (min(strong)[1], True) if strong else (Genre.POP, False)
