"""Real audio for tests: tones as mp3, wav and raw samples, and WAV files put together by hand."""

from __future__ import annotations

import io
import math
import struct
import wave
from array import array
from functools import lru_cache
from pathlib import Path

import lameenc


@lru_cache(maxsize=32)
def tone(*, seconds: float = 0.5, rate_hz: int = 44_100, channels: int = 2) -> bytes:
    """A 330 Hz tone as interleaved signed 16-bit little-endian samples."""
    frames = int(seconds * rate_hz)
    wave_form = (int(9000 * math.sin(n * 330 * math.tau / rate_hz)) for n in range(frames))
    return array("h", (sample for sample in wave_form for _ in range(channels))).tobytes()


def silence(*, seconds: float = 0.5, rate_hz: int = 44_100, channels: int = 2) -> bytes:
    """As much of nothing, as samples."""
    return bytes(int(seconds * rate_hz) * channels * 2)


def mp3_of(
    samples: bytes, *, rate_hz: int = 44_100, channels: int = 2, bitrate_kbps: int = 64
) -> bytes:
    """``samples`` as a bare mp3 stream: no ID3 tag, no Xing frame."""
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_bit_rate(bitrate_kbps)
    encoder.set_in_sample_rate(rate_hz)
    encoder.set_out_sample_rate(rate_hz)
    encoder.set_channels(channels)
    encoder.set_quality(7)
    return bytes(encoder.encode(samples)) + bytes(encoder.flush())


def wav_of(samples: bytes, *, rate_hz: int = 44_100, channels: int = 2) -> bytes:
    """``samples`` as a WAV file, as the standard library writes it."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(2)
        writer.setframerate(rate_hz)
        writer.writeframes(samples)
    return file.getvalue()


def chunk(chunk_id: bytes, payload: bytes, *, claimed: int | None = None) -> bytes:
    """One RIFF chunk, padded; ``claimed`` is its size as the header tells it."""
    size = len(payload) if claimed is None else claimed
    return chunk_id + struct.pack("<I", size) + payload + b"\x00" * (len(payload) % 2)


def fmt_chunk(*, rate_hz: int = 44_100, channels: int = 2) -> bytes:
    """The ``fmt`` chunk of 16-bit PCM."""
    frame_bytes = 2 * channels
    return chunk(
        b"fmt ",
        struct.pack("<HHIIHH", 1, channels, rate_hz, rate_hz * frame_bytes, frame_bytes, 16),
    )


def riff(*chunks: bytes, claimed: int | None = None) -> bytes:
    """A WAV file of these chunks."""
    body = b"WAVE" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body) if claimed is None else claimed) + body


def foreign_id3(body_bytes: int, *, has_footer: bool = False) -> bytes:
    """Someone else's ID3v2.4 tag of that many bytes of padding."""
    size = bytes(body_bytes >> shift & 0x7F for shift in (21, 14, 7, 0))
    flags = b"\x10" if has_footer else b"\x00"
    footer = b"3DI\x04\x00" + flags + size if has_footer else b""
    return b"ID3\x04\x00" + flags + size + bytes(body_bytes) + footer


def peak_bytes() -> int:
    """The most memory that this process has held since it was started, as Linux counts it."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])
