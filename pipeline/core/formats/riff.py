"""WAV files as RIFF chunks: where each lies, what is said of the samples, and adding tags."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipeline.core.formats.id3 import id3v24_tag
from pipeline.core.formats.tags import TrackTags, one_line

ReadAt = Callable[[int, int], bytes]
"""``(offset, count)`` → the bytes there, fewer at the end: a file is walked without being held."""

RIFF_HEADER_BYTES = 12
CHUNK_HEADER_BYTES = 8
_FORM_BYTES = 4
FORMAT_BYTES = 16
_SIZE_LIMIT = 0xFFFF_FFFF
_STREAMED = (0xFFFF_FFFF, 0)
_STREAMING_SIZES = frozenset(_STREAMED)  # written before the length was known
_MOST_CHUNKS = 1000  # a file of empty chunks must not keep anyone busy


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """One chunk: ``start`` is its header's offset, ``size`` its payload without the padding byte.

    ``form`` is the payload's first four bytes. An open-ended chunk claims no size; ``size`` is
    then what the file holds.
    """

    id: bytes
    start: int
    size: int
    form: bytes
    is_open_ended: bool = False

    @property
    def payload_start(self) -> int:
        """Offset of the first byte of the payload."""
        return self.start + CHUNK_HEADER_BYTES

    @property
    def payload_end(self) -> int:
        """Offset after the payload, by the chunk's own claim; may lie beyond the file's end."""
        return self.payload_start + self.size

    @property
    def end(self) -> int:
        """Where the next chunk begins: chunks are padded to even sizes."""
        return self.payload_end + self.size % 2

    @property
    def is_tag(self) -> bool:
        """Whether it holds metadata of the kinds that songmake writes itself."""
        return self.id.lower() == b"id3 " or (self.id == b"LIST" and self.form == b"INFO")


@dataclass(frozen=True, slots=True, kw_only=True)
class WavLayout:
    """The chunks of a WAV file of ``file_bytes`` bytes, up to the first thing that is none."""

    chunks: tuple[Chunk, ...]
    file_bytes: int

    @property
    def is_intact(self) -> bool:
        """Whether the chunks, ``data`` among them, account for every byte of the file."""
        if self.find(b"data") is None:
            return False
        last = self.chunks[-1]
        return last.payload_end <= self.file_bytes <= last.end

    def find(self, chunk_id: bytes) -> Chunk | None:
        """The first chunk with this four-byte id."""
        return next((chunk for chunk in self.chunks if chunk.id == chunk_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class WavFormat:
    """What the ``fmt`` chunk says; ``frame_bytes`` is one sample of every channel."""

    channels: int
    sample_rate_hz: int
    frame_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """``size`` bytes of the source from offset ``start`` on, taken over as they are."""

    start: int
    size: int


def is_wav(head: bytes) -> bool:
    """Whether these first bytes are a RIFF file of the WAVE kind."""
    return head[:4] == b"RIFF" and head[8:12] == b"WAVE"


def wav_layout(read_at: ReadAt, *, file_bytes: int) -> WavLayout:
    """Walk the chunk headers. The RIFF header's own size is not believed: streams leave it open."""
    chunks: list[Chunk] = []
    offset = RIFF_HEADER_BYTES
    while offset < file_bytes and len(chunks) < _MOST_CHUNKS:
        header = read_at(offset, CHUNK_HEADER_BYTES + _FORM_BYTES)
        chunk = _chunk_of(header, start=offset, file_bytes=file_bytes)
        if chunk is None:
            break
        chunks.append(chunk)
        offset = chunk.end
    return WavLayout(chunks=tuple(chunks), file_bytes=file_bytes)


def _chunk_of(header: bytes, *, start: int, file_bytes: int) -> Chunk | None:
    chunk_id = header[:4]
    if len(header) < CHUNK_HEADER_BYTES or not all(0x20 <= byte < 0x7F for byte in chunk_id):
        return None
    (size,) = struct.unpack_from("<I", header, 4)
    is_open_ended = chunk_id == b"data" and size in _STREAMING_SIZES
    if is_open_ended:
        size = file_bytes - start - CHUNK_HEADER_BYTES
    form = header[CHUNK_HEADER_BYTES:]
    return Chunk(id=chunk_id, start=start, size=size, form=form, is_open_ended=is_open_ended)


