"""The copy of a pristine file that is published, the same audio with our tags, and its way back."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pipeline.core.formats.id3 import TAG_HEADER_BYTES, audio_start, id3v24_tag
from pipeline.core.formats.riff import (
    RIFF_HEADER_BYTES,
    ReadAt,
    Span,
    is_wav,
    tagged_wav,
    untagged_wavs,
    wav_layout,
)
from pipeline.core.formats.tag_check import replaced_tags
from pipeline.core.formats.tags import TrackTags
from pipeline.core.purchase.attempt import StoredAudio
from pipeline.core.wanted.album import Checksum

_BLOCK_BYTES = 1 << 20
_MOST_KEPT_BYTES = 1 << 16  # of replaced tags; an encoder's mark takes a hundred


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenCopy:
    """What was written: the sha256 of all of it, and how many bytes."""

    checksum: Checksum
    bytes: int


def write_tagged_copy(
    source: Path, destination: BinaryIO, *, audio_format: str, tags: TrackTags
) -> WrittenCopy:
    """Write ``source`` with ``tags`` to an open, buffered file, a block at a time.

    ``audio_format`` is what the file really is: in ``mp3`` the ID3v2 tags at the head are replaced,
    and kept inside ours up to 64 KiB, in ``wav`` the INFO and ID3 chunks; everything else, a WAV
    whose chunks do not add up included, is copied as it is. The same source and tags give the same
    bytes. The destination is neither flushed nor closed. Raises ``OSError``, also when the source
    shrinks meanwhile.
    """
    with _reading(source) as (read_at, file_bytes):
        pieces = _pieces(read_at, file_bytes, audio_format, tags)
        digest, written_bytes = hashlib.sha256(), 0
        for piece in pieces:
            for block in _blocks(piece, read_at):
                digest.update(block)
                destination.write(block)
                written_bytes += len(block)
    return WrittenCopy(checksum=Checksum(digest.hexdigest()), bytes=written_bytes)


def read_id3_tag(published: Path, *, audio_format: str) -> bytes | None:
    """The ID3v2 tag of a published file, empty if it has none; None where none can be.

    Raises ``OSError``.
    """
    with _reading(published) as (read_at, file_bytes):
        if audio_format == "mp3":
            return read_at(0, audio_start(read_at(0, TAG_HEADER_BYTES)))
        if audio_format != "wav" or not is_wav(read_at(0, RIFF_HEADER_BYTES)):
            return None
        layout = wav_layout(read_at, file_bytes=file_bytes)
        chunk = layout.find(b"id3 ")
        if chunk is None:
            return b"" if layout.is_intact else None
        return read_at(chunk.payload_start, chunk.size)


def untagged_sizes(published: Path, *, audio_format: str) -> frozenset[int]:
    """How long the pristine file may have been, in bytes, that a published file is a copy of."""
    with _reading(published) as (read_at, file_bytes):
        return frozenset(map(_size_of, _untagged(read_at, file_bytes, audio_format)))


def write_untagged_copy(published: Path, destination: BinaryIO | None, audio: StoredAudio) -> bool:
    """Writes the pristine file that a published one is a copy of: ``audio`` is what it was.

    False, and nothing is written, if it cannot be had from it: the audio is another, or long tags
    or a WAV's were replaced that the provider had put there. Without a destination it is only
    looked at. Raises ``OSError``.
    """
    with _reading(published) as (read_at, file_bytes):
        for pieces in _untagged(read_at, file_bytes, audio.format):
            if _size_of(pieces) != audio.size_bytes:
                continue
            if _digest_of(pieces, read_at) == audio.checksum:
                for piece in pieces if destination is not None else ():
                    for block in _blocks(piece, read_at):
                        assert destination is not None
                        destination.write(block)
                return True
    return False


@contextmanager
def _reading(source: Path) -> Iterator[tuple[ReadAt, int]]:
    with source.open("rb") as file:

        def read_at(offset: int, count: int) -> bytes:
            file.seek(offset)
            return file.read(count)

        yield read_at, file.seek(0, os.SEEK_END)


def _untagged(
    read_at: ReadAt, file_bytes: int, audio_format: str
) -> Iterator[tuple[bytes | Span, ...]]:
    """What :func:`write_tagged_copy` may have been given, the likeliest first."""
    start = _audio_start(read_at) if audio_format == "mp3" else 0
    if 0 < start < file_bytes:
        audio = Span(start=start, size=file_bytes - start)
        if replaced := replaced_tags(read_at(0, start)):
            yield (replaced, audio)
        yield (audio,)
    if audio_format == "wav" and is_wav(read_at(0, RIFF_HEADER_BYTES)):
        yield from untagged_wavs(wav_layout(read_at, file_bytes=file_bytes))
    yield (Span(start=0, size=file_bytes),)


def _audio_start(read_at: ReadAt) -> int:
    start = 0
    while skipped := audio_start(read_at(start, TAG_HEADER_BYTES)):
        start += skipped
    return start


def _size_of(pieces: tuple[bytes | Span, ...]) -> int:
    return sum(piece.size if isinstance(piece, Span) else len(piece) for piece in pieces)


def _digest_of(pieces: tuple[bytes | Span, ...], read_at: ReadAt) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        for block in _blocks(piece, read_at):
            digest.update(block)
    return digest.hexdigest()


def _pieces(
    read_at: ReadAt, file_bytes: int, audio_format: str, tags: TrackTags
) -> tuple[bytes | Span, ...]:
    untouched = (Span(start=0, size=file_bytes),)
    if audio_format == "mp3":
        start = _audio_start(read_at)
        if start >= file_bytes:
            return untouched
        replaced = read_at(0, start) if start <= _MOST_KEPT_BYTES else b""
        return (id3v24_tag(tags, replaced=replaced), Span(start=start, size=file_bytes - start))
    if audio_format == "wav" and is_wav(read_at(0, RIFF_HEADER_BYTES)):
        return tagged_wav(wav_layout(read_at, file_bytes=file_bytes), tags) or untouched
    return untouched


def _blocks(piece: bytes | Span, read_at: ReadAt) -> Iterator[bytes]:
    if isinstance(piece, bytes):
        yield piece
        return
    offset, end = piece.start, piece.start + piece.size
    while offset < end:
        block = read_at(offset, min(_BLOCK_BYTES, end - offset))
        if not block:
            raise OSError(errno.EIO, f"the pristine file ends at byte {offset} of {end}")
        yield block
        offset += len(block)
