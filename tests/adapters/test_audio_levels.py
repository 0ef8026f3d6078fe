"""Known answers: EBU Tech 3341's signals, and files whose edges and tops are known by hand."""

import subprocess
import sys
import tracemalloc
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from pipeline.adapters.audio_levels.measuring import measure
from pipeline.core.sound.loudness import integrated_lufs
from pipeline.core.sound.measurement import Measurement
from pipeline.core.sound.waveform import HIGHEST, SLICES, decode
from tests.audio_files import chunk, fmt_chunk, mp3_of, riff, wav_of
from tests.builders import an_audio
from tests.command import ROOT


def tone(level_dbfs: float, seconds: float, *, rate_hz: int = 48_000, hz: float = 1000.0):
    turns = np.arange(round(seconds * rate_hz)) * hz / rate_hz
    return 10 ** (level_dbfs / 20) * np.sin(2 * np.pi * turns)


def samples_of(*parts, channels: int = 2) -> bytes:
    """Parts one after the other, on every channel, as 16-bit samples."""
    row = np.clip(np.round(np.concatenate(parts) * 32768), -32768, 32767)
    return np.repeat(row.astype("<i2")[:, None], channels, axis=1).tobytes()


def measured(
    folder: Path,
    content: bytes,
    *,
    audio_format: str = "pcm",
    rate_hz: int = 48_000,
    channels: int = 2,
) -> Measurement:
    path = folder / f"sound.{audio_format}"
    path.write_bytes(content)
    audio = an_audio(format=audio_format, sample_rate_hz=rate_hz, channels=channels)
    return measure(path, audio)


def is_about(found: Decimal | None, wanted: float, *, within: float = 0.1) -> bool:
    return found is not None and abs(float(found) - wanted) <= within


@pytest.mark.parametrize(
    ("levels", "seconds"),
    [
        ([-23], [10]),
        ([-36, -23, -36], [10, 60, 10]),
        ([-72, -36, -23, -36, -72], [10, 10, 60, 10, 10]),
        ([-26, -20, -26], [20, 20.1, 20]),
    ],
)
def test_loudness_is_what_the_broadcasters_signals_say(tmp_path: Path, levels, seconds):
    parts = [tone(level, length) for level, length in zip(levels, seconds, strict=True)]
    assert is_about(measured(tmp_path, samples_of(*parts)).loudness_lufs, -23.0)


@pytest.mark.parametrize("rate_hz", [16_000, 22_050, 44_100, 96_000])
def test_loudness_is_the_same_at_any_rate(tmp_path: Path, rate_hz: int):
    content = samples_of(tone(-18, 3, rate_hz=rate_hz, hz=997))
    assert is_about(measured(tmp_path, content, rate_hz=rate_hz).loudness_lufs, -18.0)


def test_one_channel_is_half_as_much_as_two(tmp_path: Path):
    content = samples_of(tone(-18, 3), channels=1)
    assert is_about(measured(tmp_path, content, channels=1).loudness_lufs, -21.01)


def weighted_by_the_tables(sound):
    """BS.1770-4's two filters at 48 kHz, sample by sample, with the numbers of its tables."""
    for zeros, poles in (
        (
            (1.53512485958697, -2.69169618940638, 1.19839281085285),
            (-1.69065929318241, 0.73248077421585),
        ),
        ((1.0, -2.0, 1.0), (-1.99004745483398, 0.99007225036621)),
    ):
        filtered, (x1, x2, y1, y2) = [], (0.0, 0.0, 0.0, 0.0)
        for x in sound:
            y = zeros[0] * x + zeros[1] * x1 + zeros[2] * x2 - poles[0] * y1 - poles[1] * y2
            filtered.append(y)
            x1, x2, y1, y2 = x, x1, y, y1
        sound = filtered
    return np.array(sound)


def test_filtering_in_blocks_is_the_standards_filtering_sample_by_sample(tmp_path: Path):
    frames = np.arange(48_000 * 4)
    noise = np.random.default_rng(1).standard_normal(len(frames))
    sound = noise * np.linspace(0.01, 0.2, len(frames)) + 0.3 * np.sin(frames / 150)  # 51 Hz
    squares = np.square(weighted_by_the_tables(np.clip(sound, -1, 1).tolist()))
    starts = range(0, len(frames) - 19_200 + 1, 4800)
    wanted = integrated_lufs([float(squares[at : at + 19_200].mean()) for at in starts])
    assert wanted is not None
    found = measured(tmp_path, samples_of(sound, channels=1), channels=1).loudness_lufs
    assert is_about(found, float(wanted), within=0.011)


def test_a_peak_is_the_same_wherever_a_block_ends(tmp_path: Path):
    noise = np.random.default_rng(1).standard_normal(48_000 * 3) * 0.1
    peaks = {
        measured(tmp_path, samples_of(np.zeros(shift), noise)).true_peak
        for shift in (0, 7, 4800 * 3)
    }
    assert max(peaks) - min(peaks) <= Decimal("0.000002")


