"""Filtering of whole songs by blocks of the Fourier transform; every array is (2, samples)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from pipeline.sketch.tones.modal import Samples

_BLOCK = 1 << 17
Spectrum = npt.NDArray[np.complex64]


def convolved(sound: Samples, impulse: Samples) -> Samples:
    """Each channel with its impulse response, cut to the sound's length."""
    size = 1 << max(17, int(np.ceil(np.log2(2 * impulse.shape[1]))))
    step = size - impulse.shape[1] + 1
    response = np.fft.rfft(impulse, size, axis=1)
    total = sound.shape[1]
    whole = np.zeros_like(sound)
    for start in range(0, total, step):
        block = np.fft.irfft(
            np.fft.rfft(sound[:, start : start + step], size, axis=1) * response, size, axis=1
        )
        end = min(total, start + size)
        whole[:, start:end] += block[:, : end - start]
    return whole


def filtered(
    sound: Samples, response: Callable[[npt.NDArray[np.float64]], npt.NDArray[np.complex128]],
    rate_hz: int, *, margin: int = 16384,
) -> Samples:  # fmt: skip
    """Through a filter given by its response to frequencies, overlapping by ``margin`` samples.

    Good for responses that have died away within the margin.
    """
    shape = response(np.fft.rfftfreq(_BLOCK, 1.0 / rate_hz).astype(np.float64)).astype(np.complex64)
    whole = np.empty_like(sound)
    step = _BLOCK - 2 * margin
    for start in range(0, sound.shape[1], step):
        block = sound[:, max(0, start - margin) : start - margin + _BLOCK]
        if start < margin:  # the block is a circle: its end must not reach its start
            block = np.pad(block, ((0, 0), (margin - start, 0)))
        spectrum = np.fft.rfft(block, _BLOCK, axis=1)
        spectrum *= shape
        turned = np.fft.irfft(spectrum, _BLOCK, axis=1)
        length = min(step, sound.shape[1] - start)
        whole[:, start : start + length] = turned[:, margin : margin + length]
    return whole


def biquad(
    b: tuple[float, float, float],
    a: tuple[float, float, float],
    frequencies: npt.NDArray[np.float64],
    rate_hz: int,
) -> npt.NDArray[np.complex128]:
    """The frequency response of a second-order section."""
    z = np.exp(-2j * np.pi * frequencies / rate_hz)
    return np.asarray((b[0] + b[1] * z + b[2] * z**2) / (a[0] + a[1] * z + a[2] * z**2))


def drawn(
    places: npt.NDArray[np.float64], levels: npt.NDArray[np.float64], samples: int
) -> Samples:
    """A curve through levels at places (in samples), one value a sample, in one row.

    By blocks: at once it would take six times the song's memory.
    """
    curve = np.empty(samples, np.float32)
    for start in range(0, samples, _BLOCK):
        end = min(samples, start + _BLOCK)
        curve[start:end] = np.interp(np.arange(start, end), places, levels)
    return curve


def resampled(sound: Samples, from_hz: int, to_hz: int) -> Samples:
    """At another, lower rate: the spectrum is cut, with a soft edge, and the whole turned back."""
    if from_hz == to_hz:
        return sound
    count = sound.shape[1]
    wanted = -(-count * to_hz // from_hz)
    # A length of small factors at both rates keeps the transforms fast.
    unit = from_hz // int(np.gcd(from_hz, to_hz))
    size = unit * _smooth(-(-count // unit))
    smaller = size // unit * (to_hz * unit // from_hz)
    bins = smaller // 2 + 1
    edge = np.linspace(0.0, 1.0, bins)
    shape = np.clip((1.0 - edge) / 0.06, 0.0, 1.0).astype(np.float32)
    rows = []
    for channel in sound:
        spectrum = np.fft.rfft(channel, size)[:bins] * shape
        rows.append(
            np.fft.irfft(spectrum, smaller)[:wanted].astype(np.float32) * np.float32(smaller / size)
        )
    return np.stack(rows)


def _smooth(least: int) -> int:
    """The next number with no prime factor above five."""
    number = least
    while True:
        rest = number
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return number
        number += 1
