"""Which chord each bar has: loops by mode and kind of section, with cadences at the ends."""

from __future__ import annotations

from pipeline.sketch.form import PlannedPart
from pipeline.sketch.lyrics import Kind
from pipeline.sketch.prompt import Style
from pipeline.sketch.streams import pick, stream
from pipeline.sketch.theory import Chord, Mode, chord_on

_Loops = tuple[tuple[str, ...], ...]

_MINOR: dict[str, _Loops] = {
    "verse": (
        ("1", "6", "4", "5M"),
        ("1", "7", "6", "7"),
        ("1", "4", "6", "5M"),
        ("1", "4", "1", "7"),
    ),
    "lift": (("4", "1", "6", "5M"), ("6", "7", "4", "5M")),
    "chorus": (
        ("1", "6", "7", "1"),
        ("6", "7", "1", "1"),
        ("1", "7", "6", "5M"),
        ("1", "6", "4", "5M"),
    ),
    "bridge": (("4", "7", "3", "6"), ("6", "4", "1", "5M")),
}
_MAJOR: dict[str, _Loops] = {
    "verse": (
        ("1", "5", "6", "4"),
        ("1", "6", "4", "5"),
        ("1", "4", "1", "5"),
        ("1", "4", "6", "5"),
    ),
    "lift": (("4", "5", "6", "5"), ("2", "4", "1", "5")),
    "chorus": (
        ("1", "5", "6", "4"),
        ("4", "1", "5", "1"),
        ("1", "4", "5", "4"),
        ("4", "5", "1", "6"),
    ),
    "bridge": (("6", "4", "1", "5"), ("2", "6", "4", "5")),
}
# A mode is told from its relatives by its tonic alone: it has every other bar, or more.
_DORIAN: dict[str, _Loops] = {
    "verse": (("1", "3", "4", "1"), ("1", "7", "1", "4")),
    "lift": (("3", "1", "4", "7"),),
    "chorus": (("1", "3", "7", "1"), ("1", "7", "3", "4")),
    "bridge": (("3", "1", "4", "1"),),
}
_MIXOLYDIAN: dict[str, _Loops] = {
    "verse": (("1", "1", "7", "1"), ("1", "7", "1", "5")),
    "lift": (("4", "1", "7", "5"),),
    "chorus": (("1", "7", "1", "5"), ("1", "5", "7", "1")),
    "bridge": (("6", "1", "7", "1"),),
}
_JAZZ_MAJOR: dict[str, _Loops] = {
    "verse": (("1", "6", "2", "5"), ("1", "4", "2", "5")),
    "lift": (("4", "5", "3", "6"),),
    "chorus": (("2", "5", "1", "1"), ("1", "4", "5", "1")),
    "bridge": (("3", "6", "2", "5"),),
}
_LYDIAN: dict[str, _Loops] = {
    "verse": (("1", "1", "2", "1"), ("1", "2", "1", "1")),
    "lift": (("6", "1", "6", "2"),),
    "chorus": (("1", "6", "1", "2"), ("1", "1", "2", "1")),
    "bridge": (("6", "1", "2", "1"),),
}
_PHRYGIAN: dict[str, _Loops] = {
    "verse": (("1", "1", "2", "1"), ("1", "2", "1", "1")),
    "lift": (("1", "4", "1", "2"),),
    "chorus": (("1", "2", "1", "1"), ("1", "1", "7", "1")),
    "bridge": (("4", "1", "7", "1"),),
}
_BANKS = {
    Mode.MINOR: _MINOR, Mode.MAJOR: _MAJOR, Mode.DORIAN: _DORIAN, Mode.MIXOLYDIAN: _MIXOLYDIAN,
    Mode.LYDIAN: _LYDIAN, Mode.PHRYGIAN: _PHRYGIAN,
}  # fmt: skip
# A genre's own harmony, by its loop's name and whether the mode is a major or a minor one. What a
# bank has not, the mode's bank gives.
_GENRE_BANKS: dict[tuple[str, bool], dict[str, _Loops]] = {
    ("jazz", True): _JAZZ_MAJOR,
    ("jazz", False): {
        "verse": (("1", "4", "7", "3"), ("1", "6", "2", "5M")),
        "chorus": (("1", "4", "5M", "1"), ("6", "5M", "1", "1")),
        "bridge": (("4", "7", "3", "6"),),
    },
    ("jazzy", True): {
        "verse": (("1", "6", "4", "5"), ("1", "6", "2", "5")),
        "chorus": (("1", "4", "6", "5"), ("1", "2", "4", "5")),
    },
    ("jazzy", False): {
        "verse": (("1", "4", "6", "5M"), ("1", "6", "4", "5M")),
        "chorus": (("1", "4", "1", "5M"), ("1", "3", "6", "5M")),
    },
    ("soul", True): {
        "verse": (("1", "3", "4", "5"), ("1", "6", "2", "5")),
        "chorus": (("1", "4", "2", "5"), ("1", "6", "4", "1")),
    },
    ("rock", True): {
        "verse": (("1", "1", "4", "1"), ("1", "5", "4", "1")),
        "chorus": (("1", "4", "5", "4"), ("1", "5", "4", "1")),
    },
    ("rock", False): {
        "verse": (("1", "1", "6", "7"), ("1", "7", "4", "1")),
        "chorus": (("1", "6", "7", "1"), ("1", "7", "6", "7")),
    },
    ("dark", False): {
        "verse": (("1", "1", "6", "1"), ("1", "1", "1", "6")),
        "chorus": (("1", "6", "1", "5M"), ("1", "6", "4", "1")),
    },
    ("epic", False): {
        "verse": (("1", "1", "6", "6"), ("1", "4", "1", "5M")),
        "chorus": (("1", "6", "3", "7"), ("1", "6", "4", "5M")),
    },
    ("vamp", True): {
        "verse": (("1", "1", "1", "4"), ("1", "1", "4", "1")),
        "chorus": (("1", "4", "1", "5"), ("1", "1", "4", "5")),
    },
    ("vamp", False): {
        "verse": (("1", "1", "1", "4"), ("1", "4", "1", "4")),
        "chorus": (("1", "4", "1", "7"), ("1", "1", "4", "4")),
    },
    ("two", True): {
        "verse": (("1", "4", "1", "4"), ("1", "1", "4", "5")),
        "chorus": (("1", "5", "4", "1"), ("1", "4", "5", "1")),
    },
    ("two", False): {
        "verse": (("1", "1", "6", "6"), ("1", "1", "4", "4")),
        "chorus": (("1", "6", "1", "7"), ("1", "6", "4", "1")),
    },
    ("still", True): {
        "verse": (("1", "1", "4", "1"), ("1", "4", "1", "4")),
        "chorus": (("1", "5", "4", "1"), ("1", "6", "4", "1")),
    },
    ("still", False): {
        "verse": (("1", "1", "6", "1"), ("1", "4", "1", "4")),
        "chorus": (("1", "6", "4", "1"), ("1", "7", "6", "1")),
    },
}
_BLUES = ("1", "4+", "1", "1", "4+", "4+", "1", "1", "5+", "4+", "1", "5+")
_PLACES = {
    Kind.CHORUS: "chorus", Kind.HOOK: "chorus", Kind.POST_CHORUS: "chorus", Kind.PRE_CHORUS: "lift",
    Kind.BUILD_UP: "lift", Kind.BRIDGE: "bridge", Kind.SOLO: "chorus",
}  # fmt: skip
_CLOSING = frozenset({Kind.CHORUS, Kind.HOOK, Kind.POST_CHORUS, Kind.OUTRO})


