from __future__ import annotations

import random
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.adapters.audio_probe import NotAudio, ProbedAudio, probe
from pipeline.core.wanted.album import AudioFormat
from tests.audio_files import chunk, fmt_chunk, foreign_id3, mp3_of, riff, silence, tone, wav_of

SAMPLES = tone(seconds=0.5)


def probe_bytes(
    folder: Path, content: bytes, asked: AudioFormat = AudioFormat.MP3, rate_hz: int = 44_100
) -> ProbedAudio:
    path = folder / "delivered"
    path.write_bytes(content)
    return probe(path, asked=asked, sample_rate_hz=rate_hz)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate_hz", [16_000, 24_000, 32_000, 44_100])
def test_an_mp3_of_every_rate_is_measured(tmp_path: Path, rate_hz: int, channels: int) -> None:
    content = mp3_of(tone(rate_hz=rate_hz, channels=channels), rate_hz=rate_hz, channels=channels)
    found = probe_bytes(tmp_path, content)
    assert (found.format, found.sample_rate_hz, found.channels) == ("mp3", rate_hz, channels)
    assert found.bytes == len(content)
    assert 500 <= found.milliseconds < 700


@pytest.mark.parametrize(
    "before",
    [
        foreign_id3(0),
        foreign_id3(3_000_000),
        foreign_id3(500, has_footer=True) + foreign_id3(70_000),
        b"\x00" * 417,
        b"\xff\xfb\x90" + b"\xff" * 64,
        foreign_id3(20) + b"\x00" * 2000,
    ],
    ids=["empty tag", "huge tag", "two tags", "zeros", "false sync", "tag and zeros"],
)
def test_an_mp3_is_found_behind_whatever_comes_first(tmp_path: Path, before: bytes) -> None:
    content = mp3_of(SAMPLES)
    plain = probe_bytes(tmp_path, content)
    found = probe_bytes(tmp_path, before + content)
    assert (found.format, found.milliseconds) == ("mp3", plain.milliseconds)


def test_silence_is_music_too(tmp_path: Path) -> None:
    assert probe_bytes(tmp_path, mp3_of(silence())).format == "mp3"
    assert probe_bytes(tmp_path, wav_of(silence()), AudioFormat.WAV).milliseconds == 500
    assert probe_bytes(tmp_path, silence(), AudioFormat.PCM).milliseconds == 500


def test_a_wav_is_measured_to_the_sample(tmp_path: Path) -> None:
    content = wav_of(tone(seconds=0.25, rate_hz=24_000, channels=1), rate_hz=24_000, channels=1)
    assert probe_bytes(tmp_path, content, AudioFormat.WAV) == ProbedAudio(
        format="wav", milliseconds=250, sample_rate_hz=24_000, channels=1, bytes=len(content)
    )


@pytest.mark.parametrize("claimed", [0, 0xFFFF_FFFF])
def test_a_wav_that_was_streamed_is_as_long_as_its_file(tmp_path: Path, claimed: int) -> None:
    content = riff(fmt_chunk(), chunk(b"data", SAMPLES, claimed=claimed), claimed=claimed)
    assert probe_bytes(tmp_path, content, AudioFormat.WAV).milliseconds == 500


def test_a_wav_that_is_cut_short_is_refused_with_both_lengths(tmp_path: Path) -> None:
    with pytest.raises(NotAudio, match=f"cut short: 1000 of {len(SAMPLES)} bytes"):
        probe_bytes(tmp_path, wav_of(SAMPLES)[:1044], AudioFormat.WAV)


@pytest.mark.parametrize(
    "content",
    [
        wav_of(b""),
        riff(chunk(b"data", SAMPLES)),
        riff(fmt_chunk()),
        riff(fmt_chunk(channels=0), chunk(b"data", SAMPLES)),
        riff(fmt_chunk(rate_hz=0), chunk(b"data", SAMPLES)),
        riff(chunk(b"fmt ", b"\x01\x00"), chunk(b"data", SAMPLES)),
        riff(fmt_chunk(channels=9999), chunk(b"data", SAMPLES)),
        riff(
            chunk(b"fmt ", struct.pack("<HHIIHH", 999, 2, 8000, 1, 4, 16)), chunk(b"data", SAMPLES)
        ),
        foreign_id3(20) + wav_of(SAMPLES),
    ],
)
def test_a_wav_that_cannot_be_played_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(NotAudio, match="wav"):
        probe_bytes(tmp_path, content, AudioFormat.WAV)


def test_raw_samples_are_believed_about_their_rate(tmp_path: Path) -> None:
    found = probe_bytes(tmp_path, tone(rate_hz=16_000), AudioFormat.PCM, rate_hz=16_000)
    assert (found.format, found.milliseconds, found.channels) == ("pcm", 500, 2)