def test_a_peak_between_the_samples_is_found(tmp_path: Path):
    turns = np.arange(48_000) / 4 + 1 / 8  # a quarter of the rate, every sample at -3 dB of the top
    fade = np.minimum(1, np.minimum(np.arange(48_000), np.arange(48_000)[::-1]) / 4800)
    found = measured(tmp_path, samples_of(0.5 * np.sin(2 * np.pi * turns) * fade))
    assert is_about(found.true_peak_dbtp, -6.02, within=0.2)


def oversampled_everywhere(row) -> float:
    distances = np.arange(-12, 12)[::-1] + np.array([[0.25], [0.5], [0.75]])
    sincs = np.sinc(distances) * np.cos(np.pi * distances / 25) ** 2
    sincs /= sincs.sum(axis=1, keepdims=True)
    between = [np.convolve(np.pad(row, (12, 0)), sinc, "valid") for sinc in sincs]
    return max(np.abs(found).max() for found in [row, *between])


@pytest.mark.parametrize("hz", [0, 60, 3000, 11_990, 23_500])
@pytest.mark.parametrize("noise", [0.0, 0.001, 0.3])
def test_no_peak_is_passed_over_because_its_neighbours_are_low(tmp_path: Path, hz: int, noise):
    sound = tone(-3, 1, hz=hz) * np.linspace(0.2, 1, 48_000) if hz else np.zeros(48_000)
    sound = sound + noise * np.random.default_rng(hz).standard_normal(48_000)
    content = samples_of(sound, channels=1)
    wanted = oversampled_everywhere(np.frombuffer(content, "<i2") / 32768)
    found = measured(tmp_path, content, channels=1).true_peak
    assert abs(float(found) - wanted) < 0.000002


def test_a_rate_too_low_for_the_filters_is_measured_all_the_same(tmp_path: Path):
    found = measured(tmp_path, samples_of(tone(-18, 3, rate_hz=1000, hz=200)), rate_hz=1000)
    assert found.loudness_lufs is not None
    assert -30 < found.loudness_lufs < -10


def test_silence_at_both_ends_is_measured_to_the_millisecond(tmp_path: Path):
    content = samples_of(np.zeros(96_000), tone(-12, 1), np.zeros(24_000))
    found = measured(tmp_path, content)
    assert (found.head_silence_ms, found.tail_silence_ms) == (2000, 500)
    assert found.milliseconds == 3500
    assert found.silent_channels == 0


def test_noise_under_60_dbfs_counts_as_silence(tmp_path: Path):
    found = measured(tmp_path, samples_of(tone(-61, 2), tone(-12, 1), tone(-59, 1)))
    assert 1999 <= found.head_silence_ms <= 2001
    assert found.tail_silence_ms < 2


@pytest.mark.parametrize("audio_format", ["pcm", "wav", "mp3"])
def test_a_cut_is_told_from_a_fade_and_a_decay(tmp_path: Path, audio_format: str):
    def end_level(sound) -> float:
        content = samples_of(sound)
        made = {
            "pcm": lambda: content,
            "wav": lambda: wav_of(content, rate_hz=48_000),
            "mp3": lambda: mp3_of(content, rate_hz=48_000, bitrate_kbps=256),
        }[audio_format]()
        level = measured(tmp_path, made, audio_format=audio_format).end_level_dbfs
        assert level is not None
        return float(level)

    frames = np.arange(96_000)
    assert -24 < end_level(tone(-18, 2)) < -18
    assert end_level(tone(-18, 2) * (1 - frames / 96_000)) < -45
    assert end_level(tone(-6, 2) * np.exp(-frames / 9_600)) < -50


def test_tops_that_were_cut_off_are_counted_in_runs_of_three(tmp_path: Path):
    row = np.zeros(4800)
    for start, length in ((100, 2), (200, 3), (300, 12)):
        row[start : start + length] = 1.0
    row[400:405] = -1.0
    found = measured(tmp_path, samples_of(row, channels=1), channels=1)
    assert (found.clipped_runs, found.longest_clip_samples) == (3, 12)


def test_a_run_over_the_end_of_a_block_is_one_run(tmp_path: Path):
    # a block is a whole number of steps of 100 ms; the run goes over every place it can end
    content = samples_of(np.zeros(4000), np.ones(200_000), np.zeros(1000), channels=1)
    found = measured(tmp_path, content, channels=1)
    assert (found.clipped_runs, found.longest_clip_samples) == (1, 200_000)


def test_a_loud_square_of_an_mp3_clips_and_a_soft_one_does_not(tmp_path: Path):
    def runs(level: float) -> int:
        content = mp3_of(samples_of(level * np.sign(tone(0, 1, hz=200))), rate_hz=48_000)
        return measured(tmp_path, content, audio_format="mp3").clipped_runs

    assert runs(1.0) > 50
    assert runs(0.5) == 0


def test_a_side_without_sound_is_seen(tmp_path: Path):
    sound = tone(-12, 1)
    rows = np.stack([sound, np.zeros_like(sound)], axis=1)
    found = measured(tmp_path, np.round(rows * 32768).astype("<i2").tobytes())
    assert (found.silent_channels, found.channels) == (1, 2)


