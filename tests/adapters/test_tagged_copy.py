from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import wave
from pathlib import Path

import miniaudio
import pytest
from mutagen.mp3 import MP3
from mutagen.wave import WAVE

from pipeline.adapters.tagged_copy import WrittenCopy, write_tagged_copy, write_untagged_copy
from pipeline.core.formats.tags import TrackTags
from pipeline.core.purchase.attempt import StoredAudio
from pipeline.core.wanted.album import Checksum
from tests.audio_files import chunk, fmt_chunk, foreign_id3, mp3_of, riff, tone, wav_of
from tests.builders import an_audio

TAGS = TrackTags(
    title="Streetlights",
    artist="The Night Bus",
    album="Small Hours",
    date="2026",
    track_number=1,
    track_count=4,
    lyrics="[Verse]\nStreetlights flicker",
)
SAMPLES = tone(seconds=0.5)


def copy_of(folder: Path, content: bytes, audio_format: str) -> tuple[Path, WrittenCopy]:
    source, target = folder / "pristine", folder / f"track.{audio_format}"
    source.write_bytes(content)
    with target.open("wb") as destination:
        written = write_tagged_copy(source, destination, audio_format=audio_format, tags=TAGS)
    assert source.read_bytes() == content
    return target, written


def mp3_samples(path: Path) -> list[int]:
    return list(miniaudio.mp3_read_file_s16(str(path)).samples)


def test_an_mp3_gets_our_tag_and_keeps_every_sample(tmp_path: Path) -> None:
    content = mp3_of(SAMPLES)
    target, written = copy_of(tmp_path, content, "mp3")
    track = MP3(target)
    assert track.tags["TIT2"].text == ["Streetlights"]
    assert track.tags["TRCK"].text == ["1/4"]
    assert track.tags["USLT::XXX"].text == "[Verse]\nStreetlights flicker"
    assert target.read_bytes().endswith(content)
    assert mp3_samples(target) == mp3_samples(tmp_path / "pristine")
    assert written.bytes == target.stat().st_size


def test_the_tags_that_an_mp3_came_with_are_replaced(tmp_path: Path) -> None:
    content = mp3_of(SAMPLES)
    plain, _ = copy_of(tmp_path, content, "mp3")
    expected = plain.read_bytes()
    before = foreign_id3(2_000_000) + foreign_id3(7, has_footer=True)
    target, _ = copy_of(tmp_path, before + content, "mp3")
    assert target.read_bytes() == expected


def test_a_wav_gets_our_tags_and_keeps_every_sample(tmp_path: Path) -> None:
    target, written = copy_of(tmp_path, wav_of(SAMPLES), "wav")
    with wave.open(str(target)) as reader:
        assert reader.readframes(reader.getnframes()) == SAMPLES
    assert WAVE(target).tags["TALB"].text == ["Small Hours"]
    assert b"INAM\x0d\x00\x00\x00Streetlights\x00" in target.read_bytes()
    assert miniaudio.wav_get_file_info(str(target)).num_frames == len(SAMPLES) // 4
    assert written.bytes == target.stat().st_size


def test_the_checksum_is_of_what_was_written_and_repeats(tmp_path: Path) -> None:
    target, written = copy_of(tmp_path, mp3_of(SAMPLES), "mp3")
    assert written.checksum == hashlib.sha256(target.read_bytes()).hexdigest()
    _, again = copy_of(tmp_path, mp3_of(SAMPLES), "mp3")
    assert again == written


@pytest.mark.parametrize(
    ("content", "audio_format"),
    [
        (SAMPLES, "pcm"),
        (b"fLaC whatever follows", "flac"),
        (wav_of(SAMPLES)[:-100], "wav"),
        (riff(fmt_chunk(), chunk(b"data", SAMPLES), b"tail"), "wav"),
        (SAMPLES, "wav"),
        (foreign_id3(100)[:50], "mp3"),
        (b"", "mp3"),
    ],
    ids=["pcm", "flac", "cut wav", "wav with a tail", "no wav", "only a tag", "empty"],
)
def test_what_cannot_be_tagged_is_copied_as_it_is(
    tmp_path: Path, content: bytes, audio_format: str
) -> None:
    target, written = copy_of(tmp_path, content, audio_format)
    assert target.read_bytes() == content
    assert written.bytes == len(content)


class ShrinkingSource(io.BytesIO):
    """A destination that shortens the source as soon as it receives something."""

    def __init__(self, source: Path) -> None:
        super().__init__()
        self.source = source

    def write(self, block: object) -> int:
        self.source.write_bytes(b"")
        return 0


def test_a_source_that_shrinks_meanwhile_is_an_error_not_a_short_track(tmp_path: Path) -> None:
    source = tmp_path / "pristine"
    source.write_bytes(bytes(5_000_000))
    with pytest.raises(OSError, match="ends at byte"):
        write_tagged_copy(source, ShrinkingSource(source), audio_format="pcm", tags=TAGS)


COPY_AND_TELL_THE_GROWTH = """
import sys
from pathlib import Path
from pipeline.adapters.tagged_copy import write_tagged_copy
from pipeline.core.formats.tags import TrackTags
from tests.audio_files import peak_bytes
before = peak_bytes()
with open("/dev/null", "wb") as nowhere:
    write_tagged_copy(Path(sys.argv[1]), nowhere, audio_format="wav", tags=TrackTags(title="Long"))
print(peak_bytes() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peaks are read from /proc")
def test_a_long_file_is_copied_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    path.write_bytes(wav_of(bytes(50_000_000)))
    told = subprocess.run(
        [sys.executable, "-c", COPY_AND_TELL_THE_GROWTH, str(path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert int(told.stdout) < 10_000_000


# --- and back ---


def stored(content: bytes, audio_format: str) -> StoredAudio:
    checksum = Checksum(hashlib.sha256(content).hexdigest())
    return an_audio(checksum=checksum, size_bytes=len(content), format=audio_format)


@pytest.mark.parametrize(
    ("audio_format", "content"),
    [
        ("mp3", mp3_of(SAMPLES)),
        ("mp3", foreign_id3(300) + foreign_id3(40, has_footer=True) + mp3_of(SAMPLES)),
        ("wav", wav_of(SAMPLES)),
        ("pcm", b"\x01\x02" * 500),
    ],
    ids=["mp3", "mp3 that came with tags", "wav", "pcm"],
)
def test_a_copy_gives_the_pristine_file_back(tmp_path: Path, audio_format: str, content: bytes):
    target, _ = copy_of(tmp_path, content, audio_format)
    out = io.BytesIO()
    assert write_untagged_copy(target, out, stored(content, audio_format))
    assert out.getvalue() == content


def test_long_tags_that_were_replaced_cannot_be_given_back_and_nothing_is_written(tmp_path: Path):
    content = foreign_id3(100_000) + mp3_of(SAMPLES)
    target, _ = copy_of(tmp_path, content, "mp3")
    out = io.BytesIO()
    assert not write_untagged_copy(target, out, stored(content, "mp3"))
    assert out.getvalue() == b""
