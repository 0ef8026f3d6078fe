"""The drum kit: a few modes and shaped noise a piece, no two strokes quite alike."""

from __future__ import annotations

import numpy as np

from pipeline.sketch.patterns import grooves as drums
from pipeline.sketch.tones.modal import RATE_HZ, Samples, attack, falling, noise, ring

STROKES = 3

# Peak level of a piece, and its place from left (-1) to right (1).
LEVELS: dict[int, tuple[float, float]] = {
    drums.KICK: (0.95, 0.0), drums.SNARE: (0.62, 0.05), drums.RIM: (0.34, 0.12),
    drums.CLAP: (0.5, 0.0),
    drums.HAT: (0.3, 0.32), drums.PEDAL: (0.2, 0.32), drums.OPEN: (0.26, 0.32),
    drums.CRASH: (0.34, -0.4), drums.RIDE: (0.17, -0.35), drums.SHAKER: (0.24, -0.3),
    drums.TAMBOURINE: (0.2, 0.4), drums.CONGA_HIGH: (0.36, -0.45), drums.CONGA_LOW: (0.4, -0.35),
    drums.COWBELL: (0.16, 0.25),
    drums.TOM_LOW: (0.6, -0.3), drums.TOM_MID: (0.56, 0.0), drums.TOM_HIGH: (0.52, 0.3),
}  # fmt: skip


def piece(drum: int, dice: np.random.Generator, *, is_electronic: bool) -> Samples:
    """One stroke of a piece, its peak at the piece's level."""
    if drum == drums.KICK:
        sound = _kick(dice, is_electronic=is_electronic)
    elif drum == drums.SNARE:
        sound = _snare(dice, is_electronic=is_electronic)
    elif drum == drums.RIM:
        sound = _struck(dice, (820.0, 1740.0, 2420.0), (1.0, 0.7, 0.4), 0.06, hiss=0.25)
    elif drum == drums.CLAP:
        sound = _clap(dice)
    elif drum in (drums.TOM_LOW, drums.TOM_MID, drums.TOM_HIGH):
        sound = _tom({drums.TOM_LOW: 82.0, drums.TOM_MID: 112.0, drums.TOM_HIGH: 150.0}[drum], dice)
    elif drum in (drums.CONGA_HIGH, drums.CONGA_LOW):
        base_hz = 330.0 if drum == drums.CONGA_HIGH else 215.0
        sound = _struck(
            dice, (base_hz, 1.6 * base_hz, 2.4 * base_hz), (1.0, 0.4, 0.2), 0.16, hiss=0.1
        )
    elif drum == drums.COWBELL:
        sound = _struck(dice, (540.0, 800.0, 1620.0), (1.0, 0.8, 0.2), 0.09, hiss=0.02)
    elif drum == drums.TAMBOURINE:
        sound = attack(noise(6000, dice, 7000.0, 13000.0) * falling(6000, 0.14), 0.004)
    elif drum == drums.SHAKER:
        sound = attack(noise(5200, dice, 5200.0, 12000.0) * falling(5200, 0.11), 0.018)
    else:
        sound = _cymbal(drum, dice)
    level = np.float32(LEVELS[drum][0] / (np.abs(sound).max() + 1e-9))
    return attack(sound * level, 0.0004)


def _kick(dice: np.random.Generator, *, is_electronic: bool) -> Samples:
    count = 20000 if is_electronic else 15000
    time = np.arange(count) / RATE_HZ
    low_hz, sweep_hz = (46.0, 190.0) if is_electronic else (54.0, 120.0)
    phase = 2 * np.pi * (low_hz * time + sweep_hz * 0.03 * (1 - np.exp(-time / 0.03)))
    body = (np.sin(phase) * np.exp(-time * (9.0 if is_electronic else 15.0))).astype(np.float32)
    body[:900] += noise(900, dice, 1500.0, 6000.0) * falling(900, 0.012) * np.float32(0.25)
    fade = np.minimum(1.0, (count - np.arange(count)) / 2000.0).astype(np.float32)
    return attack(body * fade, 0.0008)


def _snare(dice: np.random.Generator, *, is_electronic: bool) -> Samples:
    count = 12000
    pitch = 1.0 + 0.012 * dice.standard_normal()
    shell = ring(
        pitch * np.array([184.0, 330.0, 465.0]), np.array([1.0, 0.55, 0.25]),
        np.array([0.22, 0.16, 0.1]), count / RATE_HZ,
    )  # fmt: skip
    wires = noise(count, dice, 1700.0, 9500.0) * falling(count, 0.28 if is_electronic else 0.22)
    wires += noise(count, dice, 500.0, 2500.0) * falling(count, 0.1) * np.float32(0.5)
    return attack(shell * np.float32(0.75) + wires * np.float32(1.1 / np.abs(wires).max()), 0.0006)


def _clap(dice: np.random.Generator) -> Samples:
    count = 11000
    body = noise(count, dice, 900.0, 5200.0)
    shape = falling(count, 0.22) * np.float32(0.75)
    for late in (0, 440, 900):
        shape[late:] += falling(count - late, 0.02)
    return body * shape


def _struck(
    dice: np.random.Generator,
    modes_hz: tuple[float, ...],
    levels: tuple[float, ...],
    seconds: float,
    hiss: float,
) -> Samples:
    count = 4000
    spread = 1.0 + 0.01 * dice.standard_normal()
    body = ring(
        spread * np.array(modes_hz),
        np.array(levels),
        np.full(len(levels), seconds),
        count / RATE_HZ,
    )
    return body + noise(count, dice, 1500.0, 8000.0) * falling(count, 0.02) * np.float32(hiss)


def _tom(base_hz: float, dice: np.random.Generator) -> Samples:
    count = 24000
    time = np.arange(count) / RATE_HZ
    phase = 2 * np.pi * base_hz * (time + 0.012 * (1 - np.exp(-time / 0.04)))
    body = (np.sin(phase) + 0.3 * np.sin(1.59 * phase)) * np.exp(-time * 9.0)
    skin = noise(count, dice, 400.0, 3000.0) * falling(count, 0.06) * np.float32(0.5)
    return attack(body.astype(np.float32) + skin, 0.001)


_CYMBALS: dict[int, tuple[int, float, float, float]] = {
    # samples, fall in s, lowest hertz, share of tuned modes
    drums.HAT: (4200, 0.075, 6800.0, 0.35), drums.PEDAL: (3600, 0.06, 5200.0, 0.25),
    drums.OPEN: (20000, 0.45, 6200.0, 0.35), drums.CRASH: (88000, 1.9, 3200.0, 0.3),
    drums.RIDE: (44000, 1.1, 4200.0, 0.7),
}  # fmt: skip


def _cymbal(drum: int, dice: np.random.Generator) -> Samples:
    count, seconds, low_hz, tuned = _CYMBALS[drum]
    wash = noise(count, dice, low_hz, 13500.0) * falling(count, seconds)
    modes = np.sort(low_hz * (0.75 + 1.9 * dice.random(14)))
    bell = ring(
        modes, np.full(14, 1.0), np.full(14, seconds * 0.8), count / RATE_HZ, 6.28 * dice.random(14)
    )
    level = np.float32(tuned * np.abs(wash).max() / (np.abs(bell).max() + 1e-9))
    return attack(wash + bell * level, 0.0006 if drum != drums.CRASH else 0.004)
