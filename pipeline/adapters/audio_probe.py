"""Proves that a delivered file is audio: signature, claimed lengths, and decoding all of it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.core.formats.id3 import TAG_HEADER_BYTES, audio_start
from pipeline.core.formats.mpeg import claimed_bytes, first_frame
from pipeline.core.formats.ogg import OggError, ogg_audio
from pipeline.core.formats.riff import (
    FORMAT_BYTES,
    Chunk,
    ReadAt,
    WavFormat,
    wav_format,
    wav_layout,
)
from pipeline.core.formats.signature import AudioKind, audio_kind, foreign_kind, is_text
from pipeline.core.wanted.album import AudioFormat, AudioSetting

_HEAD_BYTES = 64 * 1024  # how much junk before the first frame is put up with
_TEXT_SAMPLE_BYTES = 4096
_BLOCK_FRAMES = 16_384
_MOST_CHANNELS = 32
_PCM_SAMPLE_BYTES = 2

Hear = Callable[[int, int], Callable[[Any], None]]
"""Is told rate and channels; what it returns is given the interleaved 16-bit samples in pieces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbedAudio:
    """What a file really holds, whatever was asked for. ``bytes`` is the whole file's size."""

    format: AudioKind
    milliseconds: int
    sample_rate_hz: int
    channels: int
    bytes: int


