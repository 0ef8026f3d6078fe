"""From the score's time to the voice's frames, and back from its frames to the song's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from pipeline.sketch.voice.timing import FRAME_S, Kind, Sound

_UNIT_S = 2 * FRAME_S  # durations are given to the voice in units of two frames
_LONGEST_VOWEL_S = 0.15  # what the voice is asked to hold; the rest is drawn out
_LONGEST_SPACE_S = 0.15
_TAIL, _GLIDE_TAIL = 3, 8  # frames from where a vowel is strongest to the next consonant
_GLIDES = frozenset("AIOWYQ")
_WITHIN = 0.5  # nepers below a vowel's strongest frame, where it still is that vowel

Curve = npt.NDArray[np.float64]
_VOICED = frozenset("bdɡmnŋlɹwjvzʒðʤTə")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A sound's frames: in the song (``start`` to ``end``) and in what the voice gives."""

    sound: Sound
    start: int
    end: int
    given_start: int
    given_end: int

    @property
    def is_vowel(self) -> bool:
        """Whether it is a vowel or the stress mark that opens one."""
        return self.sound.kind in (Kind.VOWEL, Kind.MARK)

    @property
    def is_voiced(self) -> bool:
        """Whether the pulses sound in it."""
        return self.is_vowel or (self.sound.sign != "" and self.sound.sign in _VOICED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a line lies in frames; the frames of the song start at ``start_s``."""

    spans: tuple[Span, ...]
    units: npt.NDArray[np.float32]  # durations as the voice takes them
    places: Curve  # for each frame of the song, its place among the given frames
    start_s: float

    @property
    def count(self) -> int:
        """How many frames the song has for the line."""
        return len(self.places)

    @property
    def given(self) -> int:
        """How many frames the voice gives."""
        return self.spans[-1].given_end

    def times_s(self) -> Curve:
        """The middle of each frame of the song."""
        return np.asarray(self.start_s + (np.arange(self.count) + 0.5) * FRAME_S, np.float64)

    def given_times_s(self) -> Curve:
        """When each given frame sounds."""
        return np.interp(np.arange(self.given), self.places, self.times_s())


def laid_out(sounds: Sequence[Sound]) -> Layout:
    """The frames of a line's sounds; boundaries fall on whole frames, 6 ms off at most."""
    start_s = sounds[0].start_s
    units = [_units(sound) for sound in sounds]
    given = np.concatenate([[0], 2 * np.cumsum(units)])
    spans = tuple(
        Span(
            sound=sound,
            start=round((sound.start_s - start_s) / FRAME_S),
            end=round((sound.end_s - start_s) / FRAME_S),
            given_start=int(given[index]),
            given_end=int(given[index + 1]),
        )
        for index, sound in enumerate(sounds)
    )
    places = np.concatenate([_places(span) for span in spans])
    return Layout(
        spans=spans,
        units=np.array(units, np.float32),
        places=np.maximum.accumulate(np.clip(places, 0, int(given[-1]) - 1)),
        start_s=start_s,
    )


def _units(sound: Sound) -> int:
    seconds = sound.end_s - sound.start_s
    match sound.kind:
        case Kind.MARK:
            return 1
        case Kind.VOWEL:
            return max(2, round(min(seconds, _LONGEST_VOWEL_S) / _UNIT_S))
        case Kind.SPACE:
            return max(1, round(min(seconds, _LONGEST_SPACE_S) / _UNIT_S))
        case _:
            return max(1, round(seconds / _UNIT_S))


def _places(span: Span) -> Curve:
    """Where a span's frames of the song lie among its given frames."""
    count, given = span.end - span.start, span.given_end - span.given_start
    middle = np.arange(count) + 0.5
    return np.asarray(span.given_start + middle * (given / max(1, count)) - 0.5)


def held(layout: Layout, strength: Curve) -> Layout:
    """The layout with each vowel drawn out where it is strongest, and only there.

    ``strength`` is the log level of the harmonics in each given frame. What the graph gives for a
    vowel ends in the next consonant: drawn out as a whole, half a note would be a closure.
    """
    places = layout.places.copy()
    opens: Span | None = None
    for span in layout.spans:
        if span.sound.kind is Kind.MARK:
            opens = span
        elif span.sound.kind is Kind.VOWEL:
            first = opens or span
            count, given = span.end - first.start, span.given_end - first.given_start
            level = strength[first.given_start : span.given_end]
            most = _GLIDE_TAIL if span.sound.sign in _GLIDES else _TAIL
            drawn = _drawn(count, given, level, most)
            places[first.start : span.end] = first.given_start + drawn
            opens = None
    clipped = np.clip(places, 0, layout.given - 1)
    return replace(layout, places=np.maximum.accumulate(clipped))


def smoothed(curve: Curve, kernel: Curve) -> Curve:
    """The curve with each place replaced by the mean around it; a symmetric kernel of odd length.

    Beyond its ends the curve goes on as it ends.
    """
    padded = np.pad(curve, len(kernel) // 2, mode="edge")
    parts = (weight * padded[at : at + len(curve)] for at, weight in enumerate(kernel))
    return np.asarray(sum(parts))


def _drawn(count: int, given: int, level: Curve, tail: int) -> Curve:
    """The places of a vowel's ``count`` frames among its given ones; its end in ``tail`` frames."""
    soft = smoothed(level, np.array([0.25, 0.5, 0.25]))
    low = high = int(np.argmax(soft))
    while low > 0 and soft[low - 1] > soft.max() - _WITHIN:
        low -= 1
    while high < given - 1 and soft[high + 1] > soft.max() - _WITHIN:
        high += 1
    after = min(tail, given - 1 - high)
    middle = np.arange(count, dtype=np.float64)
    if count <= low + after + 1:
        return middle * ((given - 1) / max(1, count - 1))
    knots = [0.0, float(low), float(count - 1 - after), float(count - 1)]
    return np.interp(middle, knots, [0.0, float(low), float(high), given - 1.0])
