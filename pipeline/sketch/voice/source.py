"""Signal processing of the voice at 24 kHz: pulses, short-time spectra, and sound out of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.sketch.voice.frames import Curve
from pipeline.sketch.voice.notes import RATE_HZ

VOICE_HZ, HOP, WINDOW = 24000, 300, 1200
BINS = WINDOW // 2 + 1
_HIGHEST_HZ = 11000.0
_OVERLAP = WINDOW // HOP
_HANN = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)

Samples = npt.NDArray[np.float32]
Spectra = npt.NDArray[np.complex64]  # frames, BINS
_CHUNK = 128  # frames transformed at once: a long line's windows would fill 30 MB


def excitation(pitch_hz: Curve, voiced: npt.NDArray[np.bool_]) -> Spectra:
    """The spectra of a pulse train, from its pitch at the middle of each frame.

    All harmonics up to 11 kHz are of equal strength; none where the frame is not voiced.
    """
    count = len(pitch_hz)
    middles = (np.arange(count) + 0.5) * HOP
    places = np.arange(count * HOP) + 0.5
    frequency = np.interp(places, middles, pitch_hz)
    sounding = np.interp(places, middles, voiced.astype(np.float64)) > 0.5
    train = np.pad(_pulses(frequency) * sounding, WINDOW // 2)
    windows = np.lib.stride_tricks.sliding_window_view(train, WINDOW)[::HOP][:count]
    scale = _HANN / np.float32(WINDOW / 4)
    spectra = np.empty((count, BINS), np.complex64)
    for start in range(0, count, _CHUNK):
        spectra[start : start + _CHUNK] = np.fft.rfft(windows[start : start + _CHUNK] * scale)
    return spectra


def _pulses(frequency: Curve) -> Samples:
    """The sum of all cosines below the limit, in closed form."""
    turns = np.cumsum(frequency) / VOICE_HZ
    phase = (2.0 * np.pi * (turns - np.floor(turns))).astype(np.float32)
    harmonics = np.floor(_HIGHEST_HZ / frequency).astype(np.float32) + np.float32(0.5)
    below = 2.0 * np.sin(0.5 * phase)
    flat = np.abs(below) <= 2e-3
    below[flat] = 1.0
    train = np.sin(harmonics * phase) / below
    train[flat] = harmonics[flat]
    return np.asarray(train - 0.5, np.float32)


def sounded(spectra: Spectra) -> Samples:
    """The sound of short-time spectra at 24 kHz: overlapping windows, added."""
    count = len(spectra)
    blocks = np.zeros((count + _OVERLAP - 1, HOP), np.float32)
    for start in range(0, count, _CHUNK):
        part = np.fft.irfft(spectra[start : start + _CHUNK], WINDOW).astype(np.float32) * _HANN
        folded = part.reshape(-1, _OVERLAP, HOP)
        for shift in range(_OVERLAP):
            blocks[start + shift : start + shift + len(part)] += folded[:, shift]
    half = WINDOW // 2
    return blocks.ravel()[half : half + count * HOP] * np.float32(2.0 / 3.0)


def widened(sound: Samples) -> Samples:
    """The sound at 44.1 kHz; its ends must be silent."""
    unit = 2400  # 0.1 s: a whole number of samples at both rates, of small factors
    units = -(-len(sound) // unit)
    small, large = units * unit, units * unit * RATE_HZ // VOICE_HZ
    spectrum = np.fft.rfft(sound, small)
    wide = np.zeros(large // 2 + 1, np.complex64)
    wide[: len(spectrum)] = spectrum * np.float32(large / small)
    wanted = len(sound) * RATE_HZ // VOICE_HZ
    return np.fft.irfft(wide, large)[:wanted].astype(np.float32)
