"""Parts apart: each brought to the level its energy asks for, strong ones wider and brighter.

What counts is what is heard at the end, so levels are planned through the master's limiter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.sketch.brightness import air_for, part_spectra
from pipeline.sketch.filters import drawn, filtered
from pipeline.sketch.loudness import FRAME, frame_energies
from pipeline.sketch.master import held_down
from pipeline.sketch.score import Part, Score
from pipeline.sketch.tones.modal import RATE_HZ, Samples

_DB_OF_ENERGY = 13.0  # between energy 0 and 1, after mastering
_MOST_DB = 10.0  # of correction, either way
_ROUNDS = 4
# Between those of mp3 at 64 and 256 kbit/s: a higher one leaves parts further apart.
_CEILING_DB = -3.7
_RAMP_S = 0.12
_WIDTHS = (0.9, 1.4)  # of the sides at energy 0.4 and below, and at 0.95
_AIR_FROM_HZ = 3200.0

Curve = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """Gains in dB, one a part of the score: of all, and of what lies above 3 kHz."""

    gains_db: tuple[float, ...]
    air_db: tuple[float, ...]


def planned(sound: Samples, score: Score) -> Lift:
    """The gains that bring parts as far apart as their energies are, in the mastered song.

    Colours the sound in place on the way: only ``raised`` is left to do.
    """
    spectra = part_spectra(sound, [_samples_of(part, score) for part in score.parts])
    weights = [part.ticks * part.energy_percent for part in score.parts]
    air = air_for(spectra, _strengths(score), weights, _shelf)
    return Lift(gains_db=_planned_gains(coloured(sound, air, score), score), air_db=air)


def _planned_gains(sound: Samples, score: Score) -> tuple[float, ...]:
    """Start from what plays, and mend what the limiter takes from the strong parts."""
    heard = frame_energies(sound, RATE_HZ)
    count = len(heard)
    framed = sound[:, : count * FRAME].reshape(2, count, FRAME)
    power = np.square(framed).sum(axis=(0, 2), dtype=np.float64)
    peaks = np.abs(framed).max(axis=(0, 2)).astype(np.float64)
    wanted = np.array([_DB_OF_ENERGY * part.energy_percent / 100.0 for part in score.parts])
    weights = np.array([part.ticks * part.energy_percent for part in score.parts], np.float64)
    gains = np.zeros(len(score.parts))
    mastered = power
    for _ in range(_ROUNDS):
        levels = np.array([_level_db(mastered, part, score) for part in score.parts])
        missing = wanted - levels
        gains = np.clip(gains + missing - np.average(missing, weights=weights), -_MOST_DB, _MOST_DB)
        curve = _curve(score, [10 ** (db / 20) for db in gains], count, RATE_HZ / FRAME)
        own = curve.astype(np.float64)
        own *= held_down(heard * own**2, peaks * own, _CEILING_DB, RATE_HZ)
        mastered = power * own**2
    return tuple(float(gain) for gain in gains)


def _level_db(power: Curve, part: Part, score: Score) -> float:
    start, end = _samples_of(part, score)
    frames = power[start // FRAME : max(end // FRAME, start // FRAME + 1)]
    mean = float(frames.mean()) / (2 * FRAME) if len(frames) else 0.0
    return 10.0 * float(np.log10(max(mean, 1e-8)))


def _samples_of(part: Part, score: Score) -> tuple[int, int]:
    second = score.seconds_per_tick * RATE_HZ
    return round(part.start * second), round((part.start + part.ticks) * second)


def _strengths(score: Score) -> list[float]:
    return [
        float(np.clip((part.energy_percent / 100.0 - 0.4) / 0.55, 0.0, 1.0)) for part in score.parts
    ]


def coloured(sound: Samples, air_db: tuple[float, ...], score: Score) -> Samples:
    """Air and width by part, in place; linear: it does to stems what it does to their sum."""
    samples = sound.shape[1]
    high = filtered(sound, _shelf_response, RATE_HZ, margin=4096)
    high *= _curve(score, [10 ** (db / 20) - 1.0 for db in air_db], samples, RATE_HZ)
    sound += high
    del high
    side = sound[0] - sound[1]
    side *= np.float32(0.5)
    side *= _curve(score, [_between(_WIDTHS, s) - 1.0 for s in _strengths(score)], samples, RATE_HZ)
    sound[0] += side
    sound[1] -= side
    return sound


def raised(sound: Samples, lift: Lift, score: Score) -> Samples:
    """The gain of each part, in place; linear as well."""
    sound *= _curve(score, [10 ** (db / 20) for db in lift.gains_db], sound.shape[1], RATE_HZ)
    return sound


def _between(ends: tuple[float, float], share: float) -> float:
    return ends[0] + (ends[1] - ends[0]) * share


def _shelf(f: npt.NDArray[np.float64]) -> Curve:
    """How much of a frequency belongs to the air."""
    ratio = (f / _AIR_FROM_HZ) ** 2
    return np.asarray(ratio / (1.0 + ratio))


def _shelf_response(f: npt.NDArray[np.float64]) -> npt.NDArray[np.complex128]:
    return _shelf(f).astype(np.complex128)


def _curve(score: Score, levels: list[float], count: int, a_second: float) -> Samples:
    """A level for each part with a short ramp before the next part's first beat."""
    at, values = [0.0], []
    for part, level in zip(score.parts, levels, strict=True):
        end_s = (part.start + part.ticks) * score.seconds_per_tick
        values += [level, level]
        at += [end_s - _RAMP_S, end_s - 0.01] if part is not score.parts[-1] else [end_s]
    return drawn(np.array(at) * a_second, np.array(values), count)
