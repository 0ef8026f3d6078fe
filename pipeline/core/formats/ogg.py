"""Ogg files as pages with checksums: whether they are whole, and how long what is in them plays."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

_PAGE = struct.Struct("<4sBBqIIIB")
_CRC_AT = 22
_MOST_PAGE_BYTES = _PAGE.size + 255 + 255 * 255
_NO_POSITION = -1
_OPUS_RATE_HZ = 48_000  # whatever rate went in
_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


@dataclass(frozen=True, slots=True, kw_only=True)
class OggAudio:
    """The first stream of an Ogg file: ``frames`` are samples of each channel."""

    frames: int
    sample_rate_hz: int
    channels: int


class OggError(Exception):
    """The pages do not add up; the message is a clause about the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    serial: int
    position: int  # samples played once this page is over
    body: bytes
    size: int


def ogg_audio(read_at: Callable[[int, int], bytes], *, file_bytes: int) -> OggAudio:
    """Check every page against its checksum and read what its first stream says of itself.

    ``read_at(offset, count)`` gives bytes, fewer at the end; a page at a time is held. Raises
    :class:`OggError` for a broken or incomplete page and for streams not Vorbis or Opus.
    """
    first = _page(read_at(0, _MOST_PAGE_BYTES), offset=0)
    channels, rate_hz, skipped_frames = _stream_header(first.body)
    offset, played_frames = first.size, 0
    while offset < file_bytes:
        page = _page(read_at(offset, _MOST_PAGE_BYTES), offset=offset)
        if page.serial == first.serial and page.position != _NO_POSITION:
            played_frames = page.position
        offset += page.size
    frames = max(0, played_frames - skipped_frames)
    return OggAudio(frames=frames, sample_rate_hz=rate_hz, channels=channels)


def _page(block: bytes, *, offset: int) -> _Page:
    if len(block) < _PAGE.size:
        raise OggError(f"its last page, at byte {offset}, is cut short")
    magic, version, _, position, serial, _, checksum, segments = _PAGE.unpack_from(block)
    if magic != b"OggS" or version != 0:
        raise OggError(f"there is no page at byte {offset}")
    body_start = _PAGE.size + segments
    size = body_start + sum(block[_PAGE.size : body_start])
    if len(block) < size:
        raise OggError(f"its last page, at byte {offset}, is cut short")
    unsigned = block[:_CRC_AT] + bytes(4) + block[_CRC_AT + 4 : size]
    if _crc(unsigned) != checksum:
        raise OggError(f"the checksum of its page at byte {offset} is wrong")
    return _Page(serial=serial, position=position, body=block[body_start:size], size=size)


def _stream_header(packet: bytes) -> tuple[int, int, int]:
    """Channels, rate in Hz, and the samples that are decoded but not played."""
    channels = rate_hz = skipped_frames = 0
    if packet.startswith(b"\x01vorbis") and len(packet) >= 16:
        channels, rate_hz = struct.unpack_from("<BI", packet, 11)
    elif packet.startswith(b"OpusHead") and len(packet) >= 19:
        channels, skipped_frames = struct.unpack_from("<BH", packet, 9)
        rate_hz = _OPUS_RATE_HZ
    if not channels or not rate_hz:
        raise OggError("its first stream is neither vorbis nor opus")
    return channels, rate_hz, skipped_frames


def _crc(content: bytes) -> int:
    """Ogg's checksum: zlib's CRC-32 with all bits in mirrored order, from 0, not inverted."""
    mirrored = zlib.crc32(content.translate(_MIRRORED), 0xFFFF_FFFF) ^ 0xFFFF_FFFF
    return int(f"{mirrored:032b}"[::-1], 2)
