"""Flat pictures for tests, real to any decoder: JPEG by hand, PNG with the standard library."""

from __future__ import annotations

import struct
import zlib
from functools import lru_cache

BASELINE, PROGRESSIVE = 0xC0, 0xC2


def _segment(marker: int, payload: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(payload) + 2) + payload


def _one_code(table: int) -> bytes:
    """A Huffman table whose only code is a single 0 bit: difference 0, or end of block."""
    return _segment(0xC4, bytes((table, 1)) + bytes(15) + b"\x00")


@lru_cache(maxsize=16)
def jpeg_of(
    side: int = 1400, height: int | None = None, *, channels: int = 3, frame: int = BASELINE
) -> bytes:
    """A mid-grey JPEG of ``side`` × ``height`` pixels: two 0 bits a block and channel."""
    height = side if height is None else height
    blocks = -(-side // 8) * -(-height // 8) * channels
    components = b"".join(bytes((number, 0x11, 0)) for number in range(1, channels + 1))
    selectors = b"".join(bytes((number, 0)) for number in range(1, channels + 1))
    bits = 2 * blocks
    scan = bytes(bits // 8) + (bytes((0xFF >> bits % 8,)) if bits % 8 else b"")
    return b"".join(
        (
            b"\xff\xd8",
            _segment(0xE0, b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"),
            _segment(0xDB, b"\x00" + bytes([16]) * 64),
            _segment(frame, struct.pack(">BHHB", 8, height, side, channels) + components),
            _one_code(0x00),
            _one_code(0x10),
            _segment(0xDA, bytes((channels,)) + selectors + b"\x00\x3f\x00"),
            scan,
            b"\xff\xd9",
        )
    )


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """One chunk with its length and CRC."""
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


@lru_cache(maxsize=16)
def png_of(
    side: int = 1400,
    height: int | None = None,
    *,
    depth: int = 8,
    colour: int = 2,
    more: bytes = b"",
) -> bytes:
    """A black PNG; ``more`` are chunks before the pixels. Colour 2 is RGB, 6 has transparency."""
    height = side if height is None else height
    channels = {0: 1, 2: 3, 4: 2, 6: 4}[colour]
    row = b"\x00" + bytes(-(-side * channels * depth // 8))
    header = struct.pack(">IIBBBBB", side, height, depth, colour, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            png_chunk(b"IHDR", header),
            more,
            png_chunk(b"IDAT", zlib.compress(row * height, 1)),
            png_chunk(b"IEND", b""),
        )
    )
