"""The lead: one line with glides and vibrato, as a sung vowel, a flute, a fiddle or a synth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pipeline.sketch.prompt import Lead
from pipeline.sketch.tones.modal import RATE_HZ, Samples, attack, noise

_FRAME = 128  # samples between two values of pitch, loudness and colour

# Formants in hertz with their levels, for a woman's voice.
_VOWELS: dict[str, tuple[tuple[float, float], ...]] = {
    "a": ((820.0, 1.0), (1250.0, 0.55), (2850.0, 0.16), (3800.0, 0.06)),
    "e": ((560.0, 1.0), (1900.0, 0.30), (2750.0, 0.18), (3800.0, 0.06)),
    "i": ((390.0, 1.0), (2250.0, 0.20), (3000.0, 0.16), (3900.0, 0.05)),
    "o": ((520.0, 1.0), (920.0, 0.50), (2700.0, 0.08), (3700.0, 0.04)),
    "u": ((400.0, 1.0), (820.0, 0.32), (2600.0, 0.06), (3600.0, 0.03)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadNote:
    """A note of the line, in seconds from the phrase's start."""

    start_s: float
    seconds: float
    pitch: int
    velocity: int
    vowel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Voice:
    """How a lead behaves: glide and attack in s, vibrato in semitones, breath, its partials."""

    glide_s: float
    attack_s: float
    vibrato: float
    breath: float
    partials: int


_VOICES: dict[Lead, _Voice] = {
    Lead.HIGH_VOICE: _Voice(glide_s=0.055, attack_s=0.05, vibrato=0.28, breath=0.05, partials=20),
    Lead.LOW_VOICE: _Voice(glide_s=0.06, attack_s=0.05, vibrato=0.22, breath=0.04, partials=28),
    Lead.FLUTE: _Voice(glide_s=0.025, attack_s=0.045, vibrato=0.16, breath=0.10, partials=7),
    Lead.STRINGS: _Voice(glide_s=0.045, attack_s=0.07, vibrato=0.26, breath=0.03, partials=22),
    Lead.CHOIR: _Voice(glide_s=0.06, attack_s=0.06, vibrato=0.2, breath=0.06, partials=20),
    Lead.GUITAR: _Voice(glide_s=0.03, attack_s=0.006, vibrato=0.2, breath=0.0, partials=24),
    Lead.ORGAN: _Voice(glide_s=0.012, attack_s=0.012, vibrato=0.1, breath=0.0, partials=8),
    Lead.BRASS: _Voice(glide_s=0.03, attack_s=0.035, vibrato=0.16, breath=0.02, partials=18),
    Lead.SYNTH: _Voice(glide_s=0.03, attack_s=0.012, vibrato=0.12, breath=0.0, partials=22),
}


def sing(notes: Sequence[LeadNote], lead: Lead, dice: np.random.Generator) -> Samples:
    """One phrase as one line; its tail of 0.3 s included."""
    voice = _VOICES[lead]
    seconds = max(note.start_s + note.seconds for note in notes) + 0.3
    frames = int(seconds * RATE_HZ / _FRAME) + 2
    time = np.arange(frames, dtype=np.float64) * (_FRAME / RATE_HZ)
    pitch = _pitch_curve(notes, time, voice, dice)
    loudness = _loudness_curve(notes, time, voice)
    colours = _colours(notes, time, pitch, lead, voice)
    count = (frames - 1) * _FRAME
    line = _sum_of_partials(pitch, colours, count)
    level = _stretched(loudness, count)
    if voice.breath:
        air = noise(count, dice, 1200.0 if lead is Lead.FLUTE else 2500.0, 7000.0)
        line += air * np.float32(voice.breath / (air.std() + 1e-9) * 0.1)
    line *= level
    return attack(line, 0.004)


def _pitch_curve(
    notes: Sequence[LeadNote],
    time: npt.NDArray[np.float64],
    voice: _Voice,
    dice: np.random.Generator,
) -> npt.NDArray[np.float64]:
    curve = np.full(len(time), float(notes[0].pitch))
    for before, note in pairwise(notes):
        # The glide is done a moment after the beat: the new pitch belongs to its note.
        step = (time - note.start_s + 0.02) / voice.glide_s
        curve += (note.pitch - before.pitch) / (1.0 + np.exp(-6.0 * np.clip(step - 0.5, -8, 8)))
    depth = np.zeros(len(time))
    for note in notes:
        if note.seconds > 0.38:
            into = (time - note.start_s - 0.22) / 0.35
            inside = (time >= note.start_s) & (time < note.start_s + note.seconds + 0.05)
            depth += np.where(inside, np.clip(into, 0.0, 1.0), 0.0)
    rate_hz = 5.3 + 0.3 * dice.random()
    curve += voice.vibrato * depth * np.sin(2 * np.pi * rate_hz * time + 6.28 * dice.random())
    knots = np.arange(0.0, time[-1] + 0.6, 0.3)
    drift = np.interp(time, knots, 0.05 * dice.standard_normal(len(knots)))
    return curve + drift


