"""A request in, a song's bytes out: the same bytes for the same request, in any process."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.sketch.audio import AudioSpec
from pipeline.sketch.compose import compose
from pipeline.sketch.encode import decoded_peak_db, encode
from pipeline.sketch.filters import resampled
from pipeline.sketch.lyrics import read
from pipeline.sketch.master import master, measure
from pipeline.sketch.mix import mix
from pipeline.sketch.prompt import understand
from pipeline.sketch.score import Score
from pipeline.sketch.tones.modal import RATE_HZ, Samples

_HIGHEST_PEAK_DB = -1.0
_MASTERINGS = 3


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
    heard: tuple[str, ...]  # what the prompt said, by field; the rest was chosen


def write_score(prompt: str, lyrics: str, seed: bytes) -> Score:
    """The notes alone; pure, without numpy's help."""
    return compose(read(lyrics), understand(prompt, seed), seed)


def render(prompt: str, lyrics: str, audio: AudioSpec, seed: bytes) -> Rendering:
    """Compose, play, mix, master and encode a song.

    The seed decides what prompt and lyrics leave open. Takes about a twentieth of the song's
    length on one core.
    """
    score = write_score(prompt, lyrics, seed)
    mixed = resampled(mix(score, seed), RATE_HZ, audio.sample_rate)
    samples = mixed.shape[1]
    return Rendering(
        audio=finished(mixed, audio), score=score, score_digest=score.digest(), samples=samples,
        seconds=samples / audio.sample_rate, sample_rate_hz=audio.sample_rate,
        bitrate_bps=audio.actual_bitrate_bps, heard=understand(prompt, seed).heard,
    )  # fmt: skip


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
