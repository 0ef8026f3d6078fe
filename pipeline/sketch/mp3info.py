"""The Info frame before an mp3's first frame: it makes the decoded length exact to the sample."""

from __future__ import annotations

from dataclasses import dataclass

_MPEG1_KBPS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MPEG2_KBPS = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_MPEG1_HZ = (44100, 48000, 32000)
_MPEG2_HZ = (22050, 24000, 16000)
_TAG_BYTES = 156  # from "Info" to the check sum
_ENCODER_DELAY = 576


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    """What a frame's four bytes say."""

    is_mpeg1: bool
    kbps_index: int
    rate_index: int
    padding: int
    is_mono: bool

    @property
    def rate_hz(self) -> int:
        return (_MPEG1_HZ if self.is_mpeg1 else _MPEG2_HZ)[self.rate_index]

    @property
    def kbps(self) -> int:
        return (_MPEG1_KBPS if self.is_mpeg1 else _MPEG2_KBPS)[self.kbps_index]

    @property
    def samples(self) -> int:
        return 1152 if self.is_mpeg1 else 576

    @property
    def size_bytes(self) -> int:
        return self.samples // 8 * 1000 * self.kbps // self.rate_hz + self.padding

    @property
    def side_bytes(self) -> int:
        if self.is_mpeg1:
            return 17 if self.is_mono else 32
        return 9 if self.is_mono else 17


def with_info_frame(stream: bytes, samples: int) -> bytes:
    """The stream with an Info frame for ``samples`` a channel put before it.

    Raises ``ValueError`` if the stream is not whole frames of MPEG layer III.
    """
    frames = _count_frames(stream)
    first = _header(stream, 0)
    index = next(
        index for index in range(first.kbps_index, 15) if _fits(first, index)
    )  # a frame of few bits has no room for the tag
    header = bytearray(stream[:4])
    header[1] |= 0x01  # no check sum
    header[2] = (index << 4) | (first.rate_index << 2) | (header[2] & 1)
    size = _size(first, index)
    padding = max(0, frames * first.samples - _ENCODER_DELAY - samples)
    frame = bytearray(size)
    frame[:4] = header
    at = 4 + first.side_bytes
    frame[at : at + _TAG_BYTES] = _tag(first, frames, size + len(stream), padding, len(stream))
    frame[at + 154 : at + 156] = _crc16(bytes(frame[: at + 154])).to_bytes(2, "big")
    return bytes(frame) + stream


def _tag(first: _Header, frames: int, size_bytes: int, padding: int, music_bytes: int) -> bytes:
    tag = bytearray(b"Info")
    tag += (0x0F).to_bytes(4, "big") + frames.to_bytes(4, "big") + size_bytes.to_bytes(4, "big")
    tag += bytes(255 * n // 100 for n in range(100)) + (50).to_bytes(4, "big")
    tag += b"LAME3.100" + bytes([0x01, 0])  # revision 0, constant bit rate; no low-pass told
    tag += bytes(8) + bytes([0])  # no peak and no replay gain told, no flags
    tag += bytes([min(255, first.kbps)])
    tag += ((_ENCODER_DELAY << 12) | min(4095, padding)).to_bytes(3, "big")
    tag += bytes([0, 0, 0, 0]) + music_bytes.to_bytes(4, "big")
    return bytes(tag.ljust(_TAG_BYTES, b"\0"))


def _size(first: _Header, index: int) -> int:
    kbps = (_MPEG1_KBPS if first.is_mpeg1 else _MPEG2_KBPS)[index]
    return first.samples // 8 * 1000 * kbps // first.rate_hz


def _fits(first: _Header, index: int) -> bool:
    return _size(first, index) >= 4 + first.side_bytes + _TAG_BYTES


def _header(stream: bytes, at: int) -> _Header:
    head = stream[at : at + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        raise ValueError(f"no layer III frame at byte {at}")
    return _Header(
        is_mpeg1=head[1] & 0x18 == 0x18, kbps_index=head[2] >> 4, rate_index=(head[2] >> 2) & 3,
        padding=(head[2] >> 1) & 1, is_mono=head[3] & 0xC0 == 0xC0,
    )  # fmt: skip


def _count_frames(stream: bytes) -> int:
    at = frames = 0
    while at < len(stream):
        at += _header(stream, at).size_bytes
        frames += 1
    return frames


def _crc16(octets: bytes) -> int:
    crc = 0
    for octet in octets:
        crc ^= octet
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc
