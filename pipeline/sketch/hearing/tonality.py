"""Key and mode, as a prompt says them."""

from __future__ import annotations

import re

from pipeline.sketch.hearing.words import Words
from pipeline.sketch.streams import pick, stream
from pipeline.sketch.theory import Key, Mode

_TONICS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ACCIDENTALS = {"#": 1, "♯": 1, "sharp": 1, "b": -1, "♭": -1, "flat": -1, "": 0}
_MODES = {
    "major": Mode.MAJOR, "maj": Mode.MAJOR, "ionian": Mode.MAJOR, "minor": Mode.MINOR,
    "min": Mode.MINOR, "m": Mode.MINOR, "aeolian": Mode.MINOR, "dorian": Mode.DORIAN,
    "mixolydian": Mode.MIXOLYDIAN, "lydian": Mode.LYDIAN, "phrygian": Mode.PHRYGIAN,
    "dur": Mode.MAJOR, "moll": Mode.MINOR, "mayor": Mode.MAJOR, "menor": Mode.MINOR,
    "majeur": Mode.MAJOR, "mineur": Mode.MINOR, "maggiore": Mode.MAJOR, "minore": Mode.MINOR,
}  # fmt: skip
_NAMES = (
    r"major|minor|maj|min|ionian|aeolian|dorian|mixolydian|lydian|phrygian|dur|moll|mayor|menor"
    r"|majeur|mineur|maggiore|minore"
)
_SOLFEGE = {"do": 0, "re": 2, "ré": 2, "mi": 4, "fa": 5, "sol": 7, "la": 9, "si": 11}
_IN_SOLFEGE = re.compile(
    r"\b(?P<note>do|r[eé]|mi|fa|sol|la|si)(?P<accidental>[#♯♭]|\s+(?:di[eè]se|sostenido|diesis"
    r"|b[eé]mol|bemolle)|)\s+(?P<mode>mayor|menor|majeur|mineur|maggiore|minore)\b", re.I,
)  # fmt: skip
_ACCIDENTAL = r"(?P<accidental>[#♯♭]|b(?![a-z])|[\s-]?sharp\b|[\s-]?flat\b|)"
_KINDS = r"(?:(?:harmonic|natural|melodic)[\s-]+)?"
# An article is a note only where nothing else can be meant: "in a minor key" names no tonic.
_NOT_ARTICLE = r"(?!(?-i:a)\s+(?:major|minor)\s+\w)"
_KEYS = (
    re.compile(
        rf"\bkey(?:\s+signature)?(?:\s*of|\s*is)?\s*[:=-]?\s*(?:the\s+)?(?P<note>[A-G]){_ACCIDENTAL}[\s-]*{_KINDS}(?P<mode>{_NAMES}|m)(?![a-z])",
        re.I,
    ),
    re.compile(
        rf"\b{_NOT_ARTICLE}(?P<note>[A-G]){_ACCIDENTAL}[\s-]*{_KINDS}(?P<mode>{_NAMES})\b", re.I
    ),
    re.compile(
        rf"\bkey(?:\s+signature)?(?:\s+of|\s+is)?\s*[:=-]?\s*(?P<note>[A-G]){_ACCIDENTAL}(?P<mode>)(?![a-z0-9])",
        re.I,
    ),
    re.compile(r"\bin\s+(?P<note>[A-G])(?P<accidental>[#♯♭b]?)(?P<mode>m?)(?![a-zA-Z0-9'/])"),
    re.compile(r"(?<![\w'#])(?P<note>[A-G])(?P<accidental>[#♯♭b]?)(?P<mode>m|maj|min)(?![\w'/])"),
    re.compile(
        r"(?<![\w'#/])(?P<note>[A-G])(?P<accidental>[#♯♭b]|[\s-]flat|[\s-]sharp)(?P<mode>)(?![\w'/])"
    ),
)
_MODE_ALONE = re.compile(
    rf"(?<!\w)(?P<mode>{_NAMES})[\s-]+(?:key|mode|scale|tonality|feel|chords?)", re.I
)
_MINOR_WORDS = (
    r"sad\w*|melanchol\w*|dark\w*|moody|lonely|loneliness|sorrow\w*|brooding|haunting|grie\w*"
    r"|tragic|noir|heartbr\w*|somber|sombre|gloomy|ominous|mournful|angry|tense|mysterious|eerie"
    r"|bitter\w*|menacing|longing|aching"
)
_MAJOR_WORDS = (
    r"happy|cheer\w*|joy\w*|sunny|bright\w*|uplifting|playful|hopeful|celebrat\w*|carefree|sweet"
    r"|triumphant|warm-hearted|optimistic|feel-?good|festive|blissful|summery"
)


def key_in(words: Words, custom: Mode, seed: bytes) -> tuple[Key, str | None, str | None]:
    """The key, the words that name its tonic, and those that decide its mode."""
    mode, why = _mode_in(words, custom)
    for expression in _KEYS:
        if told := expression.search(words.wanted):
            accidental = _ACCIDENTALS[told["accidental"].lower().strip(" -")]
            tonic = (_TONICS[told["note"].upper()] + accidental) % 12
            named = _MODES.get(told["mode"].lower())
            if named is None:
                named = mode if why else Mode.MAJOR  # "in G" is G major to anyone
            return Key(tonic=tonic, mode=named or mode), told[0].strip(), told[0].strip()
    if told := _IN_SOLFEGE.search(words.wanted):
        sign = told["accidental"].lower().strip()
        shift = 0 if not sign else -1 if sign.startswith(("b", "♭")) else 1
        tonic = (_SOLFEGE[told["note"].lower()] + shift) % 12
        return Key(tonic=tonic, mode=_MODES[told["mode"].lower()]), told[0], told[0]
    tonic = pick(stream(seed, "tonic"), (0, 2, 4, 5, 7, 9, 10))
    return Key(tonic=tonic, mode=mode), None, why


def _mode_in(words: Words, custom: Mode) -> tuple[Mode, str | None]:
    if told := _MODE_ALONE.search(words.wanted):
        return _MODES[told["mode"].lower()], told[0]
    sad = words.says(_MINOR_WORDS)
    glad = words.says(_MAJOR_WORDS)
    if sad and not glad:
        return Mode.MINOR if custom in (Mode.MAJOR, Mode.MIXOLYDIAN) else custom, sad
    if glad and not sad:
        return Mode.MAJOR if custom in (Mode.MINOR, Mode.DORIAN) else custom, glad
    return custom, None
