"""What a JPEG or PNG file says of itself, read from its own bytes; no pixel is decoded.

JPEG's markers are those of ITU-T T.81 annex B, PNG's chunks those of the W3C's specification.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_CHUNK_FRAME = 12  # length, type and CRC around a chunk's content
_IHDR_BYTES = 13
_JPEG_START = b"\xff\xd8"
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE_MARKERS = frozenset({0x01, *range(0xD0, 0xD8)})
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_SCAN_END = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")  # any marker but a restart
_SOF_NAMES = {0xC3: "lossless", 0xC9: "arithmetic-coded", 0xCA: "arithmetic-coded"}
_USUAL_FRAMES = frozenset({0xC0, 0xC1})
_PROGRESSIVE = 0xC2
_FOREIGN = (
    (0, b"GIF8", "GIF"),
    (8, b"WEBP", "WebP"),
    (0, b"BM", "BMP"),
    (0, b"II*\x00", "TIFF"),
    (0, b"MM\x00*", "TIFF"),
    (0, b"%PDF-", "PDF"),
    (0, b"8BPS", "Photoshop"),
    (4, b"ftypheic", "HEIC"),
    (4, b"ftypavif", "AVIF"),
)


class PictureKind(StrEnum):
    """Kinds of picture that stores take; the values are file name endings."""

    JPEG = "jpg"
    PNG = "png"

    @property
    def mime(self) -> str:
        """The media type."""
        return "image/jpeg" if self is PictureKind.JPEG else "image/png"


class NotAPicture(Exception):
    """The bytes are no whole JPEG or PNG file; ``message`` says how."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFacts:
    """Kind and size in pixels; ``oddities`` are what some stores and players cannot show."""

    kind: PictureKind
    width: int
    height: int
    oddities: tuple[str, ...] = ()


def read_picture(content: bytes) -> PictureFacts:
    """The facts of a whole JPEG or PNG file. Raises :class:`NotAPicture`."""
    if content.startswith(_PNG_SIGNATURE):
        return _png(content)
    if content.startswith(_JPEG_START):
        return _jpeg(content)
    for offset, magic, name in _FOREIGN:
        if content[offset : offset + len(magic)] == magic:
            raise NotAPicture(f"is a {name} file, not a JPEG or PNG")
    raise NotAPicture("is no JPEG or PNG" if content else "is empty")


def _png(content: bytes) -> PictureFacts:
    chunks = dict(_png_chunks(content))
    header = chunks.get(b"IHDR", b"")
    if next(iter(chunks), None) != b"IHDR" or len(header) != _IHDR_BYTES:
        raise NotAPicture("is a broken PNG: it has no header")
    if b"IDAT" not in chunks:
        raise NotAPicture("is a broken PNG: it has no pixels")
    width, height, depth, colour = struct.unpack_from(">IIBB", header)
    found = (
        (b"acTL" in chunks, "it is animated"),
        (bool(colour & 4) or b"tRNS" in chunks, "it has transparency"),
        (depth == 16, "it has 16 bits a channel"),
    )
    return PictureFacts(
        kind=PictureKind.PNG,
        width=width,
        height=height,
        oddities=tuple(words for is_so, words in found if is_so),
    )


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each chunk's type and content, up to the end; the CRC of each is checked."""
    offset = len(_PNG_SIGNATURE)
    while offset + _PNG_CHUNK_FRAME <= len(content):
        (size,) = struct.unpack_from(">I", content, offset)
        end = offset + 8 + size
        body = content[offset + 4 : end]
        if content[end : end + 4] != struct.pack(">I", zlib.crc32(body)):
            raise NotAPicture(f"is a broken PNG: the part at byte {offset} is damaged or cut short")
        yield body[:4], body[4:]
        if body[:4] == b"IEND":
            return
        offset = end + 4
    raise NotAPicture("is a broken PNG: it is cut short")


def _jpeg(content: bytes) -> PictureFacts:
    facts: PictureFacts | None = None
    has_scan = False
    for marker, start in _jpeg_markers(content):
        if marker in _FRAME_MARKERS and facts is None:
            facts = _jpeg_frame(marker, content[start + 2 : start + 8])
        has_scan = has_scan or marker == _START_OF_SCAN
    if facts is None or not has_scan:
        raise NotAPicture("is a broken JPEG: it has no picture in it")
    return facts


def _jpeg_markers(content: bytes) -> Iterator[tuple[int, int]]:
    """Each marker up to the end of the image, with the place of its segment's length."""
    offset = len(_JPEG_START)
    while found := _SCAN_END.match(content, offset):
        marker, offset = content[found.end() - 1], found.end()
        if marker == _END_OF_IMAGE:
            return
        if marker in _BARE_MARKERS:
            continue
        yield marker, offset
        if offset + 2 > len(content):
            break
        (size,) = struct.unpack_from(">H", content, offset)
        offset += size
        if marker == _START_OF_SCAN:
            after = _SCAN_END.search(content, offset)
            offset = len(content) if after is None else after.start()
    at_end = offset >= len(content)
    how = "it is cut short" if at_end else f"nothing fits at byte {offset}"
    raise NotAPicture(f"is a broken JPEG: {how}")


def _jpeg_frame(marker: int, segment: bytes) -> PictureFacts:
    if len(segment) < 6:
        raise NotAPicture("is a broken JPEG: it is cut short")
    depth, height, width, channels = struct.unpack(">BHHB", segment)
    found = (
        (marker == _PROGRESSIVE, "it is progressive"),
        (
            marker not in _USUAL_FRAMES | {_PROGRESSIVE},
            f"it is {_SOF_NAMES.get(marker, 'hierarchical')}",
        ),
        (channels == 4, "it is CMYK, not RGB"),
        (channels == 1, "it is grey, not RGB"),
        (depth != 8, f"it has {depth} bits a channel"),
    )
    return PictureFacts(
        kind=PictureKind.JPEG,
        width=width,
        height=height,
        oddities=tuple(words for is_so, words in found if is_so),
    )