def test_silence_has_no_loudness_and_no_end(tmp_path: Path):
    found = measured(tmp_path, samples_of(np.zeros(48_000)))
    assert found.is_silent
    assert found.true_peak_dbtp is found.loudness_lufs is found.end_level_dbfs is None
    assert found.head_silence_ms == found.tail_silence_ms == 1000


@pytest.mark.parametrize("frames", [1, 7, 19_199])
def test_less_than_one_block_has_a_peak_and_no_loudness(tmp_path: Path, frames: int):
    found = measured(tmp_path, samples_of(np.full(frames, 0.25)))
    assert found.loudness_lufs is found.blocks is None
    assert found.true_peak >= Decimal("0.25")


@pytest.mark.parametrize(
    ("content", "audio_format"),
    [(b"", "pcm"), (b"", "mp3"), (b"no audio at all", "mp3"), (b"RIFF", "wav"), (b"fLaC", "flac")],
)
def test_what_is_no_audio_does_not_decode(tmp_path: Path, content: bytes, audio_format: str):
    found = measured(tmp_path, content, audio_format=audio_format)
    assert found == Measurement(is_decodable=False)


def test_a_wav_that_was_streamed_is_measured_like_any_other(tmp_path: Path):
    content = samples_of(tone(-18, 1))
    streamed = riff(fmt_chunk(rate_hz=48_000), chunk(b"data", content, claimed=0), claimed=0)
    assert measured(tmp_path, streamed, audio_format="wav") == measured(
        tmp_path, wav_of(content, rate_hz=48_000), audio_format="wav"
    )


def test_ten_minutes_are_measured_in_little_memory(tmp_path: Path):
    path = tmp_path / "long.pcm"
    with path.open("wb") as file:
        file.truncate(600 * 44_100 * 4)
    tracemalloc.start()
    try:
        found = measure(path, an_audio(format="pcm"))
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.milliseconds == 600_000
    assert peak_bytes < 24 << 20


def test_numpy_is_loaded_by_nothing_but_measuring():
    modules = "sys, pipeline.cli.main, pipeline.runner.render.rendering"
    code = f"import {modules}; print('numpy' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout == "False\n"


def outline_of(folder: Path, content: bytes, **fields) -> tuple[int, ...]:
    waveform = measured(folder, content, **fields).waveform
    assert waveform is not None
    return decode(waveform)


@pytest.mark.parametrize("frames", [48_000, 65_536, 239, 7, 1])
def test_a_waveform_is_the_highest_sample_of_each_slice(tmp_path: Path, frames: int):
    noise = (
        np.random.default_rng(1).uniform(-1, 1, (frames, 2)) * np.linspace(0, 1, frames)[:, None]
    )
    samples = np.round(noise * 32767).astype("<i2")
    heights = np.abs(samples.astype(float) / 32768).max(axis=1)
    starts = [frames * place // SLICES for place in range(SLICES + 1)]
    wanted = [
        heights[start : max(end, start + 1)].max() * HIGHEST for start, end in pairwise(starts)
    ]
    assert outline_of(tmp_path, samples.tobytes()) == tuple(np.floor(np.array(wanted) + 0.5))


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
@pytest.mark.parametrize("place_in_slice", [0, -1])
def test_a_long_waveform_shows_every_click_in_its_slice(
    tmp_path: Path, rate_hz: int, place_in_slice: int
):
    slice_frames = 8192  # two million frames: bins of 32, wherever blocks end
    rows = np.zeros((SLICES, slice_frames))
    clicks = range(3, SLICES, 2)
    for place in clicks:
        rows[place, place_in_slice] = -place / SLICES
    content = samples_of(rows.ravel(), channels=1)
    found = outline_of(tmp_path, content, channels=1, rate_hz=rate_hz)
    assert [place for place, height in enumerate(found) if height] == list(clicks)
    assert [found[place] for place in clicks] == [round(place / SLICES * 63) for place in clicks]


def test_a_sound_on_one_side_shows_and_silence_is_flat(tmp_path: Path):
    rows = np.zeros((48_000, 2), "<i2")
    assert outline_of(tmp_path, rows.tobytes()) == (0,) * SLICES
    rows[24_000:, 1] = -32768
    assert outline_of(tmp_path, rows.tobytes()) == (0,) * 120 + (HIGHEST,) * 120


def test_an_mp3_has_the_waveform_of_what_was_encoded(tmp_path: Path):
    sound = np.concatenate([tone(-12, 1), tone(-6, 1), tone(-18, 1)])
    content = samples_of(sound)
    wanted = outline_of(tmp_path, content)
    encoded = mp3_of(content, rate_hz=48_000, bitrate_kbps=256)
    found = outline_of(tmp_path, encoded, audio_format="mp3")
    assert [abs(a - b) <= 3 for a, b in zip(found, wanted, strict=True)].count(False) <= 16
