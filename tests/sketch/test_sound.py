from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import wave

import miniaudio
import mutagen.mp3
import numpy as np
import pytest

from pipeline.sketch.audio import BITRATES_BPS, FORMATS, SAMPLE_RATES_HZ, AudioSpec
from pipeline.sketch.engine import Rendering, finished, render, write_score
from pipeline.sketch.filters import resampled
from pipeline.sketch.loudness import FRAME, frame_energies, frame_peaks, integrated_lufs
from pipeline.sketch.mix import mix
from pipeline.sketch.tones.modal import RATE_HZ, Samples
from tests.sketch.songs import LYRICS, PROMPT


@pytest.fixture(scope="module")
def dry_mix() -> Samples:
    return mix(write_score(PROMPT, LYRICS, b"seed"), b"seed").sound


@pytest.fixture(scope="module")
def song() -> Rendering:
    return render(PROMPT, LYRICS, AudioSpec(), b"seed")


def decoded(file: bytes, spec: AudioSpec) -> Samples:
    if spec.format == "pcm":
        return np.frombuffer(file, "<i2").reshape(-1, 2).T.astype(np.float32) / 32768
    if spec.format == "wav":
        with wave.open(io.BytesIO(file)) as reader:
            assert (reader.getnchannels(), reader.getsampwidth()) == (2, 2)
            assert reader.getframerate() == spec.sample_rate
            return decoded(reader.readframes(reader.getnframes()), AudioSpec(format="pcm"))
    sound = miniaudio.mp3_read_f32(file)
    assert (sound.sample_rate, sound.nchannels) == (spec.sample_rate, 2)
    return np.asarray(sound.samples, np.float32).reshape(-1, 2).T.copy()


def lag(sound: Samples, meant: Samples) -> int:
    """By how many samples a sound is late."""
    size = 1 << sound.shape[1].bit_length()
    one, other = (np.fft.rfft(each.mean(axis=0), size) for each in (sound, meant))
    place = int(np.fft.irfft(one * other.conj()).argmax())
    return place if place < size // 2 else place - size


SPECS = [
    AudioSpec(format=f, sample_rate=r, bitrate=b)
    for f in FORMATS
    for r in SAMPLE_RATES_HZ
    for b in (BITRATES_BPS if f == "mp3" else BITRATES_BPS[-1:])
]


@pytest.mark.parametrize("spec", SPECS, ids=lambda s: f"{s.format}-{s.sample_rate}-{s.bitrate}")
def test_every_format_decodes_to_the_exact_length_at_the_right_loudness(
    spec: AudioSpec, dry_mix: Samples
) -> None:
    at_rate = resampled(dry_mix, RATE_HZ, spec.sample_rate)
    file = finished(at_rate, spec)
    sound = decoded(file, spec)
    assert sound.shape == at_rate.shape
    lufs = integrated_lufs(frame_energies(sound, spec.sample_rate), spec.sample_rate)
    if spec.bitrate >= 64000:
        assert lag(sound, at_rate) == 0
    # So few bits at so high a rate cost the treble, and with it some loudness.
    is_starved = spec.format == "mp3" and spec.bitrate == 32000
    assert lufs == pytest.approx(-14.0, abs=1.0 if is_starved else 0.3)
    assert 20 * np.log10(frame_peaks(sound).max()) <= -1.0 + 0.05
    assert float(np.abs(sound.mean(axis=1)).max()) < 1e-3
    if spec.format == "mp3":
        header = mutagen.mp3.MP3(io.BytesIO(file)).info
        assert header.bitrate == spec.actual_bitrate_bps
        assert header.sample_rate == spec.sample_rate
        assert header.length == pytest.approx(sound.shape[1] / spec.sample_rate, abs=1e-3)


class Hopeful(AudioSpec):
    """A file whose codec is thought to add nothing to a peak."""

    @property
    def ceiling_db(self) -> float:
        return -1.0


def test_a_master_that_the_codec_throws_over_the_limit_is_made_again(dry_mix: Samples) -> None:
    spec = Hopeful(bitrate=64000)
    peak = frame_peaks(decoded(finished(dry_mix, spec), spec)).max()
    assert 20 * np.log10(peak) <= -1.0 + 0.05


