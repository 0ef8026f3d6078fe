"""What a file is, by its first bytes."""

from __future__ import annotations

import codecs
from enum import StrEnum

from pipeline.core.formats.mpeg import begins_with_frames
from pipeline.core.formats.riff import is_wav

_FOREIGN = (
    (0, b"\x1f\x8b\x08", "gzip"),
    (0, b"PK\x03\x04", "zip"),
    (0, b"\x28\xb5\x2f\xfd", "zstandard"),
    (0, b"%PDF-", "PDF"),
    (0, b"\x89PNG\r\n", "PNG"),
    (0, b"GIF8", "GIF"),
    (0, b"\xff\xd8\xff\xe0", "JPEG"),
    (0, b"FORM", "AIFF"),
    (0, b"\x1aE\xdf\xa3", "Matroska"),
    (4, b"ftyp", "MP4"),
)
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\x1b")


class AudioKind(StrEnum):
    """Encodings that are recognised, wanted or not."""

    MP3 = "mp3"
    WAV = "wav"
    PCM = "pcm"  # no signature: raw samples can only be believed
    FLAC = "flac"
    OGG = "ogg"


def audio_kind(head: bytes, *, is_whole: bool = False) -> AudioKind | None:
    """The kind that ``head`` announces in its very first bytes, None if it announces none.

    ``head`` begins after any ID3v2 tags; ``is_whole`` says that nothing comes after it.
    """
    if is_wav(head):
        return AudioKind.WAV
    if head.startswith(b"fLaC"):
        return AudioKind.FLAC
    if head.startswith(b"OggS"):
        return AudioKind.OGG
    return AudioKind.MP3 if begins_with_frames(head, is_whole=is_whole) else None


def foreign_kind(head: bytes) -> str | None:
    """The name of a well-known file kind that songmake never takes for audio, None otherwise."""
    for offset, magic, name in _FOREIGN:
        if head[offset : offset + len(magic)] == magic:
            return name
    return None


def is_text(head: bytes) -> bool:
    """Whether ``head`` reads as UTF-8 or ASCII prose, HTML and JSON among it; it may be cut short.

    Samples do not: a few hundred of them hold a NUL, a control or a broken sequence somewhere.
    """
    if any(byte < 0x20 and byte not in _TEXT_CONTROLS for byte in head):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return head.lstrip()[:1] in (b"<", b"{")
    return True
