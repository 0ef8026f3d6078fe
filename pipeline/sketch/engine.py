"""A request in, a song's bytes out: the same bytes for the same request, in any process."""

from __future__ import annotations

import io
import wave
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pipeline.sketch.audio import AudioSpec
from pipeline.sketch.compose import compose
from pipeline.sketch.encode import decoded_peak_db, encode
from pipeline.sketch.filters import resampled
from pipeline.sketch.findings import true_of
from pipeline.sketch.lyrics import read
from pipeline.sketch.master import master, measure
from pipeline.sketch.mix import mix, stems
from pipeline.sketch.prompt import Finding, Lead, Style, understand
from pipeline.sketch.score import Part, Score
from pipeline.sketch.singing import loaded
from pipeline.sketch.tones.modal import RATE_HZ, Samples

_HIGHEST_PEAK_DB = -1.0
_MASTERINGS = 4
_STEM_BYTES = 3  # 24 bits


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What the engine made of a request before it played a note of it."""

    heard: tuple[Finding, ...]  # what the prompt says
    assumed: tuple[Finding, ...]  # what was chosen where it is silent
    sections: tuple[Part, ...]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """A finished song and what is known about it."""

    audio: bytes
    score: Score
    score_digest: str  # sha256 of the notes, hex: the same on every machine
    samples: int  # a channel
    seconds: float
    sample_rate_hz: int
    bitrate_bps: int  # what the file has; MPEG forbids some that may be asked for
    explanation: Explanation
    warnings: tuple[str, ...]  # what is less than it could be, and why


def write_score(prompt: str, lyrics: str, seed: bytes) -> Score:
    """The notes alone; pure, without numpy's help."""
    return compose(read(lyrics), understand(prompt, seed), seed)


def explain(prompt: str, lyrics: str, seed: bytes) -> Explanation:
    """What is heard in the prompt, what is assumed, and the form that the lyrics get."""
    return _explained(understand(prompt, seed), write_score(prompt, lyrics, seed))


def render(prompt: str, lyrics: str, audio: AudioSpec, seed: bytes) -> Rendering:
    """Compose, play, sing, mix, master and encode a song.

    The seed decides what prompt and lyrics leave open. Takes about a fifteenth of the song's
    length on one core.
    """
    style = understand(prompt, seed)
    score = compose(read(lyrics), style, seed)
    warnings = _warnings(score, audio)
    mixed = mix(score, seed, has_voice=_has_voice(score)).sound
    mixed = resampled(mixed, RATE_HZ, audio.sample_rate)
    samples = mixed.shape[1]
    return Rendering(
        audio=finished(mixed, audio), score=score, score_digest=score.digest(), samples=samples,
        seconds=samples / audio.sample_rate, sample_rate_hz=audio.sample_rate,
        bitrate_bps=audio.actual_bitrate_bps, explanation=_explained(style, score),
        warnings=warnings,
    )  # fmt: skip


def render_stems(prompt: str, lyrics: str, audio: AudioSpec, seed: bytes) -> Mapping[str, bytes]:
    """A wav of 24 bits for each track, by its name; together they are the mix before mastering.

    All are turned down alike where their sum would clip.
    """
    score = write_score(prompt, lyrics, seed)
    has_voice = _has_voice(score)
    mixed = mix(score, seed, has_voice=has_voice)
    gain = np.float32(min(1.0, 0.5 / max(float(np.abs(mixed.sound).max()), 1e-9)))
    lift = mixed.lift
    del mixed
    return {
        name: _wav(resampled(stem * gain, RATE_HZ, audio.sample_rate), audio.sample_rate)
        for name, stem in stems(score, seed, lift, has_voice=has_voice)
    }


def finished(mixed: Samples, audio: AudioSpec) -> bytes:
    """Mastered and encoded; once more, lower, where the codec threw a peak over the limit."""
    measured = measure(mixed, audio.sample_rate)
    ceiling_db = audio.ceiling_db
    for _ in range(_MASTERINGS):
        file = encode(master(measured, ceiling_db), audio)
        over_db = decoded_peak_db(file, audio) - _HIGHEST_PEAK_DB if audio.format == "mp3" else 0.0
        if over_db <= 0.0:
            break
        ceiling_db -= over_db + 0.15
    return file


def _has_voice(score: Score) -> bool:
    return _is_sung(score) and loaded() is None


def _is_sung(score: Score) -> bool:
    return any(
        note.syllable is not None
        for track in score.tracks
        if track.tone in set(Lead) and Lead(track.tone).is_sung
        for note in track.notes
    )


def _warnings(score: Score, audio: AudioSpec) -> tuple[str, ...]:
    found = []
    if _is_sung(score) and (missing := loaded()):
        found.append(missing)
    if audio.format == "mp3" and audio.actual_bitrate_bps != audio.bitrate:
        found.append(
            f"mp3 at {audio.sample_rate} Hz cannot have {audio.bitrate} bit/s: "
            f"{audio.actual_bitrate_bps} bit/s instead"
        )
    return tuple(found)


def _explained(style: Style, score: Score) -> Explanation:
    heard, assumed = true_of(style, score)
    return Explanation(
        heard=heard, assumed=assumed, sections=score.parts,
        seconds=round(score.ticks * score.seconds_per_tick, 2),
    )  # fmt: skip


def _wav(sound: Samples, rate_hz: int) -> bytes:
    whole = np.ascontiguousarray(np.rint(np.clip(sound.T, -1.0, 1.0) * 8388607.0), "<i4")
    frames = whole.view(np.uint8).reshape(*whole.shape, 4)[..., :_STEM_BYTES]
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(2)
        writer.setsampwidth(_STEM_BYTES)
        writer.setframerate(rate_hz)
        writer.writeframes(np.ascontiguousarray(frames).tobytes())
    return file.getvalue()