def test_half_a_sample_too_many_is_not_pcm(tmp_path: Path) -> None:
    with pytest.raises(NotAudio, match="no whole number of 16-bit samples"):
        probe_bytes(tmp_path, SAMPLES + b"\x01", AudioFormat.PCM)


@pytest.mark.parametrize("asked", list(AudioFormat))
def test_audio_of_another_kind_than_asked_is_taken_as_what_it_is(
    tmp_path: Path, asked: AudioFormat
) -> None:
    assert probe_bytes(tmp_path, mp3_of(SAMPLES), asked).format == "mp3"
    assert probe_bytes(tmp_path, wav_of(SAMPLES), asked).format == "wav"
    assert probe_bytes(tmp_path, flac_of_silence(), asked).format == "flac"


@pytest.mark.parametrize("asked", list(AudioFormat))
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><title>403 Forbidden</title>" * 40, "text that begins '<!DOCTYPE"),
        (b"\xef\xbb\xbf\r\n <html>", "text"),
        ("<Error>Zugriff verweigert: Schlüssel</Error>".encode("latin-1"), "text"),
        (b'{"message": "expired", "statusCode": "403"}', "text"),
        ("слишком поздно ".encode() * 500, "text"),
        (b"ID3 tags explained\n" * 8, "text"),
        (b"\x1f\x8b\x08\x00" + bytes(60), "gzip"),
        (b"\x00\x00\x00\x20ftypM4A " + bytes(64), "MP4"),
        (foreign_id3(9000)[:100], "ends within its ID3 tag"),
        (foreign_id3(100), "ends within its ID3 tag"),
        (foreign_id3(100) + bytes(5000), "no known kind"),
        (b"OggS" + bytes(4000), "ogg, but the checksum of its page"),
        (b"fLaC" + bytes(4000), "flac that does not decode"),
    ],
)
def test_what_is_not_audio_is_refused_whatever_was_asked(
    tmp_path: Path, asked: AudioFormat, content: bytes, reason: str
) -> None:
    with pytest.raises(NotAudio, match=reason):
        probe_bytes(tmp_path, content, asked)


@pytest.mark.parametrize("asked", [AudioFormat.MP3, AudioFormat.WAV])
def test_noise_is_refused_where_a_signature_was_to_be_expected(
    tmp_path: Path, asked: AudioFormat
) -> None:
    with pytest.raises(NotAudio, match="no known kind"):
        probe_bytes(tmp_path, random.Random(7).randbytes(200_000), asked)


