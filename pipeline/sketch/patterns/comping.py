"""Chords: picked, strummed, on keys, arpeggiated, held. Voicings come led from bar to bar."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.sketch.genres import Genre
from pipeline.sketch.patterns.bar import Bar
from pipeline.sketch.prompt import Meter
from pipeline.sketch.score import STEP_TICKS, Note
from pipeline.sketch.theory import nearest_pitch

Voicing = tuple[int, ...]
_Player = Callable[[Bar, Voicing], list[Note]]

# The voicing's range by instrument, low to high.
RANGES: dict[str, tuple[int, int]] = {
    "finger": (50, 69), "strum": (50, 71), "drive": (40, 57), "piano": (53, 74), "epiano": (53, 74),
    "organ": (53, 72), "arp": (60, 81), "pad": (52, 76), "strings": (52, 79),
}  # fmt: skip


def play(instrument: str, bar: Bar, voicing: Voicing) -> list[Note]:
    """One instrument's bar of its chord; at the song's end, one chord that rings out."""
    if bar.is_final:
        return _final(instrument, bar, voicing)
    return _PLAYERS[instrument](bar, voicing)


def _strike(bar: Bar, step: float, steps: float, pitch: int, level: int, late: int = 0) -> Note:
    start = bar.start + round(step * STEP_TICKS) + bar.late(6) + late
    return Note(
        start=max(0, start), ticks=max(60, round(steps * STEP_TICKS) - 12), pitch=pitch,
        velocity=bar.velocity(level),
    )  # fmt: skip


def _low_root(bar: Bar, near: int) -> int:
    return nearest_pitch(bar.chord.root, near)


def _final(instrument: str, bar: Bar, voicing: Voicing) -> list[Note]:
    spread = 26 if instrument in ("finger", "strum", "arp", "piano", "epiano") else 0
    notes = [
        _strike(bar, 0, bar.steps, pitch, 76 - 3 * n, late=spread * (n + 1))
        for n, pitch in enumerate(voicing)
    ]
    if instrument in ("finger", "strum", "piano"):
        notes.append(_strike(bar, 0, bar.steps, _low_root(bar, 43), 80))
    return notes


def _finger(bar: Bar, voicing: Voicing) -> list[Note]:
    """Thumb on root and fifth, fingers between: all strings ring to the bar's end."""
    root = _low_root(bar, 44)
    fifth = root + bar.chord.steps[2] if root < 46 else root + bar.chord.steps[2] - 12
    top = (*voicing, *voicing)
    order: Voicing = (root, top[1], top[2], top[0], fifth, top[1], top[2], top[1])
    if bar.meter is not Meter.FOUR:
        order = (root, top[0], top[2], top[1], top[2], top[0])
    notes = []
    for n, pitch in enumerate(order):
        is_thumb = pitch in (root, fifth)
        steps = bar.steps - 2 * n if not is_thumb else min(8, bar.steps - 2 * n)
        notes.append(_strike(bar, 2 * n, steps, pitch, 88 if is_thumb else 70 + 6 * (n % 2)))
    if bar.energy > 0.7:
        notes.append(_strike(bar, 0, 4, voicing[-1], 66))
    return notes


_STRUMS = {
    Meter.FOUR: ((0, "D", 4), (4, "D", 2), (6, "U", 4), (10, "U", 2), (12, "D", 2), (14, "U", 2)),
    Meter.THREE: ((0, "D", 4), (4, "D", 2), (6, "U", 2), (8, "D", 2), (10, "U", 2)),
    Meter.SIX: ((0, "D", 4), (4, "U", 2), (6, "D", 4), (10, "U", 2)),
}


def _strum(bar: Bar, voicing: Voicing) -> list[Note]:
    strings = (_low_root(bar, 45), *voicing, voicing[0] + 12)
    notes = []
    for step, way, steps in _STRUMS[bar.meter]:
        if bar.energy < 0.5 and step not in (0, 8):
            continue
        order = strings if way == "D" else tuple(reversed(strings[1:]))
        level = 84 if step % 8 == 0 else 74 if way == "D" else 62
        notes += [
            _strike(bar, step, steps + 0.5, p, level - 2 * n, late=11 * n)
            for n, p in enumerate(order)
        ]
    return notes


