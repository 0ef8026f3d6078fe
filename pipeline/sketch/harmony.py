"""Which chord each bar has: loops by mode and kind of section, with cadences at the ends."""

from __future__ import annotations

from pipeline.sketch.form import PlannedPart
from pipeline.sketch.lyrics import Kind
from pipeline.sketch.prompt import Style
from pipeline.sketch.streams import pick, stream
from pipeline.sketch.theory import Chord, Mode, chord_on

_BARS_OF_LOOP = 4
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
_DORIAN: dict[str, _Loops] = {
    "verse": (("1", "4", "1", "4"), ("1", "7", "4", "1")),
    "lift": (("3", "4", "7", "4"),),
    "chorus": (("1", "3", "4", "7"), ("1", "4", "7", "1")),
    "bridge": (("7", "4", "7", "5"),),
}
_MIXOLYDIAN: dict[str, _Loops] = {
    "verse": (("1", "7", "4", "1"), ("1", "4", "7", "4")),
    "lift": (("4", "7", "4", "5"),),
    "chorus": (("1", "7", "4", "1"), ("1", "5", "7", "4")),
    "bridge": (("6", "4", "7", "5"),),
}
_JAZZ_MAJOR: dict[str, _Loops] = {
    "verse": (("1", "6", "2", "5"), ("2", "5", "1", "6")),
    "lift": (("4", "5", "3", "6"),),
    "chorus": (("2", "5", "1", "1"), ("4", "5", "3", "6")),
    "bridge": (("3", "6", "2", "5"),),
}
_BANKS = {
    Mode.MINOR: _MINOR, Mode.MAJOR: _MAJOR, Mode.DORIAN: _DORIAN, Mode.MIXOLYDIAN: _MIXOLYDIAN,
}  # fmt: skip
_PLACES = {
    Kind.CHORUS: "chorus", Kind.HOOK: "chorus", Kind.POST_CHORUS: "chorus", Kind.PRE_CHORUS: "lift",
    Kind.BUILD_UP: "lift", Kind.BRIDGE: "bridge", Kind.SOLO: "chorus",
}  # fmt: skip
_CLOSING = frozenset({Kind.CHORUS, Kind.HOOK, Kind.POST_CHORUS, Kind.OUTRO})


def chords_of(part: PlannedPart, style: Style, seed: bytes) -> tuple[Chord, ...]:
    """One chord a bar. Parts of one kind share them; choruses and the ending close on the tonic."""
    traits = style.traits
    is_jazz = traits.swing_eighth > 0 and style.key.mode is Mode.MAJOR
    bank = _JAZZ_MAJOR if is_jazz else _BANKS[style.key.mode]
    place = _PLACES.get(part.kind, "verse")
    loop = pick(stream(seed, "harmony", place), bank[place])
    symbols = [loop[bar % _BARS_OF_LOOP] for bar in range(part.bars)]
    _cadence(symbols, part, style.key.mode)
    return tuple(chord_on(style.key, symbol, sevenths=traits.has_sevenths) for symbol in symbols)


def _cadence(symbols: list[str], part: PlannedPart, mode: Mode) -> None:
    dominant = "5M" if mode in (Mode.MINOR, Mode.DORIAN) else "5" if mode is Mode.MAJOR else "7"
    if part.kind in _CLOSING:
        symbols[-1] = "1"
        if len(symbols) > 2 and symbols[-2] == "1":
            symbols[-2] = dominant
        return
    if len(symbols) >= 4 and symbols[-1] == "1":
        symbols[-1] = dominant
