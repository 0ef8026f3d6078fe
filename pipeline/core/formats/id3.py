"""ID3v2 tags: writing version 2.4, and finding where the tags at a file's head end."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.core.formats.tags import TrackTags, many_lines, one_line
from pipeline.core.wanted.cover import Cover

TAG_HEADER_BYTES = 10
_FOOTER_BYTES = 10
_HAS_FOOTER = 0x10
_VERSIONS = (2, 3, 4)  # all that there are; anything else is chance or prose
_UTF8 = b"\x03"
_LATIN_1 = b"\x00"
_FRONT_COVER = b"\x03"
_UNKNOWN_LANGUAGE = "XXX"
_SYNCHSAFE_LIMIT = 1 << 28
REPLACED = b"songmake:replaced\x00"  # the owner of a private frame


def id3v24_tag(tags: TrackTags, *, replaced: bytes = b"") -> bytes:
    """A whole ID3v2.4 tag: UTF-8 frames in a fixed order, no padding, the same bytes every time.

    Empty when there is nothing to say, as a tag without frames is not allowed. UTF-8 has no byte
    0xFF and neither has a synchsafe size, so texts cannot be mistaken for an MPEG frame. A cover
    can, and stays as it is all the same: whoever reads mp3 files skips a tag by its size, and
    several readers show no picture that was unsynchronised. The track number comes last, for
    exiftool doubts the size of a long frame with nothing behind it. ``replaced`` are tags that
    stood in this one's place: kept in a private frame, so that the pristine file can be had back
    from its copy. Raises ``ValueError`` beyond 256 MiB.
    """
    frames = b"".join(_frames(tags, replaced))
    if not frames:
        return b""
    return b"ID3\x04\x00\x00" + _synchsafe(len(frames)) + frames


def audio_start(head: bytes) -> int:
    """Where the bytes after the ID3v2 tags begin, counted from the start of ``head``.

    0 if it begins with no tag. A tag may be longer than ``head``; the answer then lies beyond it,
    and further tags may follow there: ask again with the bytes from that place on.
    """
    start = 0
    while size_bytes := _tag_bytes(head[start : start + TAG_HEADER_BYTES]):
        start += size_bytes
    return start


def _tag_bytes(header: bytes) -> int:
    """The length of the tag with this header, header and footer included; 0 if it is none."""
    if len(header) < TAG_HEADER_BYTES or not header.startswith(b"ID3"):
        return 0
    if header[3] not in _VERSIONS or any(byte & 0x80 for byte in header[6:10]):
        return 0
    body = header[6] << 21 | header[7] << 14 | header[8] << 7 | header[9]
    return TAG_HEADER_BYTES + body + (_FOOTER_BYTES if header[5] & _HAS_FOOTER else 0)


def _frames(tags: TrackTags, replaced: bytes) -> Iterator[bytes]:
    for frame_id, text in (
        ("TIT2", tags.title),
        ("TPE1", tags.artist),
        ("TPE2", tags.album_artist),
        ("TALB", tags.album),
        ("TDRC", tags.date),
    ):
        yield _text_frame(frame_id, text)
    language = _language_code(tags.language)
    yield _prose_frame("USLT", tags.lyrics, language)
    for frame_id, text in (
        ("TCON", tags.genre),
        ("TCOM", tags.composer),
        ("TEXT", tags.lyricist),
        ("TSRC", tags.isrc),
        ("TBPM", None if tags.bpm is None else str(tags.bpm)),
        ("TKEY", tags.key),
        ("TCOP", tags.copyright),
        ("TPUB", tags.publisher),
        ("TLAN", tags.language),
    ):
        yield _text_frame(frame_id, text)
    for name, text in tags.named_texts:
        yield _named_frame(name, text)
    yield _prose_frame("COMM", tags.comment, language)
    yield _picture_frame(tags.cover)
    yield _frame("PRIV", REPLACED + replaced) if replaced else b""
    yield _text_frame("TRCK", track_text(tags))


def track_text(tags: TrackTags) -> str | None:
    """``3/12``, ``3`` where the count is unknown, None without a number."""
    if tags.track_number is None:
        return None
    if tags.track_count is None:
        return str(tags.track_number)
    return f"{tags.track_number}/{tags.track_count}"


def _text_frame(frame_id: str, text: str | None) -> bytes:
    line = one_line(text or "")
    return _frame(frame_id, _UTF8 + line.encode()) if line else b""


def _prose_frame(frame_id: str, text: str | None, language: str) -> bytes:
    prose = many_lines(text or "")
    if not prose:
        return b""
    no_description = b"\x00"
    return _frame(frame_id, _UTF8 + language.encode() + no_description + prose.encode())


def _named_frame(name: str, text: str) -> bytes:
    line = one_line(text)
    return _frame("TXXX", _UTF8 + name.encode() + b"\x00" + line.encode()) if line else b""


def _picture_frame(cover: Cover | None) -> bytes:
    if cover is None:
        return b""
    no_description = b"\x00"
    head = _LATIN_1 + cover.kind.mime.encode() + b"\x00" + _FRONT_COVER + no_description
    return _frame("APIC", head + cover.content)


def _frame(frame_id: str, content: bytes) -> bytes:
    return frame_id.encode() + _synchsafe(len(content)) + b"\x00\x00" + content


def _language_code(language: str | None) -> str:
    code = (language or "").strip().lower()
    return code if len(code) == 3 and code.isascii() and code.isalpha() else _UNKNOWN_LANGUAGE


def _synchsafe(size_bytes: int) -> bytes:
    """A size as ID3v2.4 spells it: four bytes of seven bits."""
    if size_bytes >= _SYNCHSAFE_LIMIT:
        raise ValueError(f"{size_bytes} bytes do not fit into an ID3v2 tag")
    return bytes(size_bytes >> shift & 0x7F for shift in (21, 14, 7, 0))