def test_a_bitrate_that_mpeg_forbids_becomes_the_nearest_and_is_told() -> None:
    assert AudioSpec(sample_rate=16000, bitrate=256000).actual_bitrate_bps == 160000
    assert AudioSpec(sample_rate=44100, bitrate=32000).actual_bitrate_bps == 32000
    song = render("jazz, 200 BPM", "[Verse]", AudioSpec(sample_rate=16000, bitrate=256000), b"seed")
    assert song.bitrate_bps == mutagen.mp3.MP3(io.BytesIO(song.audio)).info.bitrate == 160000
    assert song.warnings == ("mp3 at 16000 Hz cannot have 256000 bit/s: 160000 bit/s instead",)


def test_the_loudness_meter_reads_the_standards_reference_tone() -> None:
    # BS.1770: a full-scale sine of 997 Hz in one channel reads -3.01 LKFS.
    time = np.arange(RATE_HZ * 3) / RATE_HZ
    tone = np.stack([np.sin(2 * np.pi * 997 * time), np.zeros(len(time))]).astype(np.float32)
    assert integrated_lufs(frame_energies(tone, RATE_HZ), RATE_HZ) == pytest.approx(-3.01, abs=0.05)


def test_the_peak_meter_sees_between_samples() -> None:
    # A quarter of the rate at 45 degrees: samples reach 0.707, the wave 1.
    tone = np.sin(np.pi / 2 * np.arange(FRAME * 200) + np.pi / 4).astype(np.float32)
    middle = frame_peaks(np.stack([tone, tone]))[50:150]
    assert middle.max() == pytest.approx(1.0, abs=0.02)


def test_the_same_request_is_the_same_bytes_in_another_process(song: Rendering) -> None:
    code = (
        "import hashlib; from pipeline.sketch.engine import render; "
        "from pipeline.sketch.audio import AudioSpec; "
        f"r = render({PROMPT!r}, {LYRICS!r}, AudioSpec(), b'seed'); "
        "print(r.score_digest, hashlib.sha256(r.audio).hexdigest())"
    )
    eight_threads = os.environ | {"OPENBLAS_NUM_THREADS": "8", "PYTHONHASHSEED": "7"}
    other = subprocess.run(
        [sys.executable, "-c", code], env=eight_threads, capture_output=True, text=True, check=True
    )
    assert other.stdout.split() == [song.score_digest, hashlib.sha256(song.audio).hexdigest()]


def test_parts_are_as_loud_as_their_place_in_the_song_asks(song: Rendering) -> None:
    sound, score = decoded(song.audio, AudioSpec()), song.score
    levels = []
    for part in score.parts[:3]:
        start, length = (
            round(t * score.seconds_per_tick * RATE_HZ) for t in (part.start, part.ticks)
        )
        levels.append(20 * np.log10(np.sqrt(np.square(sound[:, start : start + length]).mean())))
    assert levels[0] < levels[1] - 0.8
    assert levels[1] < levels[2] - 3.0


def test_the_song_ends_in_silence_and_is_wide(song: Rendering) -> None:
    sound = decoded(song.audio, AudioSpec())
    assert np.abs(sound[:, -2000:]).max() < 0.002
    assert 0.3 < np.corrcoef(sound)[0, 1] < 0.97
    assert song.seconds == pytest.approx(sound.shape[1] / RATE_HZ)


@pytest.mark.parametrize(("prompt", "bpm"), [("pop, 96 BPM", 96), ("rock at 140 bpm", 140)])
def test_the_pulse_of_the_audio_is_the_prompts_tempo(prompt: str, bpm: int) -> None:
    sound = mix(write_score(prompt, LYRICS, b"seed"), b"seed").sound.mean(axis=0)
    hop = 441
    power = np.square(sound[: len(sound) // hop * hop]).reshape(-1, hop).mean(axis=1)
    onset = np.maximum(0.0, np.diff(np.sqrt(power)))
    pulses_hz = np.arange(1.0, 5.0, 0.01)
    times_s = np.arange(len(onset)) * hop / RATE_HZ
    turns = np.exp(-2j * np.pi * np.outer(pulses_hz, times_s))
    strongest_bpm = 60.0 * pulses_hz[int(np.abs(turns @ (onset - onset.mean())).argmax())]
    # Its beats or its eighths: both are the tempo to a listener.
    assert strongest_bpm in (pytest.approx(bpm, abs=1.0), pytest.approx(2 * bpm, abs=1.0))
