"""MPEG audio layer III: reading frame headers, telling a stream of frames from chance bytes."""

from __future__ import annotations

from dataclasses import dataclass

_HEADER_BYTES = 4
_CONFIRMING_FRAMES = 3  # frames in a row that chance does not produce
_LAYER_III = 0b01
_MPEG_1 = 0b11
_RATES_HZ = {  # by the version bits; 0b01 is reserved
    0b11: (44_100, 48_000, 32_000),
    0b10: (22_050, 24_000, 16_000),
    0b00: (11_025, 12_000, 8_000),
}
_BITRATES_MPEG_1 = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_BITRATES_LSF = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_MONO = 0b11
_HAS_FRAME_COUNT, _HAS_BYTE_COUNT = 0x1, 0x2


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameHeader:
    """One frame: ``size_bytes`` is its whole length, ``side_bytes`` its side information's."""

    sample_rate_hz: int
    size_bytes: int
    side_bytes: int


def frame_header(stream: bytes, offset: int = 0) -> FrameHeader | None:
    """The layer III frame header at ``offset``, None if there is none (free format is none)."""
    header = stream[offset : offset + _HEADER_BYTES]
    if len(header) < _HEADER_BYTES or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return None
    version, layer = header[1] >> 3 & 0b11, header[1] >> 1 & 0b11
    bitrate_index, rate_index = header[2] >> 4, header[2] >> 2 & 0b11
    if layer != _LAYER_III or version not in _RATES_HZ or rate_index == 3:
        return None
    if bitrate_index in (0, 15) or header[3] & 0b11 == 2:
        return None
    is_mpeg_1, is_mono = version == _MPEG_1, header[3] >> 6 == _MONO
    rate_hz = _RATES_HZ[version][rate_index]
    bitrate = 1000 * (_BITRATES_MPEG_1 if is_mpeg_1 else _BITRATES_LSF)[bitrate_index - 1]
    padding = header[2] >> 1 & 1
    return FrameHeader(
        sample_rate_hz=rate_hz,
        size_bytes=(144 if is_mpeg_1 else 72) * bitrate // rate_hz + padding,
        side_bytes=(17 if is_mono else 32) if is_mpeg_1 else (9 if is_mono else 17),
    )


def begins_with_frames(head: bytes, offset: int = 0, *, is_whole: bool = False) -> bool:
    """Whether several frames of one kind follow each other from ``offset`` on.

    ``is_whole`` says that nothing comes after ``head``: a stream that ends there may be shorter.
    """
    first = frame_header(head, offset)
    if first is None:
        return False
    for _ in range(_CONFIRMING_FRAMES):
        header = frame_header(head, offset)
        if header is None or header.sample_rate_hz != first.sample_rate_hz:
            return False
        offset += header.size_bytes
        if is_whole and offset >= len(head):
            return offset == len(head)
    return True


def first_frame(head: bytes) -> int | None:
    """The offset of the first run of frames, after however much junk; None without any."""
    offset = head.find(0xFF)
    while offset >= 0:
        if begins_with_frames(head, offset):
            return offset
        offset = head.find(0xFF, offset + 1)
    return None


def claimed_bytes(head: bytes, offset: int) -> int | None:
    """How long the audio is by its own Xing or Info header in the frame at ``offset``, if any."""
    header = frame_header(head, offset)
    if header is None:
        return None
    xing = offset + _HEADER_BYTES + header.side_bytes
    if head[xing : xing + 4] not in (b"Xing", b"Info"):
        return None
    flags = int.from_bytes(head[xing + 4 : xing + 8], "big")
    at = xing + (12 if flags & _HAS_FRAME_COUNT else 8)
    if not flags & _HAS_BYTE_COUNT or at + 4 > len(head):
        return None
    return int.from_bytes(head[at : at + 4], "big") or None
