"""The highest level between the samples: four times oversampled, ITU-R BS.1770-4, annex 2."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.adapters.audio_levels.samples import Samples

_PHASES = 4
_HALF_TAPS = 12
_ROW = 32  # places that one row of the product gives; longer rows multiply more zeros
_ROWS_AT_ONCE = 32  # a product this small stays in the thread that asks for it (OpenBLAS)


class TruePeak:
    """Takes sound in, block by block; ``highest`` is linear, full scale being 1."""

    def __init__(self, *, channels: int) -> None:
        self.highest = 0.0
        self._before = np.zeros((channels, 2 * _HALF_TAPS), np.float32)
        self._between = _interpolator()

    def add(self, block: Samples) -> None:
        """``block`` follows what was added before. What rings on after the last one is no part."""
        joined = np.concatenate([self._before, block], axis=1)
        context = 2 * _HALF_TAPS
        frames = joined.shape[1] - context
        self._before = joined[:, frames:].copy()
        self.highest = max(self.highest, float(np.abs(block).max(initial=0.0)))
        part = _ROW * _ROWS_AT_ONCE
        padded = np.pad(joined, ((0, 0), (0, -frames % part)))
        for channel in padded:
            windows = np.lib.stride_tricks.sliding_window_view(channel, _ROW + context)[::_ROW]
            parts = windows.reshape(-1, _ROWS_AT_ONCE, _ROW + context)
            between = (parts @ self._between).reshape(-1, _PHASES - 1)[:frames]
            self.highest = max(self.highest, float(between.max()), -float(between.min()))


def _interpolator() -> npt.NDArray[np.float32]:
    """A matrix that gives, of a row of samples, what lies between them: three places a sample.

    Windowed sincs, of unit sum so that a constant stays what it is.
    """
    context = 2 * _HALF_TAPS
    matrix = np.zeros((_ROW + context, _ROW, _PHASES - 1))
    taps = np.arange(context)
    for phase in range(1, _PHASES):
        distance = taps - (_HALF_TAPS - 1) - phase / _PHASES
        sinc = np.sinc(distance) * np.cos(np.pi * distance / (context + 1)) ** 2
        for place in range(_ROW):
            matrix[place : place + context, place, phase - 1] = sinc / sinc.sum()
    return np.ascontiguousarray(matrix.reshape(_ROW + context, -1), np.float32)
