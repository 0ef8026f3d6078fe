"""Plucked and struck strings and tines: guitars, pianos, basses, the synthesiser's pluck."""

from __future__ import annotations

import numpy as np

from pipeline.sketch.tones.modal import (
    RATE_HZ,
    Samples,
    attack,
    falling,
    hertz,
    levelled,
    noise,
    partials,
    ring,
)


def guitar(pitch: int, softness: float, dice: np.random.Generator, *, steel: float) -> Samples:
    """A string plucked near a fifth of its length on a wooden body; ``steel`` 0-1 is brighter."""
    frequencies = partials(pitch, highest_hz=9000.0, most=38, stiffness=4e-5)
    order = np.arange(1, len(frequencies) + 1)
    place = 0.19 + 0.02 * dice.random()
    amplitudes = np.abs(np.sin(np.pi * order * place)) / order ** (1.25 - 0.25 * steel)
    amplitudes *= np.exp(-frequencies / (2000.0 + 3200.0 * steel) * (0.7 + 0.9 * softness))
    # The body's two broad resonances.
    for centre_hz, gain in ((110.0, 0.6), (220.0, 0.8), (420.0, 0.35)):
        amplitudes *= 1.0 + gain * np.exp(-((np.log2(frequencies / centre_hz) / 0.35) ** 2))
    longest = 4.2 * (110.0 / hertz(pitch)) ** 0.35
    decays = longest / (1.0 + 0.16 * order + (frequencies / 2600.0) ** 1.5)
    sound = ring(frequencies, amplitudes, np.maximum(decays, 0.06), min(3.5, longest))
    pick = noise(1800, dice, 900.0, 5200.0) * falling(1800, 0.03)
    sound[:1800] += pick * np.float32(
        0.12 * np.abs(sound[:4000]).max() / (np.abs(pick).max() + 1e-9)
    )
    return levelled(attack(sound, 0.0012))


def piano(pitch: int, softness: float, dice: np.random.Generator) -> Samples:
    """Two strings a hair apart for each note, a felt hammer whose hardness follows the velocity."""
    frequencies = partials(
        pitch, highest_hz=8500.0, most=34, stiffness=1.2e-4 * 2 ** ((pitch - 48) / 14)
    )
    order = np.arange(1, len(frequencies) + 1)
    amplitudes = np.abs(np.sin(np.pi * order / 8.3)) / order**0.9
    amplitudes *= np.exp(-frequencies / (3400.0 - 1900.0 * softness))
    longest = min(9.0, 9.0 * (130.0 / hertz(pitch)) ** 0.6)
    decays = longest / (1.0 + 0.22 * order + (frequencies / 3000.0) ** 1.3)
    apart = 1.0 + 0.00045 * (1.0 + 0.3 * dice.random())
    both = np.concatenate([frequencies, frequencies * apart])
    sound = ring(
        both, np.concatenate([amplitudes, 0.75 * amplitudes]),
        np.concatenate([decays * 0.6, decays]), min(5.0, longest),
    )  # fmt: skip
    knock = noise(2600, dice, 120.0, 1400.0) * falling(2600, 0.045)
    sound[:2600] += knock * np.float32(
        0.10 * np.abs(sound[:4000]).max() / (np.abs(knock).max() + 1e-9)
    )
    return levelled(attack(sound, 0.0025))


def epiano(pitch: int, softness: float) -> Samples:
    """A tine: a round tone, a bell that dies fast, a slow tremolo from side to side."""
    base = hertz(pitch)
    ratios = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 7.02, 14.1])
    bell = 1.0 - 0.75 * softness
    amplitudes = np.array([1.0, 0.34, 0.13 * bell, 0.07 * bell, 0.03, 0.10 * bell, 0.07 * bell])
    decays = np.array([4.5, 3.0, 1.8, 1.2, 0.9, 0.35, 0.12]) * (220.0 / base) ** 0.3
    mono = levelled(
        attack(ring(base * ratios, amplitudes, decays, min(4.0, float(decays[0]))), 0.002)
    )
    sway = (0.22 * np.sin(2 * np.pi * 4.6 * np.arange(len(mono)) / RATE_HZ)).astype(np.float32)
    return np.stack([mono * (1 + sway), mono * (1 - sway)])


