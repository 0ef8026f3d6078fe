"""The room that all players share."""

from __future__ import annotations

import numpy as np

from pipeline.sketch.instruments import dice_for
from pipeline.sketch.tones.modal import RATE_HZ, Samples, falling

_BANDS = ((180.0, 700.0, 1.0), (700.0, 2600.0, 0.85), (2600.0, 8000.0, 0.5))


def hall(seed: bytes, seconds: float) -> Samples:
    """An impulse response: noise that darkens while it fades, after 18 ms and some early echoes."""
    dice = dice_for(seed, "hall")
    count = round(seconds * RATE_HZ)
    late = round(0.018 * RATE_HZ)
    impulse = np.zeros((2, count + late), np.float32)
    size = 1 << (count - 1).bit_length()
    frequencies = np.fft.rfftfreq(size, 1.0 / RATE_HZ)
    for side in range(2):
        raw = np.fft.rfft(dice.standard_normal(size))
        for low_hz, high_hz, fall in _BANDS:
            shape = 1.0 / (1.0 + (low_hz / np.maximum(frequencies, 1.0)) ** 4)
            shape /= 1.0 + (frequencies / high_hz) ** 4
            band = np.fft.irfft(raw * shape, size)[:count].astype(np.float32)
            impulse[side, late:] += band * falling(count, seconds * fall)
        for n in range(6):
            place = round((0.011 + 0.009 * n + 0.004 * dice.random()) * RATE_HZ)
            impulse[side, place] += np.float32(4.0 * 0.7**n * (1 if dice.random() < 0.5 else -1))
    return impulse / np.float32(np.sqrt(np.square(impulse).sum(axis=1).mean()))
