"""The highest sample of each of equal slices of time, of sound whose length is not known before."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.adapters.audio_levels.samples import Block

_MOST_BINS = 1 << 16  # a long file has at least half as many: slices end within a hundredth of one


class Outline:
    """Takes sound in, block by block: peaks over all channels in bins, wider ones as it goes on."""

    def __init__(self) -> None:
        self.frames = 0
        self._bin_frames = 1
        self._bins: list[npt.NDArray[np.float32]] = []
        self._bin_count = 0
        self._rest = np.zeros(0, np.float32)  # what does not fill a bin yet, frame by frame

    def add(self, block: Block) -> None:
        """``block`` follows what was added before."""
        self.frames += len(block.outline)
        self._put(block.outline)
        while self._bin_count > _MOST_BINS:
            self._widen()

    def peaks(self, slices: int) -> list[float]:
        """The highest |sample| of each slice, full scale being 1; there has to be a frame."""
        rest = [self._rest.max(keepdims=True)] if len(self._rest) else []
        bins = np.concatenate([*self._bins, *rest])
        starts = np.arange(slices, dtype=np.int64) * self.frames // slices // self._bin_frames
        # where slices are shorter than a frame, the same start gives each the frame it lies in
        return [float(peak) for peak in np.maximum.reduceat(bins, starts)]

    def _put(self, heights: npt.NDArray[np.float32]) -> None:
        joined = np.concatenate([self._rest, heights])
        whole = len(joined) // self._bin_frames * self._bin_frames
        self._rest = joined[whole:].copy()
        bins, width = joined[:whole], self._bin_frames
        while width > 1:
            bins, width = np.maximum(bins[::2], bins[1::2]), width // 2
        self._bins.append(bins)
        self._bin_count += len(bins)

    def _widen(self) -> None:
        bins = np.concatenate(self._bins)
        if len(bins) % 2:
            self._rest = np.concatenate([np.repeat(bins[-1], self._bin_frames), self._rest])
        pairs = len(bins) // 2
        self._bins = [np.maximum(bins[: pairs * 2 : 2], bins[1 : pairs * 2 : 2])]
        self._bin_count = pairs
        self._bin_frames *= 2
