"""The melody as a voice bends it: glides, scoops, vibrato that comes late, drift."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from pipeline.sketch.voice.frames import Curve
from pipeline.sketch.voice.notes import SungNote

_GLIDE_S, _GLIDE_EARLY_S = 0.065, 0.035
_VIBRATO_FROM_S = 0.45  # the shortest note that gets vibrato
_VIBRATO_DELAY_S, _VIBRATO_RISE_S = 0.2, 0.35
_DRIFT = 0.035  # semitones
_REST_S = 0.15


def melody(notes: Sequence[SungNote], times_s: Curve) -> Curve:
    """The pitch in semitones at each time: the notes and the glides between them."""
    curve = np.full(len(times_s), float(notes[0].pitch))
    for before, note in pairwise(notes):
        step = np.clip((times_s - note.start_s + _GLIDE_EARLY_S) / _GLIDE_S, 0.0, 1.0)
        curve += (note.pitch - before.pitch) * (0.5 - 0.5 * np.cos(np.pi * step))
    return curve


def expression(
    notes: Sequence[SungNote], times_s: Curve, dynamics: float, dice: np.random.Generator
) -> Curve:
    """What the voice adds to the melody, in semitones."""
    rate_hz = 5.3 + 0.4 * dice.random()
    curve = _drift(times_s, dice)
    for index, note in enumerate(notes):
        at_s = times_s - note.start_s
        if note.seconds > _VIBRATO_FROM_S:
            curve += _vibrato(at_s, note.seconds, rate_hz * (0.97 + 0.06 * dice.random()), dynamics)
        if (
            not index
            or note.start_s - notes[index - 1].start_s - notes[index - 1].seconds > _REST_S
        ):
            # A phrase is begun from a little below.
            curve -= 0.5 * np.exp(-np.clip(at_s, 0.0, None) / 0.03) * (at_s < note.seconds)
    return curve


def hertz(semitones: Curve) -> Curve:
    """Frequencies of MIDI pitches."""
    return np.asarray(440.0 * 2.0 ** ((semitones - 69.0) / 12.0))


def _vibrato(at_s: Curve, seconds: float, rate_hz: float, dynamics: float) -> Curve:
    depth = (0.16 + 0.16 * dynamics) * min(1.0, 0.55 + 0.45 * seconds)
    delay_s = max(_VIBRATO_DELAY_S, 0.3 * seconds if seconds < 1.5 else 0.4)
    rise = np.clip((at_s - delay_s) / _VIBRATO_RISE_S, 0.0, 1.0)
    fall = np.clip((seconds - at_s) / 0.12, 0.0, 1.0)
    swing = np.sin(2.0 * np.pi * rate_hz * (at_s - delay_s))
    return np.asarray(depth * rise * fall * swing)


def _drift(times_s: Curve, dice: np.random.Generator) -> Curve:
    knots = np.arange(times_s[0] - 0.25, times_s[-1] + 0.5, 0.25)
    return np.interp(times_s, knots, _DRIFT * dice.standard_normal(len(knots)))
