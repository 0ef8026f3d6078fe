"""What a mix owes its listener: parts that add up, choruses that rise, words, and no clicks."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import wave

import miniaudio
import numpy as np
import pytest

from pipeline.sketch.audio import AudioSpec
from pipeline.sketch.brightness import air_for, part_spectra
from pipeline.sketch.engine import finished, render_stems, write_score
from pipeline.sketch.instruments import dice_for, play_track
from pipeline.sketch.loudness import FRAME, frame_peaks
from pipeline.sketch.mix import Mixed, length, mix
from pipeline.sketch.prompt import Lead
from pipeline.sketch.score import Part, Score, Track
from pipeline.sketch.tones import kit
from pipeline.sketch.tones.modal import RATE_HZ, Samples
from tests.sketch.songs import LYRICS, PROMPT

LOUD = "fast metal, 200 BPM, key of E minor, male vocals"
CHORUSES = (LOUD, "house, 160 BPM, key of A minor")
TWO_LINES = "[Verse]\nthe night is young\n[Chorus]\nwe sing along"

WITHOUT_VOICE = f"""
import sys
sys.modules["hibari"] = None
from pipeline.sketch.audio import AudioSpec
from pipeline.sketch.brightness import air_for, part_spectra
from pipeline.sketch.engine import render, render_stems
stems = render_stems({PROMPT!r}, {LYRICS!r}, AudioSpec(sample_rate=16000), b"seed")
print(max(stems["lead-high-voice"][44:]))
for warning in render({PROMPT!r}, {LYRICS!r}, AudioSpec(format="wav"), b"seed").warnings:
    print(warning)
"""
INSTRUMENTAL = f"""
import sys
from pipeline.sketch.audio import AudioSpec
from pipeline.sketch.brightness import air_for, part_spectra
from pipeline.sketch.engine import render
render("jazz, 200 BPM, instrumental", {LYRICS!r}, AudioSpec(format="wav"), b"seed")
print(sorted({{"onnxruntime", "pipeline.sketch.voice.singer"}} & set(sys.modules)))
"""


def said(code: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def score() -> Score:
    return write_score(PROMPT, LYRICS, b"seed")


@pytest.fixture(scope="module")
def mixed(score: Score) -> Mixed:
    return mix(score, b"seed")


def opened(file: bytes) -> Samples:
    """A wav of 24 bits."""
    with wave.open(io.BytesIO(file)) as reader:
        assert (reader.getnchannels(), reader.getsampwidth()) == (2, 3)
        frames = np.frombuffer(reader.readframes(reader.getnframes()), np.uint8).reshape(-1, 2, 3)
    whole = np.concatenate([np.zeros((*frames.shape[:2], 1), np.uint8), frames], axis=2)
    return np.ascontiguousarray(whole).view("<i4")[..., 0].T.astype(np.float32) / np.float32(2**31)


def test_stems_add_up_to_the_mix_before_mastering(score: Score, mixed: Mixed) -> None:
    files = render_stems(PROMPT, LYRICS, AudioSpec(), b"seed")
    assert len(files) == len(score.tracks)
    total = sum(opened(file) for file in files.values())
    # All are turned down alike so that none clips.
    gain = min(1.0, 0.5 / float(np.abs(mixed.sound).max()))
    assert np.abs(total - mixed.sound * gain).max() < 1e-4


def traits(
    sound: Samples, part: Part, score: Score
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Loudness in dB, width in dB, and the octave of the mean spectrum's centroid."""
    second = score.seconds_per_tick * RATE_HZ
    own = sound[:, round(part.start * second) : round((part.start + part.ticks) * second)]
    middle, side = own.mean(axis=0), (own[0] - own[1]) / 2
    frames = np.lib.stride_tricks.sliding_window_view(middle, 4096)[::2048]
    spectrum = np.abs(np.fft.rfft(frames * np.hanning(4096))).mean(axis=0)
    centroid_hz = (spectrum * np.fft.rfftfreq(4096, 1 / RATE_HZ)).sum() / spectrum.sum()
    powers = np.square(own).mean(), np.square(side).mean() / np.square(middle).mean()
    return np.array([*(10 * np.log10(power) for power in powers), np.log2(centroid_hz)])


