"""Scales, chords and the leading of voices; pitches are MIDI numbers, pitch classes 0-11 from C."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import product


class Mode(StrEnum):
    """The scale of a song."""

    MAJOR = "major"
    MINOR = "minor"
    DORIAN = "dorian"
    MIXOLYDIAN = "mixolydian"
    LYDIAN = "lydian"
    PHRYGIAN = "phrygian"


SCALES: dict[Mode, tuple[int, ...]] = {
    Mode.MAJOR: (0, 2, 4, 5, 7, 9, 11),
    Mode.MINOR: (0, 2, 3, 5, 7, 8, 10),
    Mode.DORIAN: (0, 2, 3, 5, 7, 9, 10),
    Mode.MIXOLYDIAN: (0, 2, 4, 5, 7, 9, 10),
    Mode.LYDIAN: (0, 2, 4, 6, 7, 9, 11),
    Mode.PHRYGIAN: (0, 1, 3, 5, 7, 8, 10),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A tonic (pitch class) and its mode."""

    tonic: int
    mode: Mode

    @property
    def scale(self) -> tuple[int, ...]:
        """The seven pitch classes, from the tonic up."""
        return tuple((self.tonic + step) % 12 for step in SCALES[self.mode])


@dataclass(frozen=True, slots=True, kw_only=True)
class Chord:
    """A root (pitch class) and the semitones above it, the root's 0 first."""

    root: int
    steps: tuple[int, ...]

    @property
    def pitch_classes(self) -> frozenset[int]:
        """The chord's pitch classes."""
        return frozenset((self.root + step) % 12 for step in self.steps)


def chord_on(key: Key, symbol: str, *, sevenths: bool) -> Chord:
    """The chord of a symbol: a degree ``1``-``7``, ``M`` for a raised, dominant third, ``+`` for a
    dominant seventh."""
    degree = int(symbol[0]) - 1
    scale = key.scale
    root = scale[degree]
    steps = [(scale[(degree + skip) % 7] - root) % 12 for skip in (0, 2, 4)]
    if symbol.endswith("M"):
        steps[1] = 4
    if symbol.endswith("+"):
        steps.append(10)
    elif sevenths and degree == 0:
        # With its seventh the tonic would sound like the chord on its third: no seventh at home,
        # and in minor a ninth in its place.
        steps += [2] if steps[1] == 3 else []
    elif sevenths:
        steps.append((scale[(degree + 6) % 7] - root) % 12)
    return Chord(root=root, steps=tuple(steps))


def scale_pitches(key: Key, low: int, high: int) -> tuple[int, ...]:
    """The pitches of the scale from low to high, both included."""
    scale = set(key.scale)
    return tuple(pitch for pitch in range(low, high + 1) if pitch % 12 in scale)


def nearest_pitch(pitch_class: int, near: int) -> int:
    """The pitch of that class nearest to another; the lower one of two."""
    up = (pitch_class - near) % 12
    return near + up if up < 6 else near + up - 12


def voice(
    chord: Chord, previous: tuple[int, ...] | None, *, low: int, high: int
) -> tuple[int, ...]:
    """Close voicing within the range, moving as little as possible from the voicing before.

    Three or four voices, rising; without a previous one it sits round the range's middle.
    """
    target = previous or tuple(range((low + high) // 2 - 6, (low + high) // 2 + 7, 4))
    if len(chord.steps) < 4:
        steps = chord.steps
    else:  # the bass has the root, but a ninth is told from a second by it
        steps = chord.steps[-3:] if chord.steps[3] > 2 else (0, chord.steps[1], 2)
    places = [
        [p for p in range(low, high + 1) if p % 12 == (chord.root + step) % 12] for step in steps
    ]
    fits = [tuple(sorted(v)) for v in product(*places) if max(v) - min(v) <= 13]
    return min(fits, key=lambda v: (_movement(v, target), v))


def _movement(voicing: tuple[int, ...], target: tuple[int, ...]) -> float:
    moved = sum(min(abs(p - t) for t in target) for p in voicing)
    return moved + 0.3 * abs(sum(voicing) / len(voicing) - sum(target) / len(target))


def third_below(key: Key, pitch: int, chord: Chord) -> int:
    """A second voice under a pitch: a third below it in the scale, or the next chord tone."""
    below = [
        p for p in range(pitch - 9, pitch - 2) if p % 12 in set(key.scale) | chord.pitch_classes
    ]
    chordal = [p for p in below if p % 12 in chord.pitch_classes and pitch - p >= 3]
    return max(chordal) if chordal else max(below)