def _drive(bar: Bar, voicing: Voicing) -> list[Note]:
    """Power chords, in eighths where it is loud, held where it is not."""
    root = _low_root(bar, 43)
    chord = (root, root + bar.chord.steps[2], root + 12)
    if bar.energy < 0.8:
        return [_strike(bar, 0, bar.steps, pitch, 84) for pitch in chord]
    return [
        _strike(bar, step, 1.8, pitch, 98 if step % 4 == 0 else 84)
        for step in range(0, bar.steps, 2)
        for pitch in chord
    ]


def _piano(bar: Bar, voicing: Voicing) -> list[Note]:
    """Left hand in octaves, right hand by energy: broken, then chords on the beat."""
    if bar.style.genre is Genre.JAZZ:
        return _charleston(bar, voicing)
    root = _low_root(bar, 43)
    half = 8 if bar.meter is Meter.FOUR else bar.steps
    notes = [_strike(bar, step, half, root, 80) for step in range(0, bar.steps, half)]
    if bar.energy > 0.6:
        notes += [_strike(bar, 0, half, root - 12, 74)]
    if bar.energy < 0.6:
        order = (*voicing, *voicing[-2:0:-1], *voicing)
        notes += [
            _strike(
                bar,
                2 * n,
                bar.steps - 2 * n if n > 3 else 6,
                order[n % len(order)],
                68 + 5 * (n % 2 == 0),
            )
            for n in range(bar.steps // 2)
        ]
    else:
        beats = range(0, bar.steps, 4) if bar.meter is not Meter.SIX else (0, 4, 6, 10)
        notes += [_strike(bar, s, 3.6, p, 82 if s == 0 else 72) for s in beats for p in voicing]
    return notes


def _charleston(bar: Bar, voicing: Voicing) -> list[Note]:
    steps = ((0, 3), (6, 2)) if bar.dice.random() < 0.6 else ((2, 2), (8, 3))
    if bar.energy > 0.6 and bar.dice.random() < 0.5:
        steps = (*steps, (14, 1.5))  # type: ignore[assignment]
    return [_strike(bar, s, n, p, 74) for s, n in steps if s < bar.steps for p in voicing]


def _epiano(bar: Bar, voicing: Voicing) -> list[Note]:
    if bar.style.genre is Genre.HOUSE and bar.meter is Meter.FOUR:
        return [_strike(bar, s, 1.6, p, 80) for s in (0, 3, 6, 10, 13) for p in voicing]
    if bar.style.genre is Genre.JAZZ:
        return _charleston(bar, voicing)
    if bar.energy < 0.45 or bar.style.genre is Genre.AMBIENT:
        return [_strike(bar, 0, bar.steps, p, 72, late=14 * n) for n, p in enumerate(voicing)]
    second = 7 if bar.meter is Meter.FOUR else 6
    notes = [_strike(bar, 0, second - 0.5, p, 78, late=6 * n) for n, p in enumerate(voicing)]
    return notes + [_strike(bar, second, bar.steps - second, p, 66) for p in voicing]


def _arp(bar: Bar, voicing: Voicing) -> list[Note]:
    """Up and down the chord, in sixteenths where it is loud."""
    pool = (*voicing, voicing[0] + 12)
    order = (*pool, *pool[-2:0:-1])
    every = 1 if bar.energy > 0.6 and bar.style.bpm < 132 else 2
    return [
        _strike(
            bar, step, every * 1.2, order[(step // every) % len(order)], 84 if step % 4 == 0 else 66
        )
        for step in range(0, bar.steps, every)
    ]


def _held(bar: Bar, voicing: Voicing) -> list[Note]:
    return [
        Note(start=bar.start, ticks=bar.ticks, pitch=pitch, velocity=bar.velocity(70))
        for pitch in voicing
    ]


_PLAYERS: dict[str, _Player] = {
    "finger": _finger, "strum": _strum, "drive": _drive, "piano": _piano, "epiano": _epiano,
    "organ": _held, "arp": _arp, "pad": _held, "strings": _held,
}  # fmt: skip
