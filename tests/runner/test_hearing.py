"""A file that is checked is measured in passing: to the same figures, and never to its harm."""

from pathlib import Path

import pytest

from pipeline.adapters.audio_levels.measuring import measure
from pipeline.adapters.audio_probe import probe_as_asked
from pipeline.runner.outputs.measuring import Hearing
from tests.audio_files import chunk, fmt_chunk, mp3_of, riff, tone, wav_of
from tests.builders import an_audio

SOUND = tone(seconds=2.3)


@pytest.mark.parametrize(
    ("audio_format", "content"),
    [("mp3", mp3_of(SOUND)), ("wav", wav_of(SOUND)), ("mp3", mp3_of(SOUND, channels=1))],
    ids=["mp3", "wav", "mono"],
)
def test_what_the_check_hears_measures_as_the_stored_file_does(
    tmp_path: Path, audio_format: str, content: bytes
):
    path = tmp_path / "sound"
    path.write_bytes(content)
    hearing = Hearing()
    probed = probe_as_asked(path, None, hearing.begin)
    audio = an_audio(
        format=audio_format, sample_rate_hz=probed.sample_rate_hz, channels=probed.channels
    )
    found = hearing.measurement()
    assert found is not None
    assert found == measure(path, audio)


def test_what_the_check_cannot_decode_is_left_to_be_measured_later(tmp_path: Path):
    path = tmp_path / "streamed.wav"
    path.write_bytes(riff(fmt_chunk(), chunk(b"data", SOUND, claimed=0), claimed=0))
    hearing = Hearing()
    assert probe_as_asked(path, None, hearing.begin).milliseconds == 2300
    assert hearing.measurement() is None


def test_what_cannot_be_measured_is_not_doubted_for_it():
    hearing = Hearing()
    hearing.begin(0, 0)(SOUND)
    assert hearing.measurement() is None

    heard = hearing.begin(44_100, 2)
    heard("no samples at all")
    heard(SOUND)
    assert hearing.measurement() is None
