"""The master: one loudness for every song, and no peak above the ceiling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.sketch.filters import drawn
from pipeline.sketch.loudness import FRAME, frame_energies, frame_peaks, integrated_lufs
from pipeline.sketch.tones.modal import Samples

TARGET_LUFS = -14.0
_LOOK_AHEAD_S = 0.004
_RELEASE_S = 0.09
_NEAR_DB = 0.02  # of the target: a search ends here
Gains = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A mix and what its frames measure; both follow gain, so a search for it costs little."""

    mixed: Samples
    rate_hz: int
    energies: Gains
    peaks: Gains


def measure(mixed: Samples, rate_hz: int) -> Measured:
    """Loudness and true peaks of a mix, by frames."""
    energies = frame_energies(mixed, rate_hz)
    peaks = frame_peaks(mixed)[: len(energies)].astype(np.float64)
    return Measured(mixed=mixed, rate_hz=rate_hz, energies=energies, peaks=peaks)


def master(measured: Measured, ceiling_db: float) -> Samples:
    """The mix at the target loudness, its true peaks held under the ceiling by a limiter."""
    gains = held_down(measured.energies, measured.peaks, ceiling_db, measured.rate_hz)
    centres = np.arange(len(gains), dtype=np.float64) * FRAME + FRAME / 2
    curve = drawn(centres, gains, measured.mixed.shape[1])
    return np.asarray(measured.mixed * curve, np.float32)


def held_down(energies: Gains, peaks: Gains, ceiling_db: float, rate_hz: int) -> Gains:
    """The gain of each frame that makes the target loudness with no peak above the ceiling."""
    ceiling = 10 ** (ceiling_db / 20)
    gain = 10 ** ((TARGET_LUFS - integrated_lufs(energies, rate_hz)) / 20)
    for _ in range(5):
        gains = gain * _limited(peaks * gain, ceiling, rate_hz)
        missing_db = TARGET_LUFS - integrated_lufs(energies * gains**2, rate_hz)
        gain *= 10 ** (missing_db / 20)
        if abs(missing_db) < _NEAR_DB:
            break
    return np.asarray(gain * _limited(peaks * gain, ceiling, rate_hz))


def _limited(peaks: Gains, ceiling: float, rate_hz: int) -> Gains:
    """The limiter's gain at each frame: down before a peak, back up at leisure."""
    wanted = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9))
    ahead = max(2, round(_LOOK_AHEAD_S * rate_hz / FRAME))
    padded = np.pad(wanted, ahead, constant_values=1.0)
    lowest = np.lib.stride_tricks.sliding_window_view(padded, 2 * ahead + 1).min(axis=1)
    held = _released(lowest, float(np.exp(-FRAME / (_RELEASE_S * rate_hz))))
    # Averaging over no more than the look-ahead cannot rise above what a peak allows.
    width = 2 * (ahead // 2) + 1
    sums = np.cumsum(np.pad(held, (width // 2 + 1, width // 2), mode="edge"))
    return np.minimum((sums[width:] - sums[:-width]) / width, 1.0)


def _released(lowest: Gains, keep: float) -> Gains:
    """The gain that falls at once and rises slowly: what is missing from 1 decays by ``keep``."""
    aged = np.arange(len(lowest)) * -np.log(keep)
    with np.errstate(divide="ignore"):
        missing = np.log(1.0 - lowest) + aged
    return np.asarray(1.0 - np.exp(np.maximum.accumulate(missing) - aged))
