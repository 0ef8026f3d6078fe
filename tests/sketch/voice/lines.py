"""Lines to sing, and an ear for pitch that shares nothing with the voice."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.sketch.voice.singer import SungLine, SungNote
from pipeline.sketch.voice.syllables import Syllable, syllables

TEXT = "Golden leaves are falling on the river"


def line(
    text: str = TEXT, pitches: tuple[int, ...] = (60, 62, 64, 65, 64, 62), seconds: float = 0.4
) -> tuple[tuple[SungNote, ...], tuple[Syllable, ...]]:
    """A note for each syllable, one after the other, from second 2."""
    parts = syllables(text)
    notes = tuple(
        SungNote(
            start_s=2.0 + seconds * index,
            seconds=seconds,
            pitch=pitches[index % len(pitches)],
            velocity=90,
            syllable=index,
        )
        for index in range(len(parts))
    )
    return notes, parts


def part(sung: SungLine, notes: tuple[SungNote, ...], start_s: float, end_s: float) -> Samples:
    """The sound between two of the score's times."""
    zero = sung.lead_s - notes[0].start_s
    return sung.samples[round((start_s + zero) * 44100) : round((end_s + zero) * 44100)]


Samples = npt.NDArray[np.float32]


def heard_hz(sound: Samples) -> float:
    """The fundamental of a steady sound, by its autocorrelation; 0 where there is none."""
    wave = (sound - sound.mean()) * np.hanning(len(sound))
    size = 1 << (2 * len(wave)).bit_length()
    power = np.abs(np.fft.rfft(wave, size)) ** 2
    power[int(2500 * size / 44100) :] = 0.0
    shape = np.fft.irfft(power)
    window = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(len(sound)), size)) ** 2)
    low, high = 44100 // 700, min(44100 // 70, len(sound) // 2)
    ratio = shape[: high + 2] / window[: high + 2] / (shape[0] / window[0])
    best = ratio[low:high].max()
    if best < 0.4:
        return 0.0
    lags = np.arange(low, high)
    peaks = (ratio[low:high] >= ratio[low - 1 : high - 1]) & (
        ratio[low:high] >= ratio[low + 1 : high + 1]
    )
    lag = int(lags[peaks & (ratio[low:high] > 0.9 * best)][0])
    left, middle, right = ratio[lag - 1 : lag + 2]
    return float(44100 / (lag + 0.5 * (left - right) / (left - 2 * middle + right)))


def cents_off(sung: SungLine, notes: tuple[SungNote, ...]) -> list[float]:
    """How far each note's middle is from its pitch; 9999 where no pitch is heard."""
    errors = []
    for note in notes:
        middle = part(
            sung, notes, note.start_s + 0.3 * note.seconds, note.start_s + 0.6 * note.seconds
        )
        hertz = heard_hz(middle)
        wanted = 440.0 * 2 ** ((note.pitch - 69) / 12)
        errors.append(1200 * float(np.log2(hertz / wanted)) if hertz else 9999.0)
    return errors


def periodicity(sound: Samples, pitch: int) -> float:
    """How much of a sound returns after a period near the pitch's: 1 all of it, 0 none."""
    period = 44100 / (440.0 * 2 ** ((pitch - 69) / 12))
    best = 0.0
    for lag in range(int(period * 0.97), int(period * 1.03) + 2):
        one, other = sound[:-lag].astype(np.float64), sound[lag:].astype(np.float64)
        best = max(best, float((one * other).sum() / np.sqrt((one**2).sum() * (other**2).sum())))
    return best
