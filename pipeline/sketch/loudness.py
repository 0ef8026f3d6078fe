"""Loudness after ITU-R BS.1770-4 and true peaks, kept by short frames so that gain is cheap."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.sketch.filters import biquad, filtered
from pipeline.sketch.tones.modal import Samples

FRAME = 32  # samples
_PHASES = 4
_HALF_TAPS = 24  # fewer miss a third of a decibel on cymbals


def k_weighting(frequencies: npt.NDArray[np.float64], rate_hz: int) -> npt.NDArray[np.complex128]:
    """The response of the standard's two filters at any rate."""
    k = np.tan(np.pi * 1681.974450955533 / rate_hz)
    q, high, mid = (
        0.7071752369554196,
        10 ** (3.999843853973347 / 20),
        10 ** (3.999843853973347 / 20 * 0.4996667741545416),
    )
    shelf = biquad(
        (high + mid * k / q + k * k, 2 * (k * k - high), high - mid * k / q + k * k),
        (1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k), frequencies, rate_hz,
    )  # fmt: skip
    k = np.tan(np.pi * 38.13547087602444 / rate_hz)
    q = 0.5003270373238773
    rumble = biquad(
        (1.0, -2.0, 1.0),
        (1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k),
        frequencies,
        rate_hz,
    )
    # The standard's high-pass is not normalised by its denominator's first coefficient.
    return np.asarray(shelf * rumble * (1 + k / q + k * k), np.complex128)


def frame_energies(sound: Samples, rate_hz: int) -> npt.NDArray[np.float64]:
    """The K-weighted energy of each frame, both channels together."""
    weighted = filtered(sound, lambda f: k_weighting(f, rate_hz), rate_hz)
    frames = weighted.shape[1] // FRAME
    power = np.square(weighted[:, : frames * FRAME]).reshape(2, frames, FRAME)
    return np.asarray(power.sum(axis=(0, 2), dtype=np.float64))


def integrated_lufs(energies: npt.NDArray[np.float64], rate_hz: int) -> float:
    """Gated loudness of frames of energy: blocks of 400 ms, three quarters overlapping."""
    hop = round(0.1 * rate_hz / FRAME)
    sums = np.concatenate([[0.0], np.cumsum(energies)])
    starts = np.arange(0, max(1, len(energies) - 4 * hop + 1), hop)
    ends = np.minimum(starts + 4 * hop, len(energies))
    power = (sums[ends] - sums[starts]) / (4 * hop * FRAME)
    loud = power[power > 10 ** ((-70.0 + 0.691) / 10)]
    if not len(loud):
        return -70.0
    gate = loud.mean() * 10 ** (-10.0 / 10)
    return float(-0.691 + 10 * np.log10(loud[loud > gate].mean()))


def frame_peaks(sound: Samples) -> npt.NDArray[np.float32]:
    """The highest true peak of each frame, four times oversampled; linear in gain."""
    frames = -(-sound.shape[1] // FRAME)
    peaks = np.zeros(frames, np.float32)
    taps = _interpolators()
    chunk = FRAME * 2048
    for channel in sound:
        padded = np.pad(channel, (_HALF_TAPS, _HALF_TAPS + frames * FRAME - sound.shape[1]))
        for start in range(0, frames * FRAME, chunk):
            length = min(chunk, frames * FRAME - start)
            window = padded[start : start + length + 2 * _HALF_TAPS]
            highest = np.abs(window[_HALF_TAPS : _HALF_TAPS + length])
            for row in taps:
                between = row[0] * window[:length]
                for tap in range(1, 2 * _HALF_TAPS):
                    between += row[tap] * window[tap : tap + length]
                np.maximum(highest, np.abs(between), out=highest)
            at = slice(start // FRAME, (start + length) // FRAME)
            peaks[at] = np.maximum(peaks[at], highest.reshape(-1, FRAME).max(axis=1))
    return peaks


def _interpolators() -> list[npt.NDArray[np.float32]]:
    """Windowed sincs for the places between samples.

    Tap t of phase p weighs the sample t - HALF_TAPS from here; the place is p/4 before this one.
    """
    rows = []
    for phase in range(1, _PHASES):
        distance = np.arange(2 * _HALF_TAPS) - _HALF_TAPS + phase / _PHASES
        rows.append(
            (np.sinc(distance) * np.cos(np.pi * distance / (2 * _HALF_TAPS + 1)) ** 2).astype(
                np.float32
            )
        )
    return rows