def pluck(pitch: int, softness: float) -> Samples:
    """A saw through a filter that closes: high partials die first. Two detuned, left and right."""
    sides = []
    for cents in (-5.0, 6.0):
        frequencies = partials(pitch, highest_hz=9500.0, most=40) * 2.0 ** (cents / 1200.0)
        order = np.arange(1, len(frequencies) + 1)
        amplitudes = 1.0 / order * np.exp(-frequencies / (5200.0 - 2600.0 * softness))
        decays = 0.9 / (1.0 + 0.22 * (order - 1))
        sides.append(ring(frequencies, amplitudes, np.maximum(decays, 0.05), 1.0))
    return levelled(attack(np.stack(sides), 0.002))


_BASSES: dict[str, tuple[float, float, float, float]] = {
    # roll-off of the partials, brightness in hertz, decay of the first in s, click
    "finger": (1.25, 900.0, 3.2, 0.05), "pick": (1.05, 1900.0, 2.8, 0.16),
    "upright": (1.5, 620.0, 1.5, 0.09), "synth": (1.0, 1100.0, 6.0, 0.0),
    "sub": (2.2, 420.0, 7.0, 0.0),
}  # fmt: skip


def bass(pitch: int, softness: float, dice: np.random.Generator, kind: str) -> Samples:
    """A bass string or its synthetic cousin, always with a firm first partial."""
    steep, bright_hz, longest, click = _BASSES[kind]
    frequencies = partials(pitch, highest_hz=4000.0, most=28, stiffness=2e-5 if click else 0.0)
    order = np.arange(1, len(frequencies) + 1, dtype=np.float64)
    amplitudes = 1.0 / order**steep * np.exp(-frequencies / (bright_hz * (1.25 - 0.6 * softness)))
    amplitudes[0] *= 1.15
    decays = longest / (1.0 + (0.28 if click else 0.55) * (order - 1))
    sound = ring(frequencies, amplitudes, np.maximum(decays, 0.08), min(3.2, longest))
    if click:
        tap = noise(1500, dice, 500.0, 2600.0) * falling(1500, 0.025)
        sound[:1500] += tap * np.float32(
            click * np.abs(sound[:3000]).max() / (np.abs(tap).max() + 1e-9)
        )
    return levelled(attack(sound, 0.004))


def clav(pitch: int, softness: float, dice: np.random.Generator) -> Samples:
    """A string hit by rubber under a bright pickup: short and nasal."""
    frequencies = partials(pitch, highest_hz=7500.0, most=30)
    order = np.arange(1, len(frequencies) + 1)
    amplitudes = np.abs(np.sin(np.pi * order * 0.11)) / order**0.6
    amplitudes *= np.exp(-frequencies / (3800.0 - 1800.0 * softness))
    decays = 1.3 / (1.0 + 0.12 * order)
    sound = ring(frequencies, amplitudes, np.maximum(decays, 0.05), 1.0)
    tap = noise(700, dice, 1200.0, 6000.0) * falling(700, 0.01)
    sound[:700] += tap * np.float32(0.2 * np.abs(sound).max() / (np.abs(tap).max() + 1e-9))
    return levelled(attack(sound, 0.001))


def bell(pitch: int, softness: float) -> Samples:
    """A struck bar: its own uneven partials, the high ones gone at once."""
    base = hertz(pitch)
    ratios = np.array([1.0, 2.0, 3.93, 5.4, 9.1])
    amplitudes = np.array([1.0, 0.2, 0.32, 0.1, 0.09]) * (1.0 - 0.5 * softness) ** np.arange(5)
    decays = np.array([3.4, 2.2, 1.1, 0.7, 0.25]) * (440.0 / base) ** 0.3
    left = ring(base * ratios, amplitudes, decays, 3.2)
    right = ring(base * ratios * 1.0009, amplitudes, decays, 3.2)
    return levelled(attack(np.stack([left, right]), 0.0015))


def stab(pitch: int, softness: float) -> Samples:
    """A short chord of a house organ: few partials, firm attack."""
    base = hertz(pitch)
    sides = []
    for cents in (-4.0, 4.0):
        ratios = np.array([1.0, 2.0, 3.0, 4.0, 6.0, 8.0]) * 2.0 ** (cents / 1200.0)
        amplitudes = np.array([1.0, 0.7, 0.45, 0.3, 0.18, 0.1]) * (1.0 - 0.3 * softness)
        sides.append(ring(base * ratios, amplitudes, np.array([1.1, 0.9, 0.7, 0.5, 0.4, 0.3]), 0.9))
    return levelled(attack(np.stack(sides), 0.003))
