"""The highest level between the samples: four times oversampled, ITU-R BS.1770-4, annex 2.

Nearly all places lie lower than a sample that was seen already, and need no oversampling to know
it: what an interpolation adds to the higher of two neighbours is bounded by how sharply the sound
around them bends.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from pipeline.adapters.audio_levels.samples import Block, Samples

_PHASES = 4
_HALF_TAPS = 12
_CONTEXT = 2 * _HALF_TAPS
_ROW = 8  # places that one row of the product gives; longer rows look where nothing can be
_ROWS_AT_ONCE = 256  # a product this small stays in the thread that asks for it (OpenBLAS)
_STRETCH = 512  # places that share one bound of how sharply the sound bends
_ROUNDING = 1e-5  # the bound is one of exact numbers
_ROW_OF_BOOLS = np.uint64  # true where any of them is
_OFFSETS = np.arange(_CONTEXT + _ROW)
_Places = npt.NDArray[np.intp]


class TruePeak:
    """Takes sound in, block by block; ``highest`` is linear, full scale being 1."""

    def __init__(self, *, channels: int) -> None:
        self.highest = 0.0
        self._before = np.zeros((channels, _CONTEXT), np.float32)
        interpolation = _interpolation()
        self._between = _row_matrix(interpolation)
        self._bend_factor = _bend_factor(interpolation)

    def add(self, block: Block) -> None:
        """``block`` follows what was added before. What rings on after the last one is no part."""
        frames = len(block.outline)
        padding = np.zeros((len(block.samples), -frames % _ROW), np.float32)
        joined = np.concatenate([self._before, block.samples, padding], axis=1)
        self._before = joined[:, frames : frames + _CONTEXT]
        self.highest = max(self.highest, float(block.outline.max()))
        for sound, rows in zip(joined, self._reached(joined), strict=True):
            self._look(sound, rows, frames=frames)

    def _reached(self, joined: Samples) -> Iterator[_Places]:
        """Of each channel the rows where something may be higher than all so far."""
        places = joined.shape[1] - _CONTEXT
        slopes = joined[:, 1:] - joined[:, :-1]
        bends = np.abs(slopes[:, 1:] - slopes[:, :-1])
        sharpest = np.maximum.reduceat(bends, np.arange(0, places, _STRETCH), axis=1)
        sharpest[:, :-1] = np.maximum(sharpest[:, :-1], sharpest[:, 1:])  # a window goes over two
        least = self.highest * (1 - _ROUNDING) - self._bend_factor * sharpest
        heights = np.abs(joined[:, _HALF_TAPS - 1 : _HALF_TAPS + places])
        higher = np.maximum(heights[:, 1:], heights[:, :-1])
        for channel, limits in zip(higher, least.astype(np.float32), strict=True):
            is_reached = channel > limits.repeat(_STRETCH)[:places]
            yield np.flatnonzero(is_reached.view(_ROW_OF_BOOLS))

    def _look(self, sound: Samples, rows: _Places, *, frames: int) -> None:
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            some = rows[start : start + _ROWS_AT_ONCE]
            windows = sound[some[:, None] * _ROW + _OFFSETS]
            between = (windows @ self._between).reshape(-1, _PHASES - 1)
            beyond = max((int(some[-1]) + 1) * _ROW - frames, 0)
            between = between[: len(between) - beyond]
            self.highest = max(self.highest, float(between.max()), -float(between.min()))


def _interpolation() -> npt.NDArray[np.float64]:
    """A row a phase: windowed sincs, of unit sum so that a constant stays what it is."""
    distances = np.arange(_CONTEXT) - (_HALF_TAPS - 1) - np.arange(1, _PHASES)[:, None] / _PHASES
    sincs = np.sinc(distances) * np.cos(np.pi * distances / (_CONTEXT + 1)) ** 2
    return np.asarray(sincs / sincs.sum(axis=1, keepdims=True))


def _row_matrix(interpolation: npt.NDArray[np.float64]) -> Samples:
    """Gives, of a row of samples, what lies between them: three places a sample."""
    matrix = np.zeros((_CONTEXT + _ROW, _ROW, _PHASES - 1))
    for place in range(_ROW):
        matrix[place : place + _CONTEXT, place] = interpolation.T
    return np.ascontiguousarray(matrix.reshape(_CONTEXT + _ROW, -1), np.float32)


def _bend_factor(interpolation: npt.NDArray[np.float64]) -> float:
    """How much higher than two samples something between them can be, in units of the sharpest
    bend (second difference) around.

    A phase is a mean of the two samples and a sum over second differences: what is left of it
    without the mean has neither a sum nor a first moment, so it can be summed up twice.
    """
    rest = interpolation.copy()
    shares = rest @ (np.arange(_CONTEXT) - (_HALF_TAPS - 1))  # of the later one: 0 to 1
    rest[:, _HALF_TAPS - 1] -= 1 - shares
    rest[:, _HALF_TAPS] -= shares
    return float(np.abs(rest.cumsum(axis=1).cumsum(axis=1)).sum(axis=1).max())
