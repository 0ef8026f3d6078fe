"""The colour of a voice: its formants, presence, brightness and breath, as curves over bins."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from pipeline.sketch.voice.decoder import Parts, Timbres
from pipeline.sketch.voice.frames import Layout
from pipeline.sketch.voice.source import BINS, VOICE_HZ, WINDOW, Spectra

_FREQUENCIES = np.arange(BINS) * (VOICE_HZ / WINDOW)
_CORE = 2  # frames from a vowel's edge
_EDGE_CUT, _CORE_CUT = 0.7, 2.3  # nepers
_PRESENCE_DB, _CONSONANT_DB = 3.0, 2.5
_SMOOTH = 10  # bins to either side
_NOISE_DB = -14.0  # of noise in a vowel, at most, against its harmonics


@dataclass(frozen=True, slots=True, kw_only=True)
class Colour:
    """How a singer differs from the voice as it was learned."""

    formants: float  # their frequencies, as a factor
    brightness_db: float  # per octave above 1 kHz
    breath: float  # 0 sung, 1 whispered


def stretched(given: Timbres, layout: Layout) -> Timbres:
    """The given frames at the song's pace; phases are taken, not mixed."""
    low = np.floor(layout.places).astype(np.int64)
    high = np.minimum(low + 1, layout.given - 1)
    weight = (layout.places - low).astype(np.float32)[:, None]
    nearest = np.rint(layout.places).astype(np.int64)

    def between(part: Parts) -> Parts:
        return np.asarray(part[low] * (1.0 - weight) + part[high] * weight, np.float32)

    return Timbres(
        harmonic=between(given.harmonic),
        turn=between(given.turn),
        noise=between(given.noise),
        free=between(given.free),
        phase=given.phase[nearest],
    )


def held(timbres: Timbres, layout: Layout, dice: np.random.Generator) -> Timbres:
    """The timbres with the free-phase part of vowels turned down and its phase at random.

    In a held vowel it repeats in every frame: a comb at 80 Hz that hums against the melody.
    """
    cut = np.zeros(layout.count, np.float32)
    for span in layout.spans:
        if span.is_vowel:
            inside = np.arange(span.end - span.start)
            to_end = len(inside) - 1 - inside
            edge = np.minimum(inside + (0 if _starts_vowel(span.sound.sign) else _CORE), to_end)
            cut[span.start : span.end] = np.where(edge >= _CORE, _CORE_CUT, _EDGE_CUT)
    random = dice.uniform(0.0, 2.0 * np.pi, timbres.phase.shape).astype(np.float32)
    phase = np.where(cut[:, None] > 0, random, timbres.phase)
    return replace(timbres, free=timbres.free - cut[:, None], phase=phase)


def kept(
    harmonic: Spectra, rest: Spectra, layout: Layout, colour: Colour
) -> npt.NDArray[np.float32]:
    """The factor on each frame's noise that keeps sung vowels clear of it, in one column."""
    sung, hissed = (np.square(np.abs(part)).sum(axis=1) + 1e-12 for part in (harmonic, rest))
    most = 10.0 ** ((_NOISE_DB + 30.0 * colour.breath) / 10.0)
    factor = np.ones(layout.count)
    for span in layout.spans:
        if span.is_vowel:
            frames = slice(span.start, span.end)
            factor[frames] = np.minimum(1.0, np.sqrt(most * sung[frames] / hissed[frames]))
    return factor.astype(np.float32)[:, None]


def _starts_vowel(sign: str) -> bool:
    return sign in ("ˈ", "ˌ")


def coloured(timbres: Timbres, colour: Colour, layout: Layout) -> Timbres:
    """The timbres of a singer, with consonants and presence lifted so that words carry."""
    lift = _lift(colour)
    voiceless = np.zeros(layout.count, np.float32)
    for span in layout.spans:
        if not span.is_voiced and span.sound.sign not in ("", " ", "."):
            voiceless[span.start : span.end] = _nepers(_CONSONANT_DB)
    # Soft on both sides, or the lift would click.
    padded = np.pad(voiceless, 1, mode="edge")
    soft = ((padded[:-2] + padded[1:-1] + padded[2:]) / 3.0)[:, None]
    sung = _nepers(-30.0) * colour.breath**2
    harmonic = _warped(timbres.harmonic, colour.formants) + lift
    noise = _warped(timbres.noise, colour.formants) + lift + soft
    if colour.breath > 0.0:
        air = _smoothed(harmonic) + _nepers(-34.0 + 22.0 * colour.breath)
        noise = np.logaddexp(noise, air)
    free = _warped(timbres.free, colour.formants) + lift + soft
    return replace(
        timbres,
        harmonic=np.asarray(harmonic + sung, np.float32),
        noise=np.asarray(noise, np.float32),
        free=np.asarray(free, np.float32),
    )


def _lift(colour: Colour) -> npt.NDArray[np.float32]:
    octaves = np.log2(np.maximum(_FREQUENCIES, 20.0) / 1000.0)
    presence = _PRESENCE_DB * np.exp(-(((octaves - 1.6) / 0.75) ** 2))
    tilt = colour.brightness_db * np.clip(octaves, -0.5, 3.0)
    rumble = -24.0 * np.clip(np.log2(70.0 / np.maximum(_FREQUENCIES, 10.0)), 0.0, 1.5)
    return np.asarray(_nepers(1.0) * (presence + tilt + rumble), np.float32)


def _warped(part: Parts, factor: float) -> Parts:
    if factor == 1.0:
        return part
    source = np.clip(np.arange(BINS) / factor, 0, BINS - 1)
    low = np.floor(source).astype(np.int64)
    high = np.minimum(low + 1, BINS - 1)
    weight = (source - low).astype(np.float32)
    return np.asarray(part[:, low] * (1.0 - weight) + part[:, high] * weight, np.float32)


def _smoothed(part: Parts) -> Parts:
    """Log levels without the ripple of the harmonics, which noise would take for a pitch."""
    padded = np.pad(np.exp(part), ((0, 0), (_SMOOTH, _SMOOTH + 1)), mode="edge")
    sums = np.cumsum(padded, axis=1, dtype=np.float64)
    width = 2 * _SMOOTH + 1
    return np.asarray(np.log((sums[:, width:] - sums[:, :-width]) / width), np.float32)


def _nepers(decibels: float) -> float:
    return decibels * 0.1151292546
