"""Held sounds: pad, string section, organ. Two sides, each detuned in its own way."""

from __future__ import annotations

import numpy as np

from pipeline.sketch.tones.modal import Samples, attack, hertz, levelled, partials, ring

_ENDLESS_S = 1e6


def section(
    pitch: int, seconds: float, dice: np.random.Generator, *, is_synthetic: bool
) -> Samples:
    """Several saws a few cents apart: strings slow and bright, a pad slower and dark."""
    bright_hz = 950.0 if is_synthetic else 1900.0
    cents = (-9.0, -2.0, 7.0) if is_synthetic else (-6.0, 1.5, 5.0)
    sides = []
    for side in (-1.0, 1.0):
        frequencies, amplitudes = [], []
        for detune in cents:
            tuned = partials(pitch, highest_hz=7000.0, most=22) * 2.0 ** ((side * detune) / 1200.0)
            frequencies.append(tuned)
            amplitudes.append(np.exp(-tuned / bright_hz) / np.arange(1, len(tuned) + 1) ** 0.9)
        flat = np.concatenate(frequencies)
        phases = 2 * np.pi * dice.random(len(flat))
        sides.append(
            ring(flat, np.concatenate(amplitudes), np.full(len(flat), _ENDLESS_S), seconds, phases)
        )
    return levelled(attack(np.stack(sides), 0.35 if is_synthetic else 0.16))


def organ(pitch: int, seconds: float, dice: np.random.Generator) -> Samples:
    """Eight drawbars and the slow beating of a rotating horn."""
    ratios = np.array([0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0])
    drawn = np.array([0.5, 1.0, 0.35, 0.6, 0.22, 0.16, 0.06, 0.05])
    sides = []
    for beating in (0.9985, 1.0015):
        flat = np.concatenate([hertz(pitch) * ratios, hertz(pitch) * ratios * beating])
        phases = 2 * np.pi * dice.random(len(flat))
        sides.append(
            ring(
                flat,
                np.concatenate([drawn, 0.35 * drawn]),
                np.full(len(flat), _ENDLESS_S),
                seconds,
                phases,
            )
        )
    return levelled(attack(np.stack(sides), 0.02))


def brass(pitch: int, seconds: float, dice: np.random.Generator) -> Samples:
    """Horns in unison: bright at the attack, a lip's wobble, each a few cents off."""
    sides = []
    for side in (-1.0, 1.0):
        tuned = partials(pitch, highest_hz=8000.0, most=20) * 2.0 ** ((side * 4.0) / 1200.0)
        order = np.arange(1, len(tuned) + 1)
        levels = np.exp(-tuned / 2300.0) * (1.0 + 0.5 * np.exp(-(((tuned - 1100.0) / 600.0) ** 2)))
        phases = 2 * np.pi * dice.random(len(tuned))
        held = ring(
            tuned, np.asarray(levels / order**0.4), np.full(len(tuned), _ENDLESS_S), seconds, phases
        )
        bite = ring(
            tuned,
            np.asarray(levels),
            np.asarray(0.35 / (1.0 + 0.02 * order), np.float64),
            seconds,
            phases,
        )
        sides.append(held + np.float32(0.5) * bite)
    return levelled(attack(np.stack(sides), 0.028))


def choir(pitch: int, seconds: float, dice: np.random.Generator) -> Samples:
    """People on "ah": many detuned voices through the vowel's formants."""
    sides = []
    for side in (-1.0, 1.0):
        frequencies, amplitudes = [], []
        for cents in (-11.0, -4.0, 3.0, 9.0):
            tuned = partials(pitch, highest_hz=4500.0, most=20) * 2.0 ** ((side * cents) / 1200.0)
            shape = sum(
                gain * np.exp(-(((tuned - centre) / width) ** 2))
                for centre, width, gain in (
                    (720.0, 260.0, 1.0),
                    (1150.0, 260.0, 0.6),
                    (2700.0, 500.0, 0.15),
                )
            )
            frequencies.append(tuned)
            amplitudes.append((0.06 + shape) / np.sqrt(np.arange(1, len(tuned) + 1)))
        flat = np.concatenate(frequencies)
        phases = 2 * np.pi * dice.random(len(flat))
        sides.append(
            ring(flat, np.concatenate(amplitudes), np.full(len(flat), _ENDLESS_S), seconds, phases)
        )
    return levelled(attack(np.stack(sides), 0.12))
