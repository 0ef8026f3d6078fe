"""Chords: picked, strummed, on keys, arpeggiated, held. Voicings come led from bar to bar."""

from __future__ import annotations

from pipeline.sketch.patterns.bar import Bar
from pipeline.sketch.score import STEP_TICKS, Note
from pipeline.sketch.theory import nearest_pitch

Voicing = tuple[int, ...]

# The voicing's range by instrument, low to high.
RANGES: dict[str, tuple[int, int]] = {
    "finger": (50, 69), "strum": (50, 71), "drive": (40, 57), "piano": (53, 74), "epiano": (53, 74),
    "organ": (53, 72), "arp": (60, 81), "pad": (52, 76), "strings": (52, 79), "clav": (52, 71),
    "brass": (55, 76), "skank": (57, 76), "pluck": (60, 79), "bell": (62, 84), "stab": (55, 76),
    "harp": (52, 79), "choir": (52, 74),
}  # fmt: skip
HELD = frozenset({"pad", "strings", "organ", "brass", "choir"})
_STRUMMED = frozenset({"strum", "skank"})
_RINGING = frozenset({"finger", "harp", "bell", "piano", "epiano", "strum"})
_SHORT = frozenset({"skank", "clav", "stab"})
_LEVELS = {"X": 92, "x": 78, "o": 62}


def play(instrument: str, bar: Bar, voicing: Voicing, row: str) -> list[Note]:
    """One instrument's bar of its chord by a row of sixteenths; at the end it rings out."""
    if bar.is_final:
        return _final(instrument, bar, voicing)
    notes: list[Note] = []
    for step, sign in enumerate(row):
        if sign in ".=" or step >= bar.stop_step:
            continue
        length = 1
        is_ringing = bar.is_quiet and instrument in _RINGING
        while step + length < bar.stop_step and row[step + length] in ("=." if is_ringing else "="):
            length += 1
        notes += _sounded(instrument, bar, voicing, step, length, sign)
    return notes


def held(bar: Bar, voicing: Voicing) -> list[Note]:
    """The chord for the whole bar: pads, and whoever takes a pad's place."""
    return [
        Note(start=bar.start, ticks=bar.ticks, pitch=pitch, velocity=bar.velocity(70))
        for pitch in voicing
    ]


def _sounded(
    instrument: str, bar: Bar, voicing: Voicing, step: int, length: int, sign: str
) -> list[Note]:
    if sign in _LEVELS:
        return _chord(instrument, bar, voicing, step, length, _LEVELS[sign])
    if sign in "r5":
        root = nearest_pitch(bar.chord.root, 44)
        fifth = root + bar.chord.steps[2]
        pitch = root if sign == "r" else fifth if root < 46 else fifth - 12
        low = [_strike(bar, step, max(length, min(8, bar.stop_step - step)), pitch, 86)]
        if bar.meter.is_compound and step % bar.beat_steps == 0:
            low.append(_strike(bar, step, 4, voicing[-1], 84))  # a pinch: where the beat is
        return low
    pool = (*voicing, *(pitch + 12 for pitch in voicing))
    steps = bar.stop_step - step if instrument in _RINGING else max(length, 1.3)
    weak = 50 if bar.meter.is_compound else 72  # three to a beat are told by the first of them
    level = weak if step % bar.beat_steps else 84
    return [_strike(bar, step, steps, pool[int(sign)], level)]


def _chord(
    instrument: str, bar: Bar, voicing: Voicing, step: int, length: int, level: int
) -> list[Note]:
    steps = float(length) if length > 1 else 0.8 if instrument in _SHORT else 1.6
    if instrument == "drive":
        root = nearest_pitch(bar.chord.root, 43)
        voicing = (root, root + bar.chord.steps[2], root + 12)
    if bar.meter.is_compound and step % bar.beat_steps:
        level -= 24
    if instrument == "piano" and level > _LEVELS["o"] and step % (2 * bar.beat_steps) == 0:
        voicing = (nearest_pitch(bar.chord.root, 43), *voicing)
    if instrument in _STRUMMED:
        return _strummed(instrument, bar, voicing, step, steps, level)
    return [_strike(bar, step, steps, pitch, level) for pitch in voicing]


def _strummed(
    instrument: str, bar: Bar, voicing: Voicing, step: int, steps: float, level: int
) -> list[Note]:
    """Downwards on the beat's halves, upwards between, as an arm swings."""
    strings = (nearest_pitch(bar.chord.root, 45), *voicing, voicing[0] + 12)
    if instrument == "skank" or step % bar.beat_steps != 0:
        strings = strings[1:]
    if step % bar.beat_steps == bar.beat_steps - 2 and instrument == "strum":
        strings = strings[::-1]
    late = 11 if steps > 1 else 5
    return [
        _strike(bar, step, steps + 0.4, pitch, level - 2 * n, late=late * n)
        for n, pitch in enumerate(strings)
    ]


def _strike(bar: Bar, step: float, steps: float, pitch: int, level: int, late: int = 0) -> Note:
    start = bar.start + round(step * STEP_TICKS) + bar.late(5) + late
    return Note(
        start=max(0, start), ticks=max(60, round(steps * STEP_TICKS) - 12), pitch=pitch,
        velocity=bar.velocity(level),
    )  # fmt: skip


def _final(instrument: str, bar: Bar, voicing: Voicing) -> list[Note]:
    spread = 26 if instrument in _RINGING else 0
    notes = [
        _strike(bar, 0, bar.steps, pitch, 76 - 3 * n, late=spread * (n + 1))
        for n, pitch in enumerate(voicing)
    ]
    if instrument in ("finger", "strum", "piano"):
        notes.append(_strike(bar, 0, bar.steps, nearest_pitch(bar.chord.root, 43), 80))
    return notes