def test_an_mp3_that_is_shorter_than_its_own_header_says_is_refused(tmp_path: Path) -> None:
    content = with_xing(mp3_of(SAMPLES, bitrate_kbps=128))
    assert probe_bytes(tmp_path, content).format == "mp3"
    with pytest.raises(NotAudio, match="cut short"):
        probe_bytes(tmp_path, content[: len(content) // 2])


def test_a_flac_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    content = flac_of_silence(blocks=8)
    assert probe_bytes(tmp_path, content).milliseconds == round(8 * 4096 * 1000 / 44_100)
    with pytest.raises(NotAudio, match="cut short"):
        probe_bytes(tmp_path, content[:-60])


def test_an_ogg_is_as_long_as_its_last_page_says(tmp_path: Path) -> None:
    vorbis, opus = ogg_of(VORBIS_HEADER), ogg_of(OPUS_HEADER)
    assert probe_bytes(tmp_path, vorbis) == ProbedAudio(
        format="ogg", milliseconds=3000, sample_rate_hz=32_000, channels=2, bytes=len(vorbis)
    )
    assert probe_bytes(tmp_path, opus) == ProbedAudio(
        format="ogg", milliseconds=1990, sample_rate_hz=48_000, channels=1, bytes=len(opus)
    )


def test_an_ogg_with_one_wrong_or_missing_byte_is_refused(tmp_path: Path) -> None:
    content = ogg_of(VORBIS_HEADER)
    with pytest.raises(NotAudio, match="checksum of its page at byte 58 is wrong"):
        probe_bytes(tmp_path, content.replace(b"codebooks", b"cookbooks"))
    with pytest.raises(NotAudio, match="cut short"):
        probe_bytes(tmp_path, content[:-1])
    with pytest.raises(NotAudio, match="no page at byte"):
        probe_bytes(tmp_path, content + bytes(100))


def test_an_ogg_without_sound_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotAudio, match="without a single sample"):
        probe_bytes(tmp_path, ogg_page(VORBIS_HEADER))
    with pytest.raises(NotAudio, match="neither vorbis nor opus"):
        probe_bytes(tmp_path, ogg_of(b"\x80theora and a film"))


def test_a_file_that_is_not_there_stays_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        probe(tmp_path / "gone.mp3", asked=AudioFormat.MP3, sample_rate_hz=44_100)


def test_a_file_name_with_a_tilde_is_taken_literally(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("~root").write_bytes(mp3_of(SAMPLES))
    assert probe(Path("~root"), asked=AudioFormat.MP3, sample_rate_hz=1).sample_rate_hz == 44_100


@given(
    head=st.sampled_from(
        [
            b"",
            b"ID3\x04\x00\x00\x00\x00\x00\x05",
            b"fLaC",
            b"OggS",
            riff(),
            riff(fmt_chunk()),
            mp3_of(SAMPLES)[:900],
        ]
    ),
    tail=st.binary(max_size=2000),
    asked=st.sampled_from(AudioFormat),
)
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_audio_or_not_and_nothing_else(
    tmp_path: Path, head: bytes, tail: bytes, asked: AudioFormat
) -> None:
    with suppress(NotAudio):
        found = probe_bytes(tmp_path, head + tail, asked)
        assert found.sample_rate_hz > 0
        assert found.channels > 0


@given(places=st.lists(st.integers(0, 10_000), max_size=20), byte=st.integers(0, 255))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("kind", ["mp3", "wav", "flac", "ogg"])
def test_damaged_audio_is_audio_or_not_and_nothing_else(
    tmp_path: Path, kind: str, places: list[int], byte: int
) -> None:
    whole = {
        "mp3": mp3_of(SAMPLES),
        "wav": wav_of(SAMPLES[:8000]),
        "flac": flac_of_silence(),
        "ogg": ogg_of(VORBIS_HEADER),
    }
    damaged = bytearray(whole[kind])
    for place in places:
        damaged[place % min(len(damaged), 400)] = byte
    with suppress(NotAudio):
        probe_bytes(tmp_path, bytes(damaged))


PROBE_AND_TELL_THE_GROWTH = """
import miniaudio  # its own size is not the file's
import sys
from pathlib import Path
from pipeline.adapters.audio_probe import probe
from pipeline.core.wanted.album import AudioFormat
from tests.audio_files import peak_bytes
before = peak_bytes()
found = probe(Path(sys.argv[1]), asked=AudioFormat.MP3, sample_rate_hz=44100)
print(found.milliseconds, peak_bytes() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peaks are read from /proc")
def test_four_minutes_are_decoded_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.mp3"
    path.write_bytes(mp3_of(tone(seconds=2.0), bitrate_kbps=256) * 120)
    told = subprocess.run(
        [sys.executable, "-c", PROBE_AND_TELL_THE_GROWTH, str(path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    milliseconds, grown_bytes = map(int, told.stdout.split())
    assert milliseconds > 239_000
    assert grown_bytes < 5_000_000


def with_xing(frames: bytes) -> bytes:
    """``frames`` behind an Info frame that tells their number and bytes."""
    size = 417
    header = b"\xff\xfb\x90\x64" + bytes(32)
    told = b"Info" + struct.pack(">III", 0x3, len(frames) // size, size + len(frames))
    return (header + told).ljust(size, b"\x00") + frames


VORBIS_HEADER = b"\x01vorbis" + struct.pack("<IBIIIIBB", 0, 2, 32_000, 0, 128_000, 0, 0xB8, 1)
OPUS_HEADER = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 480, 44_100, 0, 0)


def ogg_of(header: bytes) -> bytes:
    """An Ogg file whose last page ends after 96,000 samples."""
    middle = ogg_page(b"codebooks" * 20, position=-1)
    return ogg_page(header) + middle + ogg_page(b"sound", position=96_000)


def ogg_page(packet: bytes, *, position: int = 0) -> bytes:
    """One page that holds ``packet``, with its checksum."""
    lacing = b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255])
    start = b"OggS\x00\x00" + struct.pack("<qII", position, 7, 0)
    end = bytes([len(lacing)]) + lacing + packet
    checksum = crc(start + bytes(4) + end, width=32, polynomial=0x04C11DB7)
    return start + struct.pack("<I", checksum) + end


def flac_of_silence(*, blocks: int = 4) -> bytes:
    """A 44.1 kHz stereo FLAC of ``blocks`` × 4096 silent samples, each a constant subframe."""
    bits = 44_100 << 44 | 1 << 41 | 15 << 36 | blocks * 4096
    streaminfo = struct.pack(">HH", 4096, 4096) + bytes(6) + bits.to_bytes(8, "big") + bytes(16)
    frames = b""
    for number in range(blocks):
        header = b"\xff\xf8\xc9\x18" + bytes([number])
        header += crc(header, width=8, polynomial=0x07).to_bytes(1, "big")
        frame = header + bytes(6)  # for each channel: a subframe header of zeros, a sample of zero
        frames += frame + crc(frame, width=16, polynomial=0x8005).to_bytes(2, "big")
    return b"fLaC\x80\x00\x00\x22" + streaminfo + frames


def crc(content: bytes, *, width: int, polynomial: int) -> int:
    remainder = 0
    for byte in content:
        remainder ^= byte << (width - 8)
        for _ in range(8):
            carry = remainder >> (width - 1)
            remainder = (remainder << 1 ^ polynomial * carry) & ((1 << width) - 1)
    return remainder
