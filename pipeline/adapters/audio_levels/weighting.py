"""The power of K-weighted sound in steps of 100 ms, after ITU-R BS.1770-4, annex 1."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.adapters.audio_levels.k_weighting import KWeighted
from pipeline.adapters.audio_levels.samples import Block, Samples

STEPS_A_BLOCK = 4  # 400 ms, three quarters overlapping
_STEPS_A_SECOND = 10
_LONGEST_STEP_FRAMES = 1 << 16  # a rate that no sound has could ask for more than memory holds
_CHANNEL_WEIGHTS = {5: (1.0, 1.0, 1.0, 1.41, 1.41), 6: (1.0, 1.0, 1.0, 0.0, 1.41, 1.41)}


class WeightedPower:
    """Takes sound in, block by block; only whole steps count."""

    def __init__(self, *, rate_hz: int, channels: int) -> None:
        self._step_frames = min(max(round(rate_hz / _STEPS_A_SECOND), 1), _LONGEST_STEP_FRAMES)
        self._weighted = KWeighted(rate_hz=rate_hz, channels=channels)
        self._rest = np.zeros((channels, 0), np.float32)  # what does not fill a step yet
        self._weights = np.array(_CHANNEL_WEIGHTS.get(channels, (1.0,) * channels))
        self._steps: list[float] = []

    def add(self, block: Block) -> None:
        """``block`` follows what was added before."""
        self._count(self._weighted.add(block.samples))

    def finish(self) -> None:
        """Nothing follows."""
        self._count(self._weighted.finish())

    def block_powers(self) -> Sequence[float]:
        """The power of each block of 400 ms so far."""
        return [
            sum(self._steps[start : start + STEPS_A_BLOCK]) / STEPS_A_BLOCK
            for start in range(len(self._steps) - STEPS_A_BLOCK + 1)
        ]

    def _count(self, weighted: Samples) -> None:
        heard = np.concatenate([self._rest, weighted], axis=1)
        steps = heard.shape[1] // self._step_frames
        whole = steps * self._step_frames
        self._rest = heard[:, whole:]
        squares = np.square(heard[:, :whole].reshape(len(heard), steps, self._step_frames))
        powers = squares.mean(axis=2, dtype=np.float64)
        self._steps += (self._weights @ powers).tolist()