@pytest.mark.parametrize("prompt", CHORUSES)
def test_a_chorus_is_louder_wider_and_brighter_than_its_verse_in_the_finished_file(
    prompt: str,
) -> None:
    score = write_score(prompt, TWO_LINES, b"seed")
    file = finished(mix(score, b"seed").sound, AudioSpec(bitrate=128000))
    decoded = miniaudio.mp3_read_f32(file)
    sound = np.asarray(decoded.samples, np.float32).reshape(-1, 2).T
    verse, chorus = (
        next(part for part in score.parts if part.kind == kind) for kind in ("verse", "chorus")
    )
    louder_db, wider_db, brighter = traits(sound, chorus, score) - traits(sound, verse, score)
    assert louder_db >= 3.0
    assert wider_db >= 1.5
    assert brighter >= np.log2(1.1)


def test_treble_tells_strong_parts_from_weak_ones_that_sound_alike() -> None:
    noise = dice_for(b"seed", "hiss").standard_normal((2, RATE_HZ)).astype(np.float32)
    spectra = part_spectra(noise, [(0, RATE_HZ // 2), (RATE_HZ // 2, RATE_HZ)])
    weak, strong = air_for(spectra, (0.1, 0.9), (1, 1), lambda hertz: hertz > 3000.0)
    assert weak < -2.0
    assert strong > 2.0


def test_without_the_voice_package_the_tune_is_sung_without_words_and_that_is_told() -> None:
    loudest, *warnings = said(WITHOUT_VOICE)
    assert int(loudest) > 0
    assert any("hibari-tts is not installed" in warning for warning in warnings)
    assert any("without words" in warning for warning in warnings)


def test_an_instrumental_never_loads_the_voice() -> None:
    assert said(INSTRUMENTAL) == ["[]"]


@pytest.mark.parametrize(
    "prompt", ["pop, instrumental", "folk, no vocals", "choir piece, no singing"]
)
def test_nobody_sings_in_an_instrumental(prompt: str) -> None:
    score = write_score(prompt, LYRICS, b"seed")
    assert not [t.tone for t in score.tracks if t.tone in set(Lead) and Lead(t.tone).is_sung]


def test_a_string_section_plays_every_note_of_its_chords() -> None:
    score = write_score("warm folk, strings, 100 BPM, C major", LYRICS, b"seed")
    pad = next(track for track in score.tracks if track.role == "pad" and track.tone == "strings")
    first = pad.notes[0].start
    chord = tuple(note for note in pad.notes if note.start == first)
    assert len(chord) >= 3
    alone = Track(role="pad", tone="strings", notes=chord)
    sound = play_track(
        alone, score, length(score), b"seed", is_electronic=False, has_voice=False
    ).mean(axis=0)
    start = round(first * score.seconds_per_tick * RATE_HZ)
    heard = sound[start + RATE_HZ // 4 : start + RATE_HZ // 4 + 32768]
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    for note in chord:
        place = 440.0 * 2 ** ((note.pitch - 69) / 12) * len(heard) / RATE_HZ
        assert spectrum[round(place) - 3 : round(place) + 4].max() > 0.05 * spectrum.max()


@pytest.mark.parametrize("prompt", [PROMPT, "house, 160 BPM, instrumental, synth"])
def test_no_track_begins_or_ends_with_a_jump(prompt: str) -> None:
    score = write_score(prompt, LYRICS, b"seed")
    for track in score.tracks:
        sound = play_track(track, score, length(score), b"seed", is_electronic=True, has_voice=True)
        level = np.abs(sound).max(axis=0)
        sounding = np.flatnonzero(level > 0)
        loudest = level.max()
        assert level[sounding[0]] < 0.05 * loudest
        assert level[sounding[-1]] < 0.02 * loudest


@pytest.mark.parametrize("is_electronic", [True, False])
def test_no_stroke_of_the_kit_begins_with_a_jump(is_electronic: bool) -> None:
    for drum, (peak, _) in kit.LEVELS.items():
        stroke = kit.piece(drum, dice_for(b"seed", drum), is_electronic=is_electronic)
        assert np.abs(stroke).max() == pytest.approx(peak, rel=0.2)
        assert abs(stroke[0]) < 0.02 * peak


def test_the_peak_meter_agrees_with_an_exact_interpolation_of_noise() -> None:
    noise = dice_for(b"seed", "peaks").standard_normal((2, FRAME * 256)).astype(np.float32)
    spectrum = np.fft.rfft(noise)
    spectrum[:, -200:] = 0.0  # a hair below the highest frequency
    fine = np.abs(np.fft.irfft(spectrum, 4 * noise.shape[1])) * 4
    exact = fine.reshape(2, -1, 4 * FRAME).max(axis=(0, 2))
    found = frame_peaks(np.fft.irfft(spectrum).astype(np.float32))
    # What lies between two frames belongs to either.
    near = np.maximum(np.maximum(found[:-2], found[1:-1]), found[2:])
    assert (near[8:-8] / exact[9:-9]).min() > 0.97
