"""A file's samples, a block at a time: what 16-bit players hear, full scale being 1."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import miniaudio
import numpy as np
import numpy.typing as npt

from pipeline.core.formats.riff import wav_layout
from pipeline.core.purchase.attempt import StoredAudio

Samples = npt.NDArray[np.float32]  # a row a channel
FULL_SCALE = 1 << 15
_READ_FRAMES = 16_384
_SAMPLE_BYTES = 2


class Undecodable(Exception):
    """The file's bytes are no audio of its kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Sound, and what is asked of it more than once. There is a frame at least."""

    samples: Samples
    heights: Samples  # the samples without their signs
    outline: npt.NDArray[np.float32]  # the highest of each frame

    @staticmethod
    def of(samples: Samples) -> Block:
        """A block of these samples."""
        heights = np.abs(samples)
        return Block(samples=samples, heights=heights, outline=heights.max(axis=0))


class Blocks:
    """Cuts interleaved 16-bit samples, however they come, into blocks of ``block_frames``."""

    def __init__(self, *, channels: int, block_frames: int) -> None:
        self._channels = channels
        self._block_frames = block_frames
        self._kept: list[Samples] = []
        self._kept_frames = 0

    def add(self, piece: Any) -> Iterator[Block]:
        """The blocks that are full with ``piece``, a buffer of whole frames."""
        numbers = np.frombuffer(piece, np.int16)
        frames = len(numbers) // self._channels
        rows = numbers[: frames * self._channels].reshape(frames, self._channels).T
        self._kept.append(np.ascontiguousarray(rows, np.float32) / np.float32(FULL_SCALE))
        self._kept_frames += frames
        if self._kept_frames < self._block_frames:
            return
        whole = np.concatenate(self._kept, axis=1)
        ends = range(self._block_frames, self._kept_frames + 1, self._block_frames)
        for end in ends:
            yield Block.of(whole[:, end - self._block_frames : end])
        self._kept = [whole[:, ends[-1] :]]
        self._kept_frames = self._kept[0].shape[1]

    def finish(self) -> Iterator[Block]:
        """The last block, which may be shorter; none if nothing is left."""
        if self._kept_frames:
            yield Block.of(np.concatenate(self._kept, axis=1))


def decoded(path: Path, audio: StoredAudio) -> Iterator[Any]:
    """The file's interleaved 16-bit samples in pieces, each a buffer.

    ``audio`` says what the file is, which was found out when it was stored. Raises
    :class:`Undecodable`, or ``OSError`` if the file cannot be read.
    """
    try:
        yield from _decoded(path, audio)
    except (miniaudio.MiniaudioError, ArithmeticError, ValueError, MemoryError) as error:
        raise Undecodable(str(error)) from error


def _decoded(path: Path, audio: StoredAudio) -> Iterator[Any]:
    # miniaudio expands a leading tilde, which an absolute path has not
    name = str(path.absolute())
    match audio.format:
        case "mp3":
            yield from miniaudio.mp3_stream_file(name, frames_to_read=_READ_FRAMES)
        case "flac":
            yield from miniaudio.flac_stream_file(name, frames_to_read=_READ_FRAMES)
        case "wav":
            yield from _wav(path, name, audio)
        case _:
            yield from _raw(path, 0, path.stat().st_size, audio)


def _wav(path: Path, name: str, audio: StoredAudio) -> Iterator[Any]:
    is_empty = True
    for piece in miniaudio.wav_stream_file(name, frames_to_read=_READ_FRAMES):
        is_empty = False
        yield piece
    if is_empty:  # the decoder takes a streamed file's size of 0 at its word
        yield from _open_ended_wav(path, audio)


def _open_ended_wav(path: Path, audio: StoredAudio) -> Iterator[bytes]:
    with path.open("rb") as file:

        def read_at(offset: int, count: int) -> bytes:
            file.seek(offset)
            return file.read(count)

        layout = wav_layout(read_at, file_bytes=file.seek(0, os.SEEK_END))
    samples = layout.find(b"data")
    if samples is not None and samples.is_open_ended:
        yield from _raw(path, samples.payload_start, samples.payload_end, audio)


def _raw(path: Path, start: int, end: int, audio: StoredAudio) -> Iterator[bytes]:
    """16-bit little-endian samples, whole frames at a time."""
    frame_bytes = _SAMPLE_BYTES * audio.channels
    with path.open("rb") as file:
        file.seek(start)
        left_bytes = (end - start) // frame_bytes * frame_bytes
        while left_bytes and (piece := file.read(min(left_bytes, _READ_FRAMES * frame_bytes))):
            left_bytes -= len(piece)
            yield piece[: len(piece) // frame_bytes * frame_bytes]
