"""Writes the copy of a pristine file that is published: the same audio, our tags."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pipeline.core.album import Checksum
from pipeline.core.id3 import TAG_HEADER_BYTES, audio_start, id3v24_tag
from pipeline.core.riff import RIFF_HEADER_BYTES, ReadAt, Span, is_wav, tagged_wav, wav_layout
from pipeline.core.tags import TrackTags

_BLOCK_BYTES = 1 << 20


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
    in ``wav`` the INFO and ID3 chunks; everything else, a WAV whose chunks do not add up included,
    is copied as it is. The same source and tags give the same bytes. The destination is neither
    flushed nor closed. Raises ``OSError``, also when the source shrinks meanwhile.
    """
    with source.open("rb") as pristine:

        def read_at(offset: int, count: int) -> bytes:
            pristine.seek(offset)
            return pristine.read(count)

        file_bytes = pristine.seek(0, os.SEEK_END)
        pieces = _pieces(read_at, file_bytes, audio_format, tags)
        digest, written_bytes = hashlib.sha256(), 0
        for piece in pieces:
            for block in _blocks(piece, read_at):
                digest.update(block)
                destination.write(block)
                written_bytes += len(block)
    return WrittenCopy(checksum=Checksum(digest.hexdigest()), bytes=written_bytes)


def _pieces(
    read_at: ReadAt, file_bytes: int, audio_format: str, tags: TrackTags
) -> tuple[bytes | Span, ...]:
    untouched = (Span(start=0, size=file_bytes),)
    if audio_format == "mp3":
        start = 0
        while skipped := audio_start(read_at(start, TAG_HEADER_BYTES)):
            start += skipped
        if start >= file_bytes:
            return untouched
        return (id3v24_tag(tags), Span(start=start, size=file_bytes - start))
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
