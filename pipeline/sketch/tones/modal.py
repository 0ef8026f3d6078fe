"""Banks of decaying partials: the one way in which strings, bars, skins and pipes sound here."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]  # one channel, or two rows
RATE_HZ = 44100
_BLOCK = 512


def ring(
    frequencies_hz: npt.NDArray[np.float64],
    amplitudes: npt.NDArray[np.float64],
    decays_s: npt.NDArray[np.float64],
    seconds: float,
    phases: npt.NDArray[np.float64] | None = None,
) -> Samples:
    """The sum of damped sines; ``decays_s`` is the time a partial takes to fall by 60 dB.

    A sample is the product of its block's start and its place within the block, so the whole is
    one matrix product instead of a sine a sample.
    """
    audible = (frequencies_hz < 0.45 * RATE_HZ) & (np.abs(amplitudes) > 1e-5)
    pole = -6.9078 / decays_s[audible] + 2j * np.pi * frequencies_hz[audible]
    strength = amplitudes[audible] * np.exp(1j * (0.0 if phases is None else phases[audible]))
    count = max(1, round(seconds * RATE_HZ))
    blocks = -(-count // _BLOCK)
    starts = np.exp(np.outer(np.arange(blocks) * (_BLOCK / RATE_HZ), pole)) * strength
    places = np.exp(np.outer(pole, np.arange(_BLOCK) / RATE_HZ))
    # Its imaginary part alone, as one real product. einsum adds up by itself: a matrix library's
    # last bits depend on its threads, its version and the kernel that it takes for a processor.
    left = np.concatenate([starts.real, starts.imag], axis=1, dtype=np.float32)
    right = np.concatenate([places.imag, places.real], axis=0, dtype=np.float32)
    whole: Samples = np.einsum("bp,pn->bn", left, right)
    return whole.ravel()[:count]


def hertz(pitch: float) -> float:
    """The frequency of a MIDI pitch."""
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


def partials(
    pitch: int, *, highest_hz: float, most: int, stiffness: float = 0.0
) -> npt.NDArray[np.float64]:
    """The frequencies of a string's partials, stretched by its stiffness."""
    count = int(max(1, min(most, highest_hz / hertz(pitch))))
    order = np.arange(1, count + 1, dtype=np.float64)
    return hertz(pitch) * order * np.sqrt(1.0 + stiffness * order**2)


def attack(sound: Samples, seconds: float) -> Samples:
    """Fade a sound in, in place, along a raised cosine."""
    count = min(sound.shape[-1], max(1, round(seconds * RATE_HZ)))
    sound[..., :count] *= (0.5 - 0.5 * np.cos(np.pi * np.arange(count) / count)).astype(np.float32)
    return sound


def levelled(sound: Samples) -> Samples:
    """The sound with the strongest 50 ms at an RMS of 0.1: instruments become comparable."""
    mono = sound if sound.ndim == 1 else sound.mean(axis=0)
    block = min(len(mono), 2205)
    power = np.square(mono[: len(mono) // block * block]).reshape(-1, block).mean(axis=1)
    gain = np.float32(0.1 / np.sqrt(max(float(power.max()), 1e-12)))
    return np.asarray(sound * gain, np.float32)


def noise(count: int, generator: np.random.Generator, low_hz: float, high_hz: float) -> Samples:
    """White noise between two frequencies, with soft shoulders."""
    # A power of two: the transform of a prime length takes thirty times as long.
    size = 1 << max(1, count - 1).bit_length()
    spectrum = np.fft.rfft(generator.standard_normal(size, np.float32))
    frequencies = np.fft.rfftfreq(size, 1.0 / RATE_HZ)
    shape = 1.0 / (1.0 + (low_hz / np.maximum(frequencies, 1.0)) ** 4)
    shape /= 1.0 + (frequencies / high_hz) ** 4
    return np.fft.irfft(spectrum * shape.astype(np.float32), size)[:count].astype(np.float32)


def falling(count: int, seconds: float) -> Samples:
    """An exponential fall of 60 dB in the given time."""
    fall = np.exp(np.arange(count) * (-6.9078 / (seconds * RATE_HZ)))
    return np.asarray(fall, np.float32)