def _loudness_curve(
    notes: Sequence[LeadNote], time: npt.NDArray[np.float64], voice: _Voice
) -> npt.NDArray[np.float64]:
    curve = np.zeros(len(time))
    for note in notes:
        rise = np.clip((time - note.start_s + 0.01) / voice.attack_s, 0.0, 1.0)
        fall = np.clip((note.start_s + note.seconds - time) / 0.09 + 1.0, 0.0, 1.0)
        swell = 0.82 + 0.18 * np.sin(
            np.pi * np.clip((time - note.start_s) / max(0.2, note.seconds), 0, 1)
        )
        level = (note.velocity / 100.0) ** 1.3
        curve = np.maximum(curve, level * swell * np.sin(0.5 * np.pi * np.minimum(rise, fall)))
    # A consonant's dip before each note of a line that would else be one long vowel.
    for note in notes[1:]:
        curve *= 1.0 - 0.45 * np.exp(-(((time - note.start_s + 0.012) / 0.018) ** 2))
    return curve


def _colours(
    notes: Sequence[LeadNote],
    time: npt.NDArray[np.float64],
    pitch: npt.NDArray[np.float64],
    lead: Lead,
    voice: _Voice,
) -> npt.NDArray[np.float64]:
    """The level of each partial (rows) at each frame (columns), their power summing to one."""
    order = np.arange(1, voice.partials + 1)[:, None]
    frequencies = order * (440.0 * 2.0 ** ((pitch - 69.0) / 12.0))[None, :]
    match lead:
        case Lead.HIGH_VOICE | Lead.LOW_VOICE | Lead.CHOIR:
            warp = 0.86 if lead is Lead.LOW_VOICE else 1.0
            levels = _vowel_levels(notes, time, frequencies / warp) / order**0.5
        case Lead.FLUTE:
            shape = np.array([1.0, 0.42, 0.22, 0.08, 0.05, 0.025, 0.012])[:, None]
            levels = shape * np.exp(-frequencies / 6000.0)
        case Lead.GUITAR:
            levels = np.exp(-((frequencies / 3200.0) ** 2)) / order**0.55
        case Lead.ORGAN:
            shape = np.array([1.0, 0.55, 0.4, 0.3, 0.1, 0.16, 0.05, 0.1])[:, None]
            levels = shape * np.exp(-frequencies / 7000.0)
        case Lead.BRASS:
            horn = 1.0 + 1.2 * np.exp(-(((frequencies - 1200.0) / 700.0) ** 2))
            levels = horn * np.exp(-frequencies / 2600.0) / order**0.35
        case Lead.STRINGS:
            body = 1.0 + 0.8 * np.exp(-((np.log2(frequencies / 480.0) / 0.4) ** 2))
            levels = body * np.exp(-frequencies / 3600.0) / order**0.9
        case _:
            levels = np.exp(-frequencies / 2600.0) / order
    levels = levels * (frequencies < 0.42 * RATE_HZ)
    return np.asarray(0.2 * levels / np.sqrt(np.square(levels).sum(axis=0, keepdims=True)))


def _vowel_levels(
    notes: Sequence[LeadNote], time: npt.NDArray[np.float64], frequencies: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    formants = np.array([[_VOWELS[n.vowel or "u"][f] for f in range(4)] for n in notes])
    at = np.array([note.start_s + 0.5 * min(note.seconds, 0.16) for note in notes])
    envelope = np.full(frequencies.shape, 0.012)
    for row, width in enumerate((0.16, 0.12, 0.09, 0.09)):
        centre = np.interp(time, at, formants[:, row, 0])
        gain = np.interp(time, at, formants[:, row, 1])
        distance = np.log2(frequencies / centre[None, :]) / (2.2 * width)
        envelope += gain[None, :] / (1.0 + distance**2 * 4.0)
    return envelope


def _sum_of_partials(
    pitch: npt.NDArray[np.float64], colours: npt.NDArray[np.float64], count: int
) -> Samples:
    frequency = _stretched(440.0 * 2.0 ** ((pitch - 69.0) / 12.0), count).astype(np.float64)
    phase = np.cumsum(frequency) * (2 * np.pi / RATE_HZ)
    turn = np.exp(1j * np.mod(phase, 2 * np.pi)).astype(np.complex64)
    power = turn.copy()
    line = np.zeros(count, np.float32)
    for row in colours:
        line += power.imag * _stretched(row, count)
        power *= turn
    return line


def _stretched(frames: npt.NDArray[np.float64], count: int) -> Samples:
    """Values at frames, drawn out linearly to samples."""
    starts = frames[:-1].astype(np.float32)[:, None]
    rise = np.diff(frames).astype(np.float32)[:, None]
    ramp = (np.arange(_FRAME, dtype=np.float32) / _FRAME)[None, :]
    drawn: Samples = (starts + rise * ramp).astype(np.float32)
    return drawn.ravel()[:count]
