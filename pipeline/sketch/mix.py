"""Stems to a stereo mix: balance by measured level, one hall for all, a rise into each chorus."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.sketch.filters import convolved, filtered
from pipeline.sketch.genres import GENRES, Genre
from pipeline.sketch.hall import hall
from pipeline.sketch.instruments import play_track
from pipeline.sketch.keyed import presence, pumped, ringing
from pipeline.sketch.lift import Lift, coloured, planned, raised
from pipeline.sketch.score import Score, Track
from pipeline.sketch.tones.modal import RATE_HZ, Samples

TAIL_S = 2.6  # what rings after the last bar
_BLOCK = 17640  # 0.4 s: the level of a stem is that of its loud blocks
_SUNG = frozenset({"lead", "harmony", "backing"})

# Level of a stem's loud blocks in dB, and how much of it goes to the hall.
_LEVELS: dict[str, tuple[float, float]] = {
    "lead": (-16.0, 0.12), "harmony": (-25.5, 0.24), "backing": (-22.0, 0.28),
    "hook": (-22.5, 0.26), "kit": (-20.5, 0.07), "bass": (-20.5, 0.0), "chords": (-25.0, 0.13),
    "second": (-26.5, 0.14), "pad": (-30.5, 0.30),
}  # fmt: skip
# Dance music stands on its drums, chamber music beside them.
_KIT_DB = {
    Genre.ROCK: 1.0, Genre.METAL: 1.0, Genre.HOUSE: 1.5, Genre.SYNTHWAVE: 1.0, Genre.TRAP: 1.0,
    Genre.DRUM_AND_BASS: 1.5, Genre.LATIN: 1.0, Genre.FUNK: 1.0, Genre.JAZZ: -3.0,
    Genre.BOSSA: -3.0, Genre.FOLK: -2.0, Genre.BALLAD: -2.0, Genre.AMBIENT: -4.0,
}  # fmt: skip
_DUCKED = frozenset({"pad", "chords", "second", "bass"})
_YIELDING = frozenset({"pad", "chords", "second", "hook"})
_YIELD = 0.45  # how much of an accompaniment steps back while somebody sings
# Peaks over a stem's loud level, above which they are rounded: strokes, and a singer's p, t and k.
_CRESTS = {"kit": 5.0, "lead": 4.5}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixed:
    """A mix before mastering, and how its parts were lifted."""

    sound: Samples
    lift: Lift


def mix(score: Score, seed: bytes, *, has_voice: bool = True) -> Mixed:
    """The song at 44,100 Hz with its hall, before mastering."""
    samples = length(score)
    dry = np.zeros((2, samples), np.float32)
    send = np.zeros((2, samples), np.float32)
    for _, stem, wet in _stems(score, seed, has_voice=has_voice):
        dry += stem
        stem *= wet
        send += stem
        del stem
    dry += convolved(send, _own_hall(score, seed))
    del send
    even = filtered(dry, _tilt, RATE_HZ)
    del dry
    lift = planned(even, score)
    return Mixed(sound=_faded(raised(even, lift, score), score), lift=lift)


def stems(
    score: Score, seed: bytes, lift: Lift, *, has_voice: bool = True
) -> Iterator[tuple[str, Samples]]:
    """Each track with its share of the hall; together they are the mix."""
    impulse = _own_hall(score, seed)
    for track, stem, wet in _stems(score, seed, has_voice=has_voice):
        stem += convolved(stem * wet, impulse)
        own = raised(coloured(filtered(stem, _tilt, RATE_HZ), lift.air_db, score), lift, score)
        yield f"{track.role}-{track.tone}".replace(" ", "-"), _faded(own, score)


def length(score: Score) -> int:
    """The song's samples at 44,100 Hz."""
    return round((score.ticks * score.seconds_per_tick + TAIL_S) * RATE_HZ)


def _own_hall(score: Score, seed: bytes) -> Samples:
    return hall(seed, 1.2 + 0.5 * GENRES[Genre(score.genre)].reverb)


