"""Stems to a stereo mix: balance by measured level, dynamics by part, one hall for all."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.sketch.filters import convolved, drawn, filtered
from pipeline.sketch.genres import GENRES, Genre
from pipeline.sketch.instruments import dice_for, play_track
from pipeline.sketch.score import Score
from pipeline.sketch.tones.modal import RATE_HZ, Samples, falling

TAIL_S = 2.6  # what rings after the last bar
_BLOCK = 17640  # 0.4 s: the level of a stem is that of its loud blocks

# Level of a stem's loud blocks in dB, and how much of it goes to the hall.
_LEVELS: dict[str, tuple[float, float]] = {
    "lead": (-21.5, 0.20), "harmony": (-29.0, 0.30), "hook": (-22.5, 0.26), "kit": (-20.5, 0.07),
    "bass": (-20.5, 0.0), "chords": (-24.0, 0.13), "second": (-25.5, 0.14), "pad": (-29.5, 0.30),
}  # fmt: skip
# Dance music stands on its drums, chamber music beside them.
_KIT_DB = {
    Genre.ROCK: 1.5, Genre.HOUSE: 2.0, Genre.SYNTHWAVE: 1.5, Genre.SOUL: 1.0, Genre.LOFI: 1.0,
    Genre.JAZZ: -2.5, Genre.BALLAD: -1.5, Genre.AMBIENT: -4.0,
}  # fmt: skip
_DUCKED = frozenset({"pad", "chords", "second", "bass"})


def mix(score: Score, seed: bytes) -> Samples:
    """The song at 44,100 Hz with its hall, before mastering."""
    genre = GENRES[Genre(score.genre)]
    seconds = score.ticks * score.seconds_per_tick + TAIL_S
    samples = round(seconds * RATE_HZ)
    mixed = np.zeros((2, samples), np.float32)
    send = np.zeros((2, samples), np.float32)
    swell = _swell(score, samples)
    for track in score.tracks:
        stem = play_track(track, score, samples, seed, is_electronic=genre.is_electronic)
        if track.tone == "drive":
            stem = _driven(stem)
        if genre.is_electronic and track.role in _DUCKED:
            stem *= _duck(score, samples)
        level_db, wet = _LEVELS[track.role]
        if track.role == "kit":
            level_db += _KIT_DB.get(Genre(score.genre), 0.0)
        stem *= np.float32(10 ** (level_db / 20) / _loud_rms(stem))
        stem *= swell if track.role not in ("lead", "harmony") else np.sqrt(swell)
        mixed += stem
        send += stem * np.float32(wet * genre.reverb)
        del stem
    mixed += convolved(send, _hall(seed, 1.5 + 0.5 * genre.reverb))
    del send
    return _faded(_polished(mixed))


def _loud_rms(stem: Samples) -> float:
    blocks = max(1, stem.shape[1] // _BLOCK)
    length = min(_BLOCK, stem.shape[1])
    power = np.array(
        [float(np.square(stem[:, n * length : (n + 1) * length]).mean()) for n in range(blocks)]
    )
    loud = power[power > power.max() * 0.06]
    return float(np.sqrt(max(loud.mean() if len(loud) else 0.0, 1e-12)))


def _swell(score: Score, samples: int) -> Samples:
    """Gain over the song: quiet parts stay quiet, with a short ramp into each."""
    at, gain = [0.0], []
    for part in score.parts:
        level = 10 ** (-4.5 * (1.0 - min(100, part.energy_percent) / 100.0) / 20)
        end_s = (part.start + part.ticks) * score.seconds_per_tick
        gain += [level, level]
        at += [end_s - 0.12, end_s] if part is not score.parts[-1] else [end_s]
    return drawn(np.array(at) * RATE_HZ, np.array(gain), samples)


def _duck(score: Score, samples: int) -> Samples:
    """The breath of dance music: each kick pushes the rest down for a moment."""
    gain = np.ones(samples, np.float32)
    length = round(0.26 * RATE_HZ)
    dip = (1.0 - 0.5 * np.cos(np.linspace(0.0, np.pi / 2, length)) ** 2).astype(np.float32)
    for track in score.tracks:
        if track.role != "kit":
            continue
        for note in track.notes:
            if note.pitch == 36 and note.velocity > 70:
                start = round(note.start * score.seconds_per_tick * RATE_HZ)
                part = gain[start : start + length]
                np.minimum(part, dip[: len(part)], out=part)
    return gain


def _driven(stem: Samples) -> Samples:
    """A hot amplifier and the speaker before it."""
    hot = np.tanh(stem * np.float32(4.0 / (np.abs(stem).max() + 1e-9) * 2.2))
    return filtered(hot, lambda f: _band(f, 90.0, 4200.0), RATE_HZ, margin=8192)


def _band(f: npt.NDArray[np.float64], low_hz: float, high_hz: float) -> npt.NDArray[np.complex128]:
    low = 1j * f / (low_hz + 1j * f)
    high = 1.0 / (1.0 + 1j * f / high_hz)
    return np.asarray(low**2 * high**2)


def _hall(seed: bytes, seconds: float) -> Samples:
    """A room as noise that darkens while it fades, after 18 ms and a few early echoes."""
    dice = dice_for(seed, "hall")
    count = round(seconds * RATE_HZ)
    late = round(0.018 * RATE_HZ)
    impulse = np.zeros((2, count + late), np.float32)
    frequencies = np.fft.rfftfreq(count, 1.0 / RATE_HZ)
    for side in range(2):
        raw = np.fft.rfft(dice.standard_normal(count))
        for low_hz, high_hz, fall in (
            (180.0, 700.0, 1.0),
            (700.0, 2600.0, 0.85),
            (2600.0, 8000.0, 0.5),
        ):
            shape = (
                1.0
                / (1.0 + (low_hz / np.maximum(frequencies, 1.0)) ** 4)
                / (1.0 + (frequencies / high_hz) ** 4)
            )
            band = np.fft.irfft(raw * shape, count).astype(np.float32)
            impulse[side, late:] += band * falling(count, seconds * fall)
        for n in range(6):
            place = round((0.011 + 0.009 * n + 0.004 * dice.random()) * RATE_HZ)
            impulse[side, place] += np.float32(4.0 * 0.7**n * (1 if dice.random() < 0.5 else -1))
    return impulse / np.float32(np.sqrt(np.square(impulse).sum(axis=1).mean()))


def _polished(mixed: Samples) -> Samples:
    """No rumble, a little less mud, a little more air."""
    return filtered(mixed, _tilt, RATE_HZ)


def _tilt(f: npt.NDArray[np.float64]) -> npt.NDArray[np.complex128]:
    rumble = 1j * f / (26.0 + 1j * f)
    octaves = np.log2(np.maximum(f, 1.0) / 300.0)
    mud = 10 ** (-1.2 * np.exp(-((octaves / 0.8) ** 2)) / 20)
    air = 10 ** (5.5 / (1.0 + (3600.0 / np.maximum(f, 1.0)) ** 2) / 20)
    return np.asarray(rumble**2 * mud * air)


def _faded(mixed: Samples) -> Samples:
    """A start without a click, an end in silence."""
    mixed[:, :200] *= np.linspace(0.0, 1.0, 200, dtype=np.float32)
    count = min(mixed.shape[1], round((TAIL_S - 0.2) * RATE_HZ))
    mixed[:, -count:] *= np.square(np.cos(np.linspace(0.0, np.pi / 2, count))).astype(np.float32)
    return mixed
