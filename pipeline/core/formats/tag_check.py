"""Reading an ID3v2.4 tag back, and what of it is not as it was meant."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.core.formats.id3 import REPLACED, TAG_HEADER_BYTES, id3v24_tag
from pipeline.core.formats.tags import TrackTags

_FRAME_HEADER_BYTES = 10
WORDS: Mapping[str, str] = {
    "TIT2": "title", "TPE1": "artist", "TPE2": "album artist", "TALB": "album", "TDRC": "date",
    "USLT": "lyrics", "TCON": "genre", "TCOM": "composer", "TEXT": "lyricist", "TSRC": "isrc",
    "TBPM": "bpm", "TKEY": "key", "TCOP": "copyright", "TPUB": "publisher", "TLAN": "language",
    "COMM": "comment", "APIC": "cover", "TRCK": "track number",
}  # fmt: skip


def id3_frames(tag: bytes) -> dict[str, bytes]:
    """The frames of a tag of version 2.4 by id, ``TXXX:NAME`` for named texts; as far as it goes.

    Empty for any other version: songmake writes none.
    """
    found: dict[str, bytes] = {}
    if not tag.startswith(b"ID3\x04"):
        return found
    at, end = TAG_HEADER_BYTES, TAG_HEADER_BYTES + _synchsafe(tag[6:10])
    while at + _FRAME_HEADER_BYTES <= min(end, len(tag)) and tag[at : at + 4].isalnum():
        size_bytes = _synchsafe(tag[at + 4 : at + 8])
        body = tag[at + _FRAME_HEADER_BYTES : at + _FRAME_HEADER_BYTES + size_bytes]
        name = tag[at : at + 4].decode("ascii", errors="replace")
        if name == "TXXX":
            name += ":" + body[1:].partition(b"\x00")[0].decode(errors="replace")
        found[name] = body
        at += _FRAME_HEADER_BYTES + size_bytes
    return found


def differing_tags(said: bytes, wanted: TrackTags) -> tuple[str, ...]:
    """Names of what a file's tag says otherwise than ``wanted``, lacks or has beside it."""
    found, meant = id3_frames(said), id3_frames(id3v24_tag(wanted))
    found.pop("PRIV", None)  # what the provider's file said, kept for the way back
    names = [name for name in meant | found if meant.get(name) != found.get(name)]
    return tuple(WORDS.get(name, name.removeprefix("TXXX:")) for name in names)


def replaced_tags(tag: bytes) -> bytes:
    """The tags that stood in this one's place in the pristine file; empty if there were none."""
    kept = id3_frames(tag).get("PRIV", b"")
    return kept.removeprefix(REPLACED) if kept.startswith(REPLACED) else b""


def _synchsafe(four: bytes) -> int:
    return sum((byte & 0x7F) << shift for byte, shift in zip(four, (21, 14, 7, 0), strict=False))
