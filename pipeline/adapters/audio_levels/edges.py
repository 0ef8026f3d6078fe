"""Where sound begins and ends, how it ends, and which channels have any."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np

from pipeline.adapters.audio_levels.samples import Block
from pipeline.core.sound.measurement import END_MS, SILENCE_DBFS

_THRESHOLD = np.float32(10 ** (SILENCE_DBFS / 20))
_TENTH = Decimal("0.1")


class Edges:
    """Takes sound in, block by block."""

    def __init__(self, *, rate_hz: int, channels: int) -> None:
        self.frames = 0
        self.head_frames: int | None = None  # before the first sound; None while there is none
        self._rate_hz = rate_hz
        self._end_frames = 0  # after the last sound
        self._last_sound = np.zeros((channels, max(rate_hz * END_MS // 1000, 1)), np.float32)
        self._before = self._last_sound
        self._is_heard = np.zeros(channels, bool)

    def add(self, block: Block) -> None:
        """``block`` follows what was added before."""
        is_loud = block.outline > _THRESHOLD
        first = int(is_loud.argmax())
        window = self._before.shape[1]
        joined = np.concatenate([self._before, block.samples], axis=1)
        if is_loud[first]:
            self._is_heard |= block.heights.max(axis=1) > _THRESHOLD
            if self.head_frames is None:
                self.head_frames = self.frames + first
            end = len(is_loud) - int(is_loud[::-1].argmax())
            self._end_frames = self.frames + end
            self._last_sound = joined[:, end : end + window]
        self._before = joined[:, joined.shape[1] - window :]
        self.frames += len(is_loud)

    @property
    def silent_channels(self) -> int:
        """How many channels are never louder than silence."""
        return int((~self._is_heard).sum())

    @property
    def head_silence_ms(self) -> int:
        """Silence before the first sound; all of it where there is no sound."""
        return self._ms(self.frames if self.head_frames is None else self.head_frames)

    @property
    def tail_silence_ms(self) -> int:
        """Silence after the last sound."""
        return self._ms(self.frames - self._end_frames)

    @property
    def end_level_dbfs(self) -> Decimal | None:
        """The level right before silence, in the loudest channel; None where there is no sound."""
        if self.head_frames is None:
            return None
        power = float(np.square(self._last_sound, dtype=np.float64).mean(axis=1).max())
        return Decimal(repr(10 * math.log10(power))).quantize(_TENTH)

    def _ms(self, frames: int) -> int:
        return round(frames * 1000 / self._rate_hz)
