"""Small real sound files, the same bytes for the same generation and no other."""

from __future__ import annotations

import hashlib
import math
import struct
import sys
from array import array
from functools import lru_cache

_MPEG1_KBPS = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MPEG2_KBPS = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATE_INDEX = {44100: 0, 48000: 1, 32000: 2, 22050: 0, 24000: 1, 16000: 2}


@lru_cache(maxsize=256)
def render_audio(
    generation_id: str,
    *,
    audio_format: str,
    sample_rate: int,
    bitrate: int,
    seconds: float,
    channels: int,
) -> bytes:
    """The file of a generation: a sine as ``wav`` or ``pcm`` (s16le), silence as ``mp3``.

    Up to 200 frames (mp3: 3 frames) longer than asked, by the generation.
    """
    if audio_format == "mp3":
        return _render_mp3(generation_id, sample_rate, bitrate, seconds, channels)
    pcm = _render_pcm(generation_id, sample_rate, seconds, channels)
    return pcm if audio_format == "pcm" else _wav_header(len(pcm), sample_rate, channels) + pcm


def _seed(generation_id: str) -> bytes:
    return hashlib.sha256(generation_id.encode()).digest()


def _render_pcm(generation_id: str, sample_rate: int, seconds: float, channels: int) -> bytes:
    seed = _seed(generation_id)
    period = sample_rate // (220 + int.from_bytes(seed[:2], "big") % 660)
    loudness = 3000 + int.from_bytes(seed[2:4], "big") % 6000
    wave = [round(loudness * math.sin(2 * math.pi * step / period)) for step in range(period)]
    frames = int(sample_rate * seconds) + seed[4] % 200
    samples = array("h", [level for level in wave for _ in range(channels)])
    samples *= -(-frames // period)
    del samples[frames * channels :]
    # The id in the lowest bits of the start makes any two files differ, inaudibly.
    bits = "".join(f"{byte:08b}" for byte in generation_id.encode())
    for place, bit in enumerate(bits[: len(samples)]):
        samples[place] = (samples[place] & ~1) | int(bit)
    if sys.byteorder == "big":
        samples.byteswap()
    return samples.tobytes()


def _wav_header(length: int, sample_rate: int, channels: int) -> bytes:
    frame = 2 * channels
    form = struct.pack("<HHIIHH", 1, channels, sample_rate, sample_rate * frame, frame, 16)
    return (
        struct.pack("<4sI4s", b"RIFF", 36 + length, b"WAVE")
        + struct.pack("<4sI", b"fmt ", len(form))
        + form
        + struct.pack("<4sI", b"data", length)
    )


def real_bitrate(sample_rate: int, bitrate: int) -> int:
    """What an mp3 can carry, bit/s: MPEG-2 (below 32 kHz) ends at 160 kbit/s."""
    return min(bitrate, 160_000) if sample_rate < 32000 else bitrate


def _render_mp3(
    generation_id: str, sample_rate: int, bitrate: int, seconds: float, channels: int
) -> bytes:
    is_mpeg1 = sample_rate >= 32000
    kbps = real_bitrate(sample_rate, bitrate) // 1000
    bitrate_index = (_MPEG1_KBPS if is_mpeg1 else _MPEG2_KBPS).index(kbps) + 1
    side_bytes = {(True, 1): 17, (True, 2): 32, (False, 1): 9, (False, 2): 17}[is_mpeg1, channels]
    samples = 1152 if is_mpeg1 else 576
    count = math.ceil(seconds * sample_rate / samples) + _seed(generation_id)[0] % 4
    slots, rest = divmod(samples // 8 * kbps * 1000, sample_rate)
    frames, owed = [], 0
    for _ in range(count):
        owed += rest
        padding, owed = divmod(owed, sample_rate)
        head = bytes(
            (
                0xFF,
                0xFB if is_mpeg1 else 0xF3,
                bitrate_index << 4 | _RATE_INDEX[sample_rate] << 2 | padding << 1,
                0x00 if channels == 2 else 0xC0,
            )
        )
        # Zero side information is silence; what follows it is ancillary and holds the id.
        spare = slots + padding - len(head) - side_bytes
        frames.append(head + bytes(side_bytes) + generation_id.encode()[:spare].ljust(spare, b"\0"))
    return b"".join(frames)


def not_audio(length: int) -> bytes:
    """Exactly that many bytes of plain English."""
    phrase = b"these are words and not sound. "
    return (phrase * (length // len(phrase) + 1))[:length]