def _stems(
    score: Score, seed: bytes, *, has_voice: bool
) -> Iterator[tuple[Track, Samples, Samples | np.float32]]:
    """Each track at its level, dry, and its share of the hall: one, or one a sample."""
    genre = GENRES[Genre(score.genre)]
    samples = length(score)
    sung = presence(score, samples)
    for track in score.tracks:
        stem = play_track(
            track, score, samples, seed, is_electronic=genre.is_electronic, has_voice=has_voice
        )
        if track.tone in ("drive", "lead guitar"):
            stem = _driven(stem)
        if genre.is_electronic and track.role in _DUCKED:
            stem *= pumped(score, samples)
        level_db, wet = _LEVELS[track.role]
        if track.role == "kit":
            level_db += _KIT_DB.get(Genre(score.genre), 0.0)
        if track.role in _CRESTS:
            stem = _rounded(stem, _CRESTS[track.role])
        stem *= np.float32(10 ** (level_db / 20) / _loud_rms(stem))
        if track.role in _YIELDING:
            stem *= 1.0 - np.float32(_YIELD) * sung
        share = np.float32(wet * (genre.reverb**0.5 if track.role in _SUNG else genre.reverb))
        yield track, stem, share * ringing(score, samples) if track.role == "lead" else share
        del stem  # before the next one is made


def _loud_rms(stem: Samples) -> float:
    blocks = max(1, stem.shape[1] // _BLOCK)
    count = min(_BLOCK, stem.shape[1])
    power = np.array(
        [float(np.square(stem[:, n * count : (n + 1) * count]).mean()) for n in range(blocks)]
    )
    loud = power[power > power.max() * 0.06]
    return float(np.sqrt(max(loud.mean() if len(loud) else 0.0, 1e-12)))


def _rounded(stem: Samples, crest: float) -> Samples:
    """The stem with the tips of its strokes rounded, so that the limiter need not pump."""
    limit = np.float32(crest * _loud_rms(stem))
    stem /= limit
    np.tanh(stem, out=stem)
    stem *= limit
    return stem


def _driven(stem: Samples) -> Samples:
    """A hot amplifier and the speaker before it."""
    stem *= np.float32(8.8 / (max(float(stem.max()), -float(stem.min())) + 1e-9))
    np.tanh(stem, out=stem)
    return filtered(stem, lambda f: _band(f, 90.0, 4200.0), RATE_HZ, margin=8192)


def _band(f: npt.NDArray[np.float64], low_hz: float, high_hz: float) -> npt.NDArray[np.complex128]:
    low = 1j * f / (low_hz + 1j * f)
    high = 1.0 / (1.0 + 1j * f / high_hz)
    return np.asarray(low**2 * high**2)


def _tilt(f: npt.NDArray[np.float64]) -> npt.NDArray[np.complex128]:
    """No rumble, a little less mud, a little more air."""
    rumble = 1j * f / (26.0 + 1j * f)
    octaves = np.log2(np.maximum(f, 1.0) / 300.0)
    mud = 10 ** (-1.2 * np.exp(-((octaves / 0.8) ** 2)) / 20)
    air = 10 ** (4.0 / (1.0 + (3600.0 / np.maximum(f, 1.0)) ** 2) / 20)
    return np.asarray(rumble**2 * mud * air)


def _faded(sound: Samples, score: Score) -> Samples:
    """A start without a click, an end in silence; where asked for, a slow fade of the last part."""
    sound[:, :200] *= np.linspace(0.0, 1.0, 200, dtype=np.float32)
    count = min(sound.shape[1], round((TAIL_S - 0.2) * RATE_HZ))
    sound[:, -count:] *= np.square(np.cos(np.linspace(0.0, np.pi / 2, count))).astype(np.float32)
    if score.fade_ticks:
        slow = min(
            sound.shape[1], round(score.fade_ticks * score.seconds_per_tick * RATE_HZ) + count
        )
        sound[:, -slow:] *= np.linspace(1.0, 0.0, slow, dtype=np.float32) ** np.float32(1.3)
    return sound
