"""Everything that is measured of a file, in one pass and bounded memory."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.adapters.audio_levels.clipping import Clipping
from pipeline.adapters.audio_levels.edges import Edges
from pipeline.adapters.audio_levels.outline import Outline
from pipeline.adapters.audio_levels.samples import Block, Blocks, Undecodable, decoded
from pipeline.adapters.audio_levels.true_peak import TruePeak
from pipeline.adapters.audio_levels.weighting import WeightedPower
from pipeline.core.purchase.attempt import StoredAudio
from pipeline.core.sound.loudness import histogram, integrated_lufs
from pipeline.core.sound.measurement import Measurement
from pipeline.core.sound.waveform import SLICES, encode

_BLOCK_FRAMES = 1 << 16  # longer ones leave a processor's own memory, shorter ones are many calls
_LARGEST_BLOCK_BYTES = 8 << 20


def measure(path: Path, audio: StoredAudio) -> Measurement:
    """The measurement of the audio at ``path``, which is what ``audio`` says.

    Raises ``OSError`` if the file cannot be read; not for audio in ``ogg``, which nobody may ask
    for: its decoder cannot be trusted with damaged files.
    """
    meters = Meters(rate_hz=audio.sample_rate_hz, channels=audio.channels)
    try:
        for piece in decoded(path, audio):
            meters.add(piece)
    except Undecodable:
        return Measurement(is_decodable=False)
    return meters.measurement() or Measurement(is_decodable=False)


class Meters:
    """Everything that is measured of sound, as it is decoded by whoever decodes it."""

    def __init__(self, *, rate_hz: int, channels: int) -> None:
        _keep_freed_memory()
        self._rate_hz, self._channels = rate_hz, channels
        self._blocks = Blocks(channels=channels, block_frames=_BLOCK_FRAMES)
        self._loudness = WeightedPower(rate_hz=rate_hz, channels=channels)
        self._edges = Edges(rate_hz=rate_hz, channels=channels)
        self._peak, self._clipping = TruePeak(channels=channels), Clipping(channels=channels)
        self._outline = Outline()

    def add(self, piece: Any) -> None:
        """``piece``, a buffer of interleaved 16-bit samples, follows what was added before."""
        for block in self._blocks.add(piece):
            self._meter(block)

    def measurement(self) -> Measurement | None:
        """What it comes to, once all was added; None if that was not a single frame."""
        for block in self._blocks.finish():
            self._meter(block)
        edges = self._edges
        if not edges.frames:
            return None
        self._clipping.finish()
        self._loudness.finish()
        powers = self._loudness.block_powers()
        return Measurement(
            is_decodable=True,
            milliseconds=round(edges.frames * 1000 / self._rate_hz),
            sample_rate_hz=self._rate_hz,
            channels=self._channels,
            silent_channels=edges.silent_channels,
            head_silence_ms=edges.head_silence_ms,
            tail_silence_ms=edges.tail_silence_ms,
            end_level_dbfs=edges.end_level_dbfs,
            clipped_runs=self._clipping.runs,
            longest_clip_samples=self._clipping.longest_samples,
            true_peak=Decimal(repr(self._peak.highest)).quantize(Decimal("0.000001")),
            loudness_lufs=integrated_lufs(powers),
            blocks=histogram(powers),
            waveform=encode(self._outline.peaks(SLICES)),
        )

    def _meter(self, block: Block) -> None:
        for meter in (self._loudness, self._edges, self._peak, self._clipping, self._outline):
            meter.add(block)


@cache
def _keep_freed_memory() -> None:
    """Half of a measurement's time would be page faults, were every freed array given back.

    Once a large block was freed, the GNU C library keeps smaller ones for the next that are asked
    for (mallopt(3), ``M_MMAP_THRESHOLD``); elsewhere it changes nothing.
    """
    np.empty(_LARGEST_BLOCK_BYTES, np.uint8)
