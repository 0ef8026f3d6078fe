"""Instruments and voices, wanted and unwanted, as a prompt says them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from pipeline.sketch.genres import Drums, GenreTraits
from pipeline.sketch.hearing.words import Words


class Lead(StrEnum):
    """What carries the melody."""

    HIGH_VOICE = "high voice"  # a woman's
    LOW_VOICE = "low voice"  # a man's
    CHOIR = "choir voice"
    FLUTE = "flute"
    STRINGS = "strings"
    SYNTH = "synth"
    GUITAR = "lead guitar"
    ORGAN = "organ lead"
    BRASS = "brass lead"

    @property
    def is_sung(self) -> bool:
        """Whether it has words."""
        return self.value.endswith("voice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Who plays and sings. Empty strings and None mean silence."""

    comping: tuple[str, ...]  # at most two; the first one always plays
    pad: str | None
    bass: str | None
    drums: Drums
    solo: Lead  # plays the tune where nobody sings
    comping_said: tuple[str, ...]
    pad_said: str | None
    bass_said: str | None
    drums_said: str | None
    solo_said: str | None


_COMPING = (
    ("finger", r"finger-?pick\w*|finger-?style|nylon\S*|classical guitars?|ukuleles?|banjos?"
    r"|picked guitars?"),
    ("strum", r"strum\w*|acoustic guitars?|mandolins?|12-string|twelve-string"
    r"|(?<!electric )(?<!bass )(?<!distorted )guitars?"),
    ("drive", r"distort\w*(?: guitars?)?|overdriv\w*|electric guitars?|power chords?|crunch\w*"
    r"|heavy (?:guitars?|riffs?)|fuzz\w*"),
    ("epiano", r"rhodes|wurli\w*|electric piano|e-?piano"),
    ("bell", r"vibraphones?|marimbas?|music box(?:es)?|bells?|glockenspiel|celesta|chimes"
    r"|kalimbas?|steel ?pans?"),
    ("organ", r"organs?|hammond|accordions?|harmonium|harmonicas?"),
    ("piano", r"(?<!electric )pianos?|keys|keyboards?"),
    ("clav", r"clavinets?|clavi?|harpsichords?|wah(?:-wah)?"),
    ("brass", r"brass|horns?|trumpets?|trombones?|sax(?:ophones?)?|big band"),
    ("harp", r"harps?|koto|lute|lyre"),
    ("arp", r"arp\w*|synths?|synthesi[sz]ers?|sequenc\w*|analog(?:ue)?"),
    ("pluck", r"plucks?|pluck\w*|pizzicato"),
)  # fmt: skip
_PADS = (
    ("strings", r"strings?|string (?:section|quartet)|violins?|violas?|cellos?|orchestra\w*"),
    ("choir", r"choral pads?|choir pads?|angelic choir"),
    ("pad", r"(?:synth |warm |lush |ambient )?pads?"),
)
_BASSES = (
    ("sub", r"808s?(?: bass)?|sub-?bass|deep bass"),
    ("upright", r"upright bass|double bass|acoustic bass|contrabass|walking bass"),
    ("synth", r"synth bass|moog(?: bass)?|acid bass|analog bass|reese"),
    ("pick", r"slap(?:ped)? bass|picked bass|distorted bass"),
    ("finger", r"bass guitars?|electric bass|fretless|bass ?lines?|groovy bass"),
)
_SOLOS = (
    (Lead.FLUTE, r"flutes?|whistles?|recorders?|pan ?pipes?|woodwinds?|clarinets?|oboes?|ocarina"),
    (Lead.STRINGS, r"violins?|fiddles?|cellos?|erhu"),
    (Lead.BRASS, r"sax(?:ophones?)?|trumpets?|horns?|trombones?"),
    (Lead.GUITAR, r"guitar solos?|lead guitars?|electric guitars?|slide guitars?"),
    (Lead.ORGAN, r"harmonicas?|accordions?"),
    (Lead.SYNTH, r"synth leads?|lead synths?|synths?"),
)
_DRUM_WORDS = r"drums?|drumming|drum kit|percussion|beats?|drum machine"
_SOFT_DRUMS = (
    r"(?:soft|light|gentle|brushed|minimal|quiet|subtle|sparse|delicate)\s+(?:\w+\s+)?(?:drums?"
    r"|drumming|percussion|beats?)"
    r"|brush(?:es|ed)\b[\w ]*|shakers?|hand percussion|bongos?|cajon"
)
_ALONE = re.compile(
    r"\b(?:just|only|solo|nothing but)\s+(?:an?\s+|one\s+)?((?:[\w-]+\s+){0,2}?(?:piano|guitar"
    r"|harp|organ|ukulele|banjo|strings|rhodes|synth))"
    r"|\b((?:[\w-]+\s+){0,1}(?:piano|guitar|harp|organ|ukulele|banjo))\s+(?:and (?:vocals?"
    r"|voice)\s+)?(?:only|alone)\b",
    re.I,
)  # fmt: skip
_GENRE_DRUMS = r"drum ?(?:and|&|n|'n') ?bass|d&b"


