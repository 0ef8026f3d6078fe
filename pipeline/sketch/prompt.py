"""What a prompt asks for: tempo, metre, key, genre, instruments, mood. Nothing is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from pipeline.sketch.genres import GENRES, Drums, Genre, GenreTraits, genre_of
from pipeline.sketch.streams import pick, stream
from pipeline.sketch.theory import Key, Mode

SLOWEST_BPM, FASTEST_BPM = 40, 220

_TONICS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ACCIDENTALS = {"#": 1, "♯": 1, "sharp": 1, "b": -1, "♭": -1, "flat": -1, "": 0}
_MODES = {
    "major": Mode.MAJOR, "maj": Mode.MAJOR, "minor": Mode.MINOR, "min": Mode.MINOR,
    "dorian": Mode.DORIAN, "mixolydian": Mode.MIXOLYDIAN, "m": Mode.MINOR,
}  # fmt: skip
_NOTE = r"(?P<note>[A-Ga-g])[\s-]?(?P<accidental>#|♯|♭|b(?![a-z])|sharp\b|flat\b|)"
_KEYS = (
    re.compile(rf"\b{_NOTE}[\s-]*(?P<mode>major|minor|maj|min|dorian|mixolydian)\b", re.I),
    re.compile(rf"\bkey(?:\s+of|\s+is)?\s*:?\s+{_NOTE}(?P<mode>m?)(?![a-z0-9])", re.I),
    re.compile(r"\bin\s+(?P<note>[A-G])(?P<accidental>[#♯♭b]?)(?P<mode>m?)(?![a-zA-Z0-9'])"),
)
_BPM = re.compile(r"(?<![\d.])(\d{2,3})(?:\.\d+)?[\s-]*(?:bpm|beats\s+(?:per|a)\s+minute)", re.I)
_BPM_BEFORE = re.compile(r"\b(?:bpm|tempo)\s*(?:of|is|:|=|at)?\s*(\d{2,3})(?!\d)", re.I)
_TEMPO_WORDS = (
    (r"very slow|largo|glacial", 0.68), (r"slow(?:ly)?|adagio|lullaby|down-?tempo", 0.8),
    (r"mid-?tempo|andante", 0.95), (r"very fast|presto", 1.45),
    (r"fast|up-?tempo|driving|energetic|allegro", 1.2), (r"up-?beat|danc(?:e|y|ing)", 1.1),
)  # fmt: skip
_MINOR_WORDS = r"sad|melanchol\w*|dark|moody|lonely|sorrow\w*|brooding|haunting|grie\w*|tragic|noir"
_MAJOR_WORDS = r"happy|cheerful|joy\w*|sunny|bright|uplifting|playful|hopeful|celebrat\w*"
_SOFT_WORDS = (
    r"soft\w*|gentle|gently|calm\w*|quiet\w*|whisper\w*|delicate|intimate|sooth\w*|tender|sparse"
    r"|mellow|peaceful|dreamy"
)
_STRONG_WORDS = (
    r"energetic|powerful|anthem\w*|epic|loud|heavy|aggressive|driving|huge|soaring|intense"
)


class Meter(StrEnum):
    """How a bar counts."""

    FOUR = "4/4"
    THREE = "3/4"
    SIX = "6/8"


class Lead(StrEnum):
    """What carries the melody."""

    HIGH_VOICE = "high voice"  # a sung vowel, the register of a woman's voice
    LOW_VOICE = "low voice"
    FLUTE = "flute"
    STRINGS = "strings"
    SYNTH = "synth"


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """A prompt, understood. ``heard`` names the fields found in the words, the rest is chosen."""

    bpm: int  # of quarters; in 6/8 of dotted quarters
    meter: Meter
    key: Key
    genre: Genre
    lead: Lead
    drums: Drums
    comping: tuple[str, ...]  # one or two accompanying instruments, the first one always plays
    pad: str | None
    intensity: float  # -1 a whisper … 1 an anthem
    heard: tuple[str, ...]

    @property
    def traits(self) -> GenreTraits:
        """What the genre brings along."""
        return GENRES[self.genre]


def understand(prompt: str, seed: bytes) -> Style:
    """Read a prompt; what it does not say is the genre's custom, or the seed's choice."""
    genre, genre_heard = genre_of(prompt)
    traits = GENRES[genre]
    bpm, bpm_heard = _bpm_in(prompt, traits.bpm)
    key, key_heard = _key_in(prompt, traits.mode, seed)
    meter, meter_heard = _meter_in(prompt)
    comping, comping_heard = _comping_in(prompt, traits)
    found = {
        "genre": genre_heard, "bpm": bpm_heard, "key": key_heard, "meter": meter_heard,
        "comping": comping_heard,
    }  # fmt: skip
    return Style(
        bpm=bpm, meter=meter, key=key, genre=genre,
        lead=_lead_in(prompt, traits), drums=_drums_in(prompt, traits),
        comping=comping, pad=_pad_in(prompt, traits), intensity=_intensity_in(prompt),
        heard=tuple(name for name, is_heard in found.items() if is_heard),
    )  # fmt: skip


def _says(prompt: str, words: str) -> bool:
    return re.search(rf"\b(?:{words})\b", prompt, re.I) is not None


def _refuses(prompt: str, words: str) -> bool:
    return (
        re.search(rf"\b(?:no|without|minus|zero)\s+(?:\w+\s+)?(?:{words})\b", prompt, re.I)
        is not None
    )


def _bpm_in(prompt: str, custom_bpm: int) -> tuple[int, bool]:
    told = _BPM.search(prompt) or _BPM_BEFORE.search(prompt)
    if told:
        return max(SLOWEST_BPM, min(FASTEST_BPM, int(told[1]))), True
    for words, factor in _TEMPO_WORDS:
        if _says(prompt, words):
            return round(custom_bpm * factor), True
    return custom_bpm, False


def _key_in(prompt: str, custom: Mode, seed: bytes) -> tuple[Key, bool]:
    mode = custom
    if _says(prompt, _MINOR_WORDS):
        mode = Mode.MINOR
    elif _says(prompt, _MAJOR_WORDS):
        mode = Mode.MAJOR
    for expression in _KEYS:
        if told := expression.search(prompt):
            accidental = _ACCIDENTALS[told["accidental"].lower()]
            tonic = (_TONICS[told["note"].upper()] + accidental) % 12
            return Key(tonic=tonic, mode=_MODES.get(told["mode"].lower(), mode)), True
    return Key(tonic=pick(stream(seed, "tonic"), (0, 2, 4, 5, 7, 9, 10)), mode=mode), False


def _meter_in(prompt: str) -> tuple[Meter, bool]:
    if _says(prompt, r"6/8|12/8"):
        return Meter.SIX, True
    if _says(prompt, r"3/4|waltz\w*"):
        return Meter.THREE, True
    return Meter.FOUR, _says(prompt, "4/4")


_COMPING_WORDS = (
    ("finger", r"finger-?pick\w*|finger-?style|nylon|classical guitar|harp|ukulele"),
    ("strum", r"strum\w*|acoustic guitars?|mandolin|banjo"),
    ("drive", r"distort\w*|overdriv\w*|electric guitars?|power chords?|crunch\w*"),
    ("epiano", r"rhodes|wurli\w*|electric piano|e-?piano|vibraphone"),
    ("organ", r"organ|hammond"),
    ("piano", r"piano|keys|keyboards?"),
    ("arp", r"arp\w*|synth\w*|sequenc\w*|pluck\w*"),
)


def _comping_in(prompt: str, traits: GenreTraits) -> tuple[tuple[str, ...], bool]:
    named = [
        (found.start(), name)
        for name, words in _COMPING_WORDS
        if (found := re.search(rf"\b(?:{words})\b", prompt, re.I)) and not _refuses(prompt, words)
    ]
    asked = [name for _, name in sorted(named)]
    if "finger" in asked and "strum" in asked:
        # "fingerpicked acoustic guitar" is one instrument; its strumming twin joins choruses.
        asked = [n for n in asked if n != "strum"] + ["strum"]
    if "epiano" in asked and re.search(r"electric piano|e-?piano", prompt, re.I):
        asked = [n for n in asked if n != "piano"]
    if _says(prompt, "solo piano|piano only|only piano|just piano"):
        return ("piano",), True
    refused = {name for name, words in _COMPING_WORDS if _refuses(prompt, words)}
    custom = [name for name in traits.comping if name not in asked and name not in refused]
    return tuple((asked + custom or ["piano"])[:2]), bool(asked)


_PAD_WORDS = {"strings": r"strings?|violins?|cello|orchestr\w*", "pad": "pads?"}


def _pad_in(prompt: str, traits: GenreTraits) -> str | None:
    for name, words in _PAD_WORDS.items():
        if _says(prompt, words) and not _refuses(prompt, words):
            return name
    if _says(prompt, "solo piano|piano only|a ?cappella"):
        return None
    if traits.pad and _refuses(prompt, _PAD_WORDS.get(traits.pad, traits.pad)):
        return None
    return traits.pad


def _lead_in(prompt: str, traits: GenreTraits) -> Lead:
    if _says(prompt, "instrumental") or _refuses(prompt, "vocals?|voices?|singing|singer"):
        for lead, words in (
            (Lead.FLUTE, r"flute|whistle|woodwind|clarinet"),
            (Lead.STRINGS, r"violin|fiddle|cello|strings"),
        ):
            if _says(prompt, words) and not _refuses(prompt, words):
                return lead
        return Lead.SYNTH if traits.is_electronic else Lead.FLUTE
    if _says(prompt, r"(?<!fe)male|man|men|baritone|tenor|bass voice|deep voice"):
        return Lead.LOW_VOICE
    return Lead.HIGH_VOICE


def _drums_in(prompt: str, traits: GenreTraits) -> Drums:
    if _refuses(prompt, r"drums?|percussion|beats?") or _says(
        prompt, r"a ?cappella|solo piano|drumless|piano only"
    ):
        return Drums.NONE
    if _says(
        prompt,
        r"(?:soft|light|gentle|brushed|minimal|quiet|subtle)\s+(?:drums?|percussion)|brush\w*",
    ):
        return Drums.SOFT
    return traits.drums if not _says(prompt, r"drums?|percussion|beats?") else Drums.FULL


def _intensity_in(prompt: str) -> float:
    strong = len(re.findall(rf"\b(?:{_STRONG_WORDS})\b", prompt, re.I))
    soft = len(re.findall(rf"\b(?:{_SOFT_WORDS})\b", prompt, re.I))
    return max(-1.0, min(1.0, 0.45 * (strong - soft)))