def wav_format(payload: bytes) -> WavFormat | None:
    """Read a ``fmt`` chunk's payload; None if it is too short or describes nothing playable."""
    if len(payload) < FORMAT_BYTES:
        return None
    _, channels, rate_hz, _, frame_bytes, _ = struct.unpack_from("<HHIIHH", payload)
    if 0 in (channels, rate_hz, frame_bytes):
        return None
    return WavFormat(channels=channels, sample_rate_hz=rate_hz, frame_bytes=frame_bytes)


def info_chunk(tags: TrackTags) -> bytes:
    """A LIST chunk of form INFO: NUL-terminated UTF-8 texts. Empty when there is nothing to say."""
    entries = b"".join(_info_entries(tags))
    return _chunk(b"LIST", b"INFO" + entries) if entries else b""


def id3_chunk(tags: TrackTags) -> bytes:
    """The ID3v2.4 tag as a chunk of its own. Empty when there is nothing to say."""
    tag = id3v24_tag(tags)
    return _chunk(b"id3 ", tag) if tag else b""


def tagged_wav(layout: WavLayout, tags: TrackTags) -> tuple[bytes | Span, ...] | None:
    """The file with our tags instead of its own, as pieces to be written one after the other.

    Every other chunk is taken over, an open-ended one with its real size in its header, for
    something follows it now. None if the file's chunks do not add up, or the result would not
    fit into a RIFF file's four gigabytes.
    """
    if not layout.is_intact:
        return None
    kept = [piece for chunk in layout.chunks if not chunk.is_tag for piece in _pieces(chunk)]
    body = (*kept, info_chunk(tags) + id3_chunk(tags))
    body_bytes = sum(map(_bytes_of, body))
    riff_bytes = len(b"WAVE") + body_bytes
    if riff_bytes > _SIZE_LIMIT:
        return None
    return (struct.pack("<4sI4s", b"RIFF", riff_bytes, b"WAVE"), *body)


def untagged_wavs(layout: WavLayout) -> Iterator[tuple[bytes | Span, ...]]:
    """What a file may have been before :func:`tagged_wav`, the likeliest first.

    Without its tags; sizes as writers spell them that knew the length, and as those that stream;
    with and without a last padding byte. Tags that the pristine file had are gone for good.
    """
    if not layout.is_intact:
        return
    kept = tuple(chunk for chunk in layout.chunks if not chunk.is_tag)
    if not kept:
        return
    before = [piece for chunk in kept[:-1] for piece in _pieces(chunk)]
    last, is_streamed = kept[-1], kept[-1].id == b"data"
    padding = b"\x00" * (last.size % 2)
    for tail in dict.fromkeys((padding, b"")):
        body_bytes = sum(_bytes_of(piece) for piece in before) + CHUNK_HEADER_BYTES + last.size
        exact = len(b"WAVE") + body_bytes + len(tail)
        for last_size in (last.size, *(_STREAMED if is_streamed else ())):
            for riff_bytes in (exact, *(_STREAMED if is_streamed else ())):
                yield (
                    struct.pack("<4sI4s", b"RIFF", riff_bytes, b"WAVE"),
                    *before,
                    struct.pack("<4sI", last.id, last_size),
                    Span(start=last.payload_start, size=last.size),
                    tail,
                )


def _bytes_of(piece: bytes | Span) -> int:
    return piece.size if isinstance(piece, Span) else len(piece)


def _pieces(chunk: Chunk) -> Iterator[bytes | Span]:
    yield struct.pack("<4sI", chunk.id, chunk.size)
    yield Span(start=chunk.payload_start, size=chunk.size)
    if chunk.size % 2:
        yield b"\x00"


def _info_entries(tags: TrackTags) -> Iterator[bytes]:
    for entry_id, text in (
        (b"INAM", tags.title),
        (b"IART", tags.artist),
        (b"IPRD", tags.album),
        (b"ICRD", tags.date),
        (b"ITRK", None if tags.track_number is None else str(tags.track_number)),
        (b"IGNR", tags.genre),
        (b"IMUS", tags.composer),
        (b"IWRI", tags.lyricist),
        (b"ICOP", tags.copyright),
        (b"ILNG", tags.language),
        (b"ICMT", tags.comment),
    ):
        if line := one_line(text or ""):
            yield _chunk(entry_id, line.encode() + b"\x00")


def _chunk(chunk_id: bytes, payload: bytes) -> bytes:
    padding = b"\x00" * (len(payload) % 2)
    return struct.pack("<4sI", chunk_id, len(payload)) + payload + padding
