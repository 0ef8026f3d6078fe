"""Parts apart: each brought to the level its energy asks for, strong ones wider and brighter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.sketch.filters import drawn, filtered
from pipeline.sketch.score import Part, Score
from pipeline.sketch.tones.modal import RATE_HZ, Samples

_DB_OF_ENERGY = 13.0  # between energy 0 and 1
_MOST_DB = 9.0  # of correction, either way
_RAMP_S = 0.12
_WIDTHS = (0.9, 1.4)  # of the sides at energy 0.4 and below, and at 0.95
_AIR_DB = (-2.5, 4.0)  # of what lies above, against the song's own average
_MOST_AIR_DB = 7.0
_AIR_FROM_HZ = 3200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """Gains in dB, one a part of the score: of all, and of what lies above 3 kHz."""

    gains_db: tuple[float, ...]
    air_db: tuple[float, ...]


def planned(sound: Samples, score: Score) -> Lift:
    """The gains that bring parts as far apart as their energies are."""
    air = _planned_air(sound, score)
    aired = _aired(sound, air, score)
    levels = [_level_db(aired, part, score) for part in score.parts]
    wanted = [_DB_OF_ENERGY * part.energy_percent / 100.0 for part in score.parts]
    offset = _average([a - b for a, b in zip(levels, wanted, strict=True)], score)
    gains = [
        float(np.clip(want + offset - level, -_MOST_DB, _MOST_DB))
        for level, want in zip(levels, wanted, strict=True)
    ]
    return Lift(gains_db=tuple(gains), air_db=air)


def _planned_air(sound: Samples, score: Score) -> tuple[float, ...]:
    """The gain above 3 kHz that makes strong parts the brighter ones, whatever plays in them."""
    middle = sound.mean(axis=0, keepdims=True)
    high = filtered(middle, _above, RATE_HZ, margin=4096)
    shares = [_level_db(high, part, score) - _level_db(middle, part, score) for part in score.parts]
    usual = _average(shares, score)
    return tuple(
        float(np.clip(usual + _between(_AIR_DB, strong) - share, -_MOST_AIR_DB, _MOST_AIR_DB))
        for share, strong in zip(shares, _strengths(score), strict=True)
    )


def _average(levels: list[float], score: Score) -> float:
    weights = [part.ticks * part.energy_percent for part in score.parts]
    return sum(a * w for a, w in zip(levels, weights, strict=True)) / max(1, sum(weights))


def _strengths(score: Score) -> list[float]:
    return [
        float(np.clip((part.energy_percent / 100.0 - 0.4) / 0.55, 0.0, 1.0)) for part in score.parts
    ]


def _aired(sound: Samples, air_db: tuple[float, ...], score: Score) -> Samples:
    high = filtered(sound, _above, RATE_HZ, margin=4096)
    high *= _curve(score, [10 ** (db / 20) - 1.0 for db in air_db], sound.shape[1])
    high += sound
    return high


def lifted(sound: Samples, lift: Lift, score: Score) -> Samples:
    """Gain, width and air by part; linear, so that it does to stems what it does to their sum."""
    samples = sound.shape[1]
    sound = _aired(sound, lift.air_db, score)
    side = (sound[0] - sound[1]) * np.float32(0.5)
    side *= _curve(score, [_between(_WIDTHS, s) - 1.0 for s in _strengths(score)], samples)
    sound[0] += side
    sound[1] -= side
    sound *= _curve(score, [10 ** (db / 20) for db in lift.gains_db], samples)
    return sound


def _between(ends: tuple[float, float], share: float) -> float:
    return ends[0] + (ends[1] - ends[0]) * share


def _level_db(sound: Samples, part: Part, score: Score) -> float:
    start, end = (
        round(tick * score.seconds_per_tick * RATE_HZ)
        for tick in (part.start, part.start + part.ticks)
    )
    power = float(np.square(sound[:, start:end]).mean()) if end > start else 0.0
    return 10.0 * float(np.log10(max(power, 1e-8)))


def _above(
    f: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> np.ndarray[tuple[int], np.dtype[np.complex128]]:
    ratio = (f / _AIR_FROM_HZ) ** 2
    return np.asarray(ratio / (1.0 + ratio), np.complex128)


def _curve(score: Score, levels: list[float], samples: int) -> Samples:
    """A level for each part with a short ramp before the next part's first beat."""
    at, values = [0.0], []
    for part, level in zip(score.parts, levels, strict=True):
        end_s = (part.start + part.ticks) * score.seconds_per_tick
        values += [level, level]
        at += [end_s - _RAMP_S, end_s - 0.01] if part is not score.parts[-1] else [end_s]
    return drawn(np.array(at) * RATE_HZ, np.array(values), samples)
