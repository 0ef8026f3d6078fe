"""How bright parts are, as their spectra's centroids, and the treble that brings them apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.sketch.tones.modal import RATE_HZ, Samples

_FRAME = 4096
_SILENT = 1e-4  # of the loudest frame's strength
_APART = 0.5  # octaves of the centroid between the weakest parts and the strongest
_MOST_DB = 6.0  # of treble, either way
_STEPS = 12  # of a search that halves its range

Curve = npt.NDArray[np.float64]
_HERTZ = np.fft.rfftfreq(_FRAME, 1.0 / RATE_HZ)
_KEPT = _HERTZ < 10000.0  # by the files of few bits too


def part_spectra(sound: Samples, places: Sequence[tuple[int, int]]) -> list[Curve]:
    """The mean spectrum of each stretch of the middle, each frame counting alike."""
    window = np.hanning(_FRAME).astype(np.float32)
    return [_mean_spectrum(sound[:, start:end].mean(axis=0), window) for start, end in places]


def _mean_spectrum(middle: npt.NDArray[np.floating[Any]], window: Samples) -> Curve:
    padded = np.pad(middle, (0, max(0, _FRAME - len(middle))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::_FRAME]
    spectra = np.abs(np.fft.rfft(frames * window))
    strength = spectra.sum(axis=1)
    heard = strength > _SILENT * strength.max()
    if not heard.any():
        return np.asarray(_KEPT, np.float64)
    shares = spectra[heard] / strength[heard, None]
    return np.where(_KEPT, np.asarray(shares.mean(axis=0), np.float64), 0.0)


def air_for(
    spectra: Sequence[Curve],
    strengths: Sequence[float],
    weights: Sequence[float],
    shelf: Callable[[Curve], Curve],
) -> tuple[float, ...]:
    """The gain of the treble in each part, in dB, that makes strong parts the brighter ones.

    ``strengths`` run from 0 to 1. A strong part that is brighter than it must be stays so.
    """
    high = shelf(np.asarray(_HERTZ, np.float64))
    own = np.array([_octave(spectrum, 0.0, high) for spectrum in spectra])
    share = np.asarray(weights, np.float64) / max(sum(weights), 1e-9)
    usual, middling = float((own * share).sum()), float((np.asarray(strengths) * share).sum())
    gains = []
    for spectrum, natural, strong in zip(spectra, own, strengths, strict=True):
        wanted = usual + _APART * (strong - middling)
        is_apart = natural > wanted if strong > middling else natural < wanted
        gains.append(0.0 if is_apart else _gain_db(spectrum, wanted, high))
    return tuple(gains)


def _gain_db(spectrum: Curve, wanted: float, high: Curve) -> float:
    low_db, high_db = -_MOST_DB, _MOST_DB
    for _ in range(_STEPS):
        gain_db = 0.5 * (low_db + high_db)
        if _octave(spectrum, gain_db, high) < wanted:
            low_db = gain_db
        else:
            high_db = gain_db
    return 0.5 * (low_db + high_db)


def _octave(spectrum: Curve, gain_db: float, high: Curve) -> float:
    shaped = spectrum * (1.0 + (10 ** (gain_db / 20) - 1.0) * high)
    return float(np.log2(max((shaped * _HERTZ).sum() / max(shaped.sum(), 1e-12), 1.0)))