def chords_of(part: PlannedPart, style: Style, seed: bytes) -> tuple[Chord, ...]:
    """One chord a bar. Parts of one kind share them; choruses and the ending close on the tonic."""
    traits = style.traits
    place = _PLACES.get(part.kind, "verse")
    is_major = style.key.mode in (Mode.MAJOR, Mode.MIXOLYDIAN, Mode.LYDIAN)
    if traits.loop == "blues" and place in ("verse", "chorus"):
        loop: tuple[str, ...] = _BLUES if part.bars >= 8 else ("1", "4+", "1", "5+")
        if style.key.mode is not Mode.MAJOR:
            dominant = "5" if style.key.mode is Mode.DORIAN else "5M"
            loop = tuple(symbol.replace("5+", dominant).replace("+", "") for symbol in loop)
    else:
        own = _GENRE_BANKS.get((traits.loop, is_major), {})
        is_plain = style.key.mode in (Mode.MAJOR, Mode.MINOR) or traits.loop == "vamp"
        bank = own if place in own and is_plain else _BANKS[style.key.mode]
        loop = pick(stream(seed, "harmony", place), bank[place])
    sung_bars = len(part.phrases) * part.bars_per_phrase or part.bars
    symbols = [loop[bar % len(loop)] for bar in range(sung_bars)]
    _cadence(symbols, part, style.key.mode)
    # What is played after the last line begins the loop again and leads on.
    symbols += [loop[bar % len(loop)] for bar in range(part.bars - sung_bars)]
    if part.bars - sung_bars > 1:
        symbols[-1] = _dominant(style.key.mode)
    return tuple(chord_on(style.key, symbol, sevenths=traits.has_sevenths) for symbol in symbols)


def _dominant(mode: Mode) -> str:
    return {Mode.MINOR: "5M", Mode.MAJOR: "5", Mode.DORIAN: "5"}.get(mode, "7")


def _cadence(symbols: list[str], part: PlannedPart, mode: Mode) -> None:
    dominant = _dominant(mode)
    if part.kind in _CLOSING:
        symbols[-1] = "1"
        if len(symbols) > 2 and symbols[-2] == "1":
            symbols[-2] = dominant
        return
    if len(symbols) >= 4 and symbols[-1] == "1":
        symbols[-1] = dominant