def band_in(words: Words, traits: GenreTraits) -> Band:
    """The players that the prompt names, then the genre's own, without those that it refuses."""
    without_genre = Words(
        whole=words.whole, wanted=re.sub(_GENRE_DRUMS, " ", words.wanted, flags=re.I),
        refused=words.refused,
    )  # fmt: skip
    if words.says(r"a ?cappella|acapella|voices? only|only voices?"):
        said = "a cappella"
        return Band(
            comping=("choir",), pad=None, bass=None, drums=Drums.NONE, solo=Lead.CHOIR,
            comping_said=(said,), pad_said=said, bass_said=said, drums_said=said, solo_said=None,
        )  # fmt: skip
    alone = _ALONE.search(words.wanted)
    if alone:
        said = alone[0]
        only = _named(Words(whole=said, wanted=said, refused=""))
        return Band(
            comping=(only[0][0],) if only else ("piano",), pad=None, bass=None, drums=Drums.NONE,
            solo=Lead(traits.solo), comping_said=(said,), pad_said=said, bass_said=said,
            drums_said=said, solo_said=None,
        )  # fmt: skip
    return _whole_band(without_genre, traits)


def _whole_band(words: Words, traits: GenreTraits) -> Band:
    named = _named(words)
    asked = [name for name, _ in named]
    refused = {name for name, pattern in _COMPING if words.refuses(pattern)}
    if words.refuses(r"guitars?"):
        refused |= {"finger", "strum", "drive", "skank"}
    if words.refuses(r"synths?|synthesi[sz]ers?|electronics?"):
        refused |= {"arp", "pluck", "stab", "pad"}
    if words.refuses(r"pianos?|keys|keyboards?"):
        refused |= {"piano", "epiano"}
    refused |= {name for name, pattern in _PADS if words.refuses(pattern)}
    custom = [name for name in traits.comping if name not in asked and name not in refused]
    spare = [name for name in ("piano", "finger", "epiano") if name not in refused]
    comping = tuple(([n for n in asked if n not in refused] + custom or spare or ["bell"])[:2])
    pad, pad_said = _pad_in(words, traits, refused)
    bass, bass_said = _bass_in(words, traits, refused)
    drums, drums_said = _drums_in(words, traits)
    solo, solo_said = _solo_in(words, traits, refused)
    return Band(
        comping=comping, pad=pad, bass=bass, drums=drums, solo=solo,
        comping_said=tuple(said for _, said in named), pad_said=pad_said, bass_said=bass_said,
        drums_said=drums_said, solo_said=solo_said,
    )  # fmt: skip


def _named(words: Words) -> list[tuple[str, str]]:
    found: list[tuple[int, str, str]] = []
    for name, pattern in _COMPING:
        if told := re.search(rf"(?<!\w)(?:{pattern})(?!\w)", words.wanted, re.I):
            found.append((told.start(), name, told[0]))
    names = [name for _, name, _ in sorted(found)]
    if "finger" in names and "strum" in names:
        # "fingerpicked acoustic guitar" is one instrument; its strumming twin joins choruses.
        found = [f for f in found if f[1] != "strum"] + [f for f in found if f[1] == "strum"]
        return [(name, said) for _, name, said in found]
    return [(name, said) for _, name, said in sorted(found)]


def _pad_in(words: Words, traits: GenreTraits, refused: set[str]) -> tuple[str | None, str | None]:
    for name, pattern in _PADS:
        if name not in refused and (said := words.says(pattern)):
            return name, said
    if traits.pad in refused:
        return None, words.refused.strip()
    return traits.pad, None


def _bass_in(words: Words, traits: GenreTraits, refused: set[str]) -> tuple[str | None, str | None]:
    if said := words.refuses(r"bass(?: guitar)?|basses|bass ?lines?"):
        return None, f"no {said}"
    for name, pattern in _BASSES:
        if said := words.says(pattern):
            return name, said
    is_synthetic = traits.bass in ("synth", "sub")
    return "finger" if is_synthetic and "arp" in refused else traits.bass, None


def _drums_in(words: Words, traits: GenreTraits) -> tuple[Drums, str | None]:
    if said := words.refuses(_DRUM_WORDS):
        return Drums.NONE, f"no {said}"
    if said := words.says(_SOFT_DRUMS):
        return Drums.SOFT, said
    if said := words.says(_DRUM_WORDS):
        return Drums.FULL, said
    return traits.drums, None


def _solo_in(words: Words, traits: GenreTraits, refused: set[str]) -> tuple[Lead, str | None]:
    for lead, pattern in _SOLOS:
        if said := words.says(pattern):
            return lead, said
    custom = Lead(traits.solo)
    if custom is Lead.GUITAR and "drive" in refused:
        custom = Lead.ORGAN
    if custom is Lead.SYNTH and "arp" in refused:
        custom = Lead.FLUTE
    if custom is Lead.STRINGS and "strings" in refused:
        custom = Lead.FLUTE
    return custom, None
