"""The breath that is taken before a line."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.sketch.voice.frames import Layout
from pipeline.sketch.voice.notes import SungNote
from pipeline.sketch.voice.source import BINS, HOP, VOICE_HZ, WINDOW, Samples, sounded
from pipeline.sketch.voice.timing import FRAME_S, LEAD_S

_FROM_S = 1.5  # shorter lines are sung without taking breath
_LEVEL = 0.0045  # RMS, 27 dB below a vowel
_BEFORE_S = 0.05  # between the breath and the first consonant


def inhaled(
    layout: Layout, notes: Sequence[SungNote], dynamics: float, dice: np.random.Generator
) -> Samples:
    """The breath alone, as long as the line, at 24 kHz."""
    whole = np.zeros(layout.count * HOP, np.float32)
    if notes[-1].start_s + notes[-1].seconds - notes[0].start_s < _FROM_S:
        return whole
    frames = int((LEAD_S - _BEFORE_S) / FRAME_S)
    noise = dice.standard_normal((frames, 2 * BINS), np.float32).view(np.complex64)
    sound = sounded(noise * _colour())
    rise = np.linspace(0.0, 1.0, len(sound), dtype=np.float32)
    sound *= rise**1.5 * np.clip((1.0 - rise) / 0.2, 0.0, 1.0)
    level = _LEVEL * (0.6 + 0.8 * dynamics) / max(1e-9, float(np.sqrt(np.square(sound).mean())))
    whole[: len(sound)] = sound * np.float32(level)
    return whole


def _colour() -> Samples:
    """The throat's two broad resonances."""
    hertz = np.arange(BINS) * (VOICE_HZ / WINDOW)
    octaves = np.log2(np.maximum(hertz, 20.0))
    low = np.exp(-(((octaves - np.log2(1500.0)) / 0.5) ** 2))
    high = 0.5 * np.exp(-(((octaves - np.log2(4200.0)) / 0.6) ** 2))
    return np.asarray(low + high, np.float32)