class NotAudio(Exception):
    """A file is not the audio that it should be; ``reason`` is a clause about the file."""

    @property
    def reason(self) -> str:
        """What is wrong, such as ``it is empty``."""
        return str(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decoded:
    """What came out of a decoder: ``frames`` are samples of each channel."""

    frames: int
    sample_rate_hz: int
    channels: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    """The file under test; ``head`` are its first bytes after any ID3v2 tags."""

    path: Path
    read_at: ReadAt
    file_bytes: int
    tags_bytes: int
    head: bytes

    @property
    def is_head_whole(self) -> bool:
        return self.tags_bytes + len(self.head) == self.file_bytes


def probe_as_asked(path: Path, asked: AudioSetting | None, hear: Hear | None = None) -> ProbedAudio:
    """:func:`probe` for the setting that a request had, None where its model takes none."""
    if asked is None:
        return probe(path, asked=None, sample_rate_hz=0, hear=hear)
    return probe(path, asked=asked.format, sample_rate_hz=asked.sample_rate, hear=hear)


def probe(
    path: Path,
    *,
    asked: AudioFormat | None,
    sample_rate_hz: int,
    channels_if_raw: int = 2,
    hear: Hear | None = None,
) -> ProbedAudio:
    """Decode the whole of ``path`` in bounded memory and say what it is.

    Ogg is not decoded but checked page by page against its checksums.
    Audio of another known kind than ``asked`` is accepted as what it is, for it was paid for;
    None expects nothing.
    ``sample_rate_hz`` and ``channels_if_raw`` are believed for ``pcm`` alone, which says nothing
    of itself. Raises :class:`NotAudio` for anything else, ``OSError`` if the file cannot be read.
    ``hear`` may not raise; it is told what is decoded before it is known whether that is good.
    """
    with path.open("rb") as file:
        subject = _subject(path, file)
        kind = _kind_of(subject, asked)
        if kind is AudioKind.PCM:
            decoded = _believed(subject, rate_hz=sample_rate_hz, channels=channels_if_raw)
        else:
            decoded = _decode(subject, kind, hear or _unheard)
    if decoded.frames == 0:
        raise NotAudio(f"it is {kind} without a single sample")
    return ProbedAudio(
        format=kind,
        milliseconds=round(decoded.frames * 1000 / decoded.sample_rate_hz),
        sample_rate_hz=decoded.sample_rate_hz,
        channels=decoded.channels,
        bytes=subject.file_bytes,
    )


def _subject(path: Path, file: BinaryIO) -> _Subject:
    def read_at(offset: int, count: int) -> bytes:
        file.seek(offset)
        return file.read(count)

    file_bytes = file.seek(0, os.SEEK_END)
    tags_bytes = 0
    while skipped := audio_start(read_at(tags_bytes, TAG_HEADER_BYTES)):
        tags_bytes += skipped
    return _Subject(
        path=path,
        read_at=read_at,
        file_bytes=file_bytes,
        tags_bytes=tags_bytes,
        head=read_at(tags_bytes, _HEAD_BYTES),
    )


def _kind_of(subject: _Subject, asked: AudioFormat | None) -> AudioKind:
    head = subject.head
    if subject.file_bytes == 0:
        raise NotAudio("it is empty")
    if not head:
        raise NotAudio("it ends within its ID3 tag")
    if kind := audio_kind(head, is_whole=subject.is_head_whole):
        return kind
    if foreign := foreign_kind(head):
        raise NotAudio(f"it is a {foreign} file")
    if is_text(head[:_TEXT_SAMPLE_BYTES]):
        raise NotAudio(f"it is text that begins {_excerpt(head)}")
    if asked is AudioFormat.PCM and subject.tags_bytes == 0:
        return AudioKind.PCM
    if first_frame(head) is not None:
        return AudioKind.MP3
    raise NotAudio(f"its first bytes {head[:8].hex(' ')} belong to no known kind of audio")


def _excerpt(head: bytes) -> str:
    return repr(head[:40].decode("utf-8", errors="replace").strip())


def _believed(subject: _Subject, *, rate_hz: int, channels: int) -> _Decoded:
    if subject.file_bytes % _PCM_SAMPLE_BYTES:
        raise NotAudio(f"{subject.file_bytes} bytes are no whole number of 16-bit samples")
    frames = subject.file_bytes // (_PCM_SAMPLE_BYTES * channels)
    return _Decoded(frames=frames, sample_rate_hz=rate_hz, channels=channels)


def _unheard(_rate_hz: int, _channels: int) -> Callable[[Any], None]:
    return lambda piece: None


def _decode(subject: _Subject, kind: AudioKind, hear: Hear) -> _Decoded:
    # miniaudio expands a leading tilde, which an absolute path has not
    name = str(subject.path.absolute())
    try:
        match kind:
            case AudioKind.WAV:
                return _decode_wav(subject, name, hear)
            case AudioKind.FLAC:
                return _decode_flac(name, hear)
            case AudioKind.OGG:
                return _decode_ogg(subject)
            case _:
                return _decode_mp3(subject, name, hear)
    except UnicodeEncodeError as error:
        raise OSError(errno.EILSEQ, "file name is not valid text", name) from error
    except (_codecs().MiniaudioError, ArithmeticError, ValueError, MemoryError) as error:
        raise NotAudio(f"it is {kind} that does not decode: {error}") from error


def _codecs() -> Any:
    """miniaudio, loaded with the first file: most runs have none to look at."""
    import miniaudio

    return miniaudio


def _decode_mp3(subject: _Subject, name: str, hear: Hear) -> _Decoded:
    start = first_frame(subject.head)
    claimed = None if start is None else claimed_bytes(subject.head, start)
    # some encoders count the tags in, so only what no reading of the claim can explain is refused
    if claimed is not None and claimed > subject.file_bytes:
        raise NotAudio(f"it is cut short: {subject.file_bytes} of {claimed} bytes of mp3")
    about = _codecs().mp3_get_file_info(name)
    pieces = _codecs().mp3_stream_file(name, frames_to_read=_BLOCK_FRAMES)
    return _decoded(pieces, about.sample_rate, about.nchannels, hear)


def _decode_flac(name: str, hear: Hear) -> _Decoded:
    about = _codecs().flac_get_file_info(name)
    pieces = _codecs().flac_stream_file(name, frames_to_read=_BLOCK_FRAMES)
    decoded = _decoded(pieces, about.sample_rate, about.nchannels, hear)
    if decoded.frames < about.num_frames:
        raise NotAudio(f"it is cut short: {decoded.frames} of {about.num_frames} flac samples")
    return decoded


def _decode_ogg(subject: _Subject) -> _Decoded:
    # miniaudio's Vorbis decoder corrupts the process's memory on damaged files; Ogg alone has a
    # checksum over every page, which proves more than a decoder that forgives
    try:
        found = ogg_audio(subject.read_at, file_bytes=subject.file_bytes)
    except OggError as error:
        raise NotAudio(f"it is ogg, but {error}") from error
    return _Decoded(
        frames=found.frames, sample_rate_hz=found.sample_rate_hz, channels=found.channels
    )


def _decoded(pieces: Iterable[Any], rate_hz: int, channels: int, hear: Hear) -> _Decoded:
    """Counts what comes out of a decoder, and has it heard."""
    add, samples = hear(rate_hz, channels), 0
    for piece in pieces:
        samples += len(piece)
        add(piece)
    return _Decoded(frames=samples // channels, sample_rate_hz=rate_hz, channels=channels)


def _decode_wav(subject: _Subject, name: str, hear: Hear) -> _Decoded:
    # chunks are counted from the file's start, where players look for RIFF and nothing else
    if subject.tags_bytes:
        raise NotAudio("it is wav behind an ID3 tag")
    layout = wav_layout(subject.read_at, file_bytes=subject.file_bytes)
    samples_chunk = layout.find(b"data")
    if samples_chunk is None:
        raise NotAudio("it is wav without a data chunk")
    if samples_chunk.payload_end > subject.file_bytes:
        held = subject.file_bytes - samples_chunk.payload_start
        raise NotAudio(f"it is cut short: {held} of {samples_chunk.size} bytes of samples")
    described = layout.find(b"fmt ")
    about = None if described is None else _wav_format(subject, described)
    if about is None or about.channels > _MOST_CHANNELS:
        raise NotAudio("it is wav without a usable fmt chunk")
    open_bytes = samples_chunk.size if samples_chunk.is_open_ended else 0
    pieces = _codecs().wav_stream_file(name, frames_to_read=_BLOCK_FRAMES)
    decoded = _decoded(pieces, about.sample_rate_hz, about.channels, hear)
    # the decoder takes a streamed file's size of 0 at its word; whole samples cannot be undecodable
    return replace(decoded, frames=decoded.frames or open_bytes // about.frame_bytes)


def _wav_format(subject: _Subject, described: Chunk) -> WavFormat | None:
    return wav_format(subject.read_at(described.payload_start, FORMAT_BYTES)[: described.size])
