"""Sings a line: the score's notes and syllables to sound."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.sketch.voice import breath, grapheme
from pipeline.sketch.voice.decoder import Timbres, decoder
from pipeline.sketch.voice.dynamics import shaped
from pipeline.sketch.voice.frames import Curve, Layout, laid_out
from pipeline.sketch.voice.frames import held as drawn_out
from pipeline.sketch.voice.notes import SungLine, SungNote, Timbre, by_syllable, in_order
from pipeline.sketch.voice.package import VoiceMissing
from pipeline.sketch.voice.pitch_curve import expression, hertz, melody
from pipeline.sketch.voice.source import VOICE_HZ, Samples, Spectra, excitation, sounded, widened
from pipeline.sketch.voice.syllables import Syllable
from pipeline.sketch.voice.timbre import Colour, coloured, held, kept, stretched
from pipeline.sketch.voice.timing import sounds

__all__ = ["SungLine", "SungNote", "Timbre", "VoiceMissing", "load", "sing", "unload"]

# Above this the graph was not taught to speak and slurs its vowels. The pulses follow the melody
# all the same.
_HIGHEST_SPOKEN_HZ = 280.0
_LOUDEST_LOG = 7.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Member:
    """One of those who sing together."""

    cents: float
    late_s: float
    formants: float


_ALONE = (_Member(cents=0.0, late_s=0.0, formants=1.0),)
_MEMBERS: dict[Timbre, tuple[_Member, ...]] = {
    Timbre.FEMALE: _ALONE,
    Timbre.MALE: (_Member(cents=0.0, late_s=0.0, formants=0.88),),
    Timbre.CHOIR: (
        _Member(cents=0.0, late_s=0.0, formants=1.0),
        _Member(cents=-13.0, late_s=0.021, formants=0.965),
        _Member(cents=11.0, late_s=0.013, formants=1.035),
        _Member(cents=-7.0, late_s=0.034, formants=1.015),
        _Member(cents=8.0, late_s=0.006, formants=0.98),
    ),
}


def load() -> None:
    """Load what singing needs, once a process; raises VoiceMissing."""
    decoder()


def unload() -> None:
    """Drop sessions and lexicon."""
    decoder.cache_clear()
    grapheme.forget()


def sing(
    notes: Sequence[SungNote],
    syllables: Sequence[Syllable],
    timbre: Timbre,
    *,
    seed: bytes,
    dynamics: float,
) -> SungLine:
    """A line sung; the same arguments give the same samples in any process of a machine.

    ``dynamics`` runs from 0 (whispered) over 0.5 (as spoken) to 1 (full voice). Raises
    VoiceMissing where the voice cannot be loaded.
    """
    voice = decoder()
    if not notes:
        return SungLine(samples=np.zeros(0, np.float32), lead_s=0.0)
    ordered = in_order(notes)
    layout = laid_out(sounds(by_syllable(ordered, syllables)))
    strength = float(np.clip(dynamics, 0.0, 1.0))
    spoken_hz = hertz(melody(ordered, layout.given_times_s())) * (1 + (timbre is Timbre.MALE))
    conditioned = np.where(_given_voiced(layout), np.minimum(spoken_hz, _HIGHEST_SPOKEN_HZ), 0.0)
    given = voice.timbres(layout, conditioned)
    layout = drawn_out(layout, given.strength())
    timbres = stretched(given, layout)
    members = _MEMBERS[timbre]
    total = sum(
        _voice(timbres, layout, ordered, member, strength, _dice(seed, index), timbre)
        for index, member in enumerate(members)
    )
    line = shaped(np.asarray(total, np.float32), layout, ordered, strength)
    line += breath.inhaled(layout, ordered, strength, _dice(seed, -1))
    return SungLine(samples=widened(line), lead_s=ordered[0].start_s - layout.start_s)


def _voice(
    timbres: Timbres,
    layout: Layout,
    notes: Sequence[SungNote],
    member: _Member,
    dynamics: float,
    dice: np.random.Generator,
    timbre: Timbre,
) -> Samples:
    """One member's sound at 24 kHz, as long as the layout."""
    semitones = _bent(layout, notes, member, dynamics, dice)
    voiced = np.concatenate(
        [np.full(span.end - span.start, span.is_voiced) for span in layout.spans]
    )
    source = excitation(hertz(semitones), voiced)
    # Deep voices lose their upper harmonics to the warp.
    colour = Colour(
        formants=member.formants,
        brightness_db=4.0 * (dynamics - 0.5) + (0.8 if timbre is Timbre.MALE else 0.0),
        breath=float(np.clip(1.0 - dynamics / 0.3, 0.0, 1.0)),
    )
    own = coloured(held(timbres, layout, dice), colour, layout)
    spectra = _polar(own.harmonic, np.tanh(own.turn) * np.float32(np.pi))
    spectra *= source
    noise = dice.standard_normal((layout.count, 2 * spectra.shape[1]), np.float32)
    rest = noise.view(np.complex64) * _level(own.noise) + _polar(own.free, own.phase)
    spectra += rest * kept(spectra, rest, layout, colour)
    return _delayed(sounded(spectra), member.late_s)


def _bent(
    layout: Layout,
    notes: Sequence[SungNote],
    member: _Member,
    dynamics: float,
    dice: np.random.Generator,
) -> Curve:
    times_s = layout.times_s()
    bent = melody(notes, times_s) + expression(notes, times_s, dynamics, dice)
    return np.asarray(bent + 0.01 * member.cents)


def _given_voiced(layout: Layout) -> npt.NDArray[np.bool_]:
    voiced = np.zeros(layout.given, bool)
    for span in layout.spans:
        voiced[span.given_start : span.given_end] = span.is_voiced
    return voiced


def _level(log: Samples) -> Samples:
    return np.asarray(np.exp(np.minimum(log, _LOUDEST_LOG)), np.float32)


def _polar(log: Samples, angle: npt.NDArray[np.float32]) -> Spectra:
    level = _level(log)
    turned = np.empty(log.shape, np.complex64)
    turned.real = level * np.cos(angle)
    turned.imag = level * np.sin(angle)
    return turned


def _delayed(sound: Samples, seconds: float) -> Samples:
    late = round(seconds * VOICE_HZ)
    return sound if not late else np.concatenate([np.zeros(late, np.float32), sound[:-late]])


def _dice(seed: bytes, member: int) -> np.random.Generator:
    """A stream of its own for each who sings."""
    digest = hashlib.sha256(seed + b"/voice/%d" % member).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))
