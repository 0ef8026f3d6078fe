"""Everything that is measured of a file, in one pass and bounded memory."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np

from pipeline.adapters.audio_levels.clipping import Clipping
from pipeline.adapters.audio_levels.edges import Edges
from pipeline.adapters.audio_levels.outline import Outline
from pipeline.adapters.audio_levels.samples import Undecodable, sample_blocks
from pipeline.adapters.audio_levels.true_peak import TruePeak
from pipeline.adapters.audio_levels.weighting import WeightedPower
from pipeline.core.purchase.attempt import StoredAudio
from pipeline.core.sound.loudness import histogram, integrated_lufs
from pipeline.core.sound.measurement import Measurement
from pipeline.core.sound.waveform import SLICES, encode

_BLOCK_FRAMES = 1 << 15
_LARGEST_BLOCK_BYTES = 4 << 20


def measure(path: Path, audio: StoredAudio) -> Measurement:
    """The measurement of the audio at ``path``, which is what ``audio`` says.

    Raises ``OSError`` if the file cannot be read; not for audio in ``ogg``, which nobody may ask
    for: its decoder cannot be trusted with damaged files.
    """
    _keep_freed_memory()
    rate_hz, channels = audio.sample_rate_hz, audio.channels
    loudness = WeightedPower(rate_hz=rate_hz, channels=channels)
    edges = Edges(rate_hz=rate_hz, channels=channels)
    peak, clipping = TruePeak(channels=channels), Clipping(channels=channels)
    outline = Outline()
    try:
        for block in sample_blocks(path, audio, block_frames=_BLOCK_FRAMES):
            for meter in (loudness, edges, peak, clipping, outline):
                meter.add(block)
    except Undecodable:
        return Measurement(is_decodable=False)
    if not edges.frames:
        return Measurement(is_decodable=False)
    clipping.finish()
    loudness.finish()
    powers = loudness.block_powers()
    return Measurement(
        is_decodable=True,
        milliseconds=round(edges.frames * 1000 / rate_hz),
        sample_rate_hz=rate_hz,
        channels=channels,
        silent_channels=edges.silent_channels,
        head_silence_ms=edges.head_silence_ms,
        tail_silence_ms=edges.tail_silence_ms,
        end_level_dbfs=edges.end_level_dbfs,
        clipped_runs=clipping.runs,
        longest_clip_samples=clipping.longest_samples,
        true_peak=Decimal(repr(peak.highest)).quantize(Decimal("0.000001")),
        loudness_lufs=integrated_lufs(powers),
        blocks=histogram(powers),
        waveform=encode(outline.peaks(SLICES)),
    )


@cache
def _keep_freed_memory() -> None:
    """Half of a measurement's time would be page faults, were every freed array given back.

    Once a large block was freed, the GNU C library keeps smaller ones for the next that are asked
    for (mallopt(3), ``M_MMAP_THRESHOLD``); elsewhere it changes nothing.
    """
    np.empty(_LARGEST_BLOCK_BYTES, np.uint8)
