"""Runs of samples at full scale: where a wave's top was cut off."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.adapters.audio_levels.samples import FULL_SCALE, Block

FEWEST_IN_A_RUN = 3  # two can be the top of a wave that touches full scale
_TOP = np.float32((FULL_SCALE - 1) / FULL_SCALE)


class Clipping:
    """Takes sound in, block by block; a run may go on from one block to the next."""

    def __init__(self, *, channels: int) -> None:
        self.runs = 0
        self.longest_samples = 0
        self._open = [[0, 0] for _ in range(channels)]  # unfinished runs at the top and the bottom

    def add(self, block: Block) -> None:
        """``block`` follows what was added before."""
        for row, unfinished in zip(block.samples, self._open, strict=True):
            for side, clipped in enumerate((row >= _TOP, row <= -_TOP)):
                unfinished[side] = self._count(clipped, unfinished[side])

    def finish(self) -> None:
        """Counts what the last block left unfinished."""
        for unfinished in self._open:
            for length in unfinished:
                self._close(length)
            unfinished[:] = [0, 0]

    def _count(self, clipped: npt.NDArray[np.bool_], before: int) -> int:
        """The runs of a row; returns the length of the one that is not finished."""
        if not clipped.any():
            self._close(before)
            return 0
        changes = np.flatnonzero(np.diff(clipped, prepend=False, append=False))
        starts, ends = changes[::2], changes[1::2]
        lengths = ends - starts
        if starts[0] == 0:
            lengths[0] += before
        else:
            self._close(before)
        is_open = bool(clipped[-1])
        for length in lengths[: len(lengths) - is_open]:
            self._close(int(length))
        return int(lengths[-1]) if is_open else 0

    def _close(self, length: int) -> None:
        if length >= FEWEST_IN_A_RUN:
            self.runs += 1
            self.longest_samples = max(self.longest_samples, length)
