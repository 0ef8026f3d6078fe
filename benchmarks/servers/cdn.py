"""The CDN: mp3 files of any number, Range and all, from one sound held in memory."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace

from benchmarks.servers.http1 import Parts, Request, answer
from benchmarks.servers.wishes import Counts
from tests.audio_files import mp3_of, tone

_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
_PART_BYTES = 256 * 1024


class Cdn:
    """Files of ``audio_bytes`` each: a tag that no other file has, then whole mp3 frames."""

    def __init__(self, audio_bytes: int) -> None:
        sound = mp3_of(tone(seconds=1.0), bitrate_kbps=128)
        self._sound = memoryview(sound * max(1, round(audio_bytes / len(sound))))
        self.files = self.file_bytes = 0
        self.ended_s = 0.0

    def respond(self, request: Request) -> Parts:
        """A file, or the part of it that is asked for."""
        if not request.path.startswith("/audio/"):
            return answer(b"404 Not Found", b"")
        tag = _tag(request.path.encode())
        total = len(tag) + len(self._sound)
        start, end, status = 0, total, b"200 OK"
        if (found := _RANGE.fullmatch(request.header(b"range") or "")) is not None:
            start, end = int(found[1]), min(int(found[2] or total - 1) + 1, total)
            status = b"206 Partial Content"
            if start >= total:
                beyond = b"Content-Range: bytes */%d\r\n" % total
                return answer(b"416 Range Not Satisfiable", b"", more=beyond)
        return self._file(tag, start, end, status)

    def counted(self, counts: Counts) -> Counts:
        """``counts`` with what was counted here."""
        return replace(counts, files=self.files, file_bytes=self.file_bytes, ended_s=self.ended_s)

    def _file(
        self, tag: bytes, start: int, end: int, status: bytes
    ) -> Iterator[bytes | memoryview]:
        total = len(tag) + len(self._sound)
        span = b"Content-Range: bytes %d-%d/%d\r\n" % (start, end - 1, total)
        yield (
            b"HTTP/1.1 %b\r\nContent-Type: audio/mpeg\r\nAccept-Ranges: bytes\r\n%b"
            b"Content-Length: %d\r\n\r\n%b"
            % (status, span if status[:3] == b"206" else b"", end - start, tag[start:end])
        )
        sound = self._sound[max(0, start - len(tag)) : max(0, end - len(tag))]
        for at in range(0, len(sound), _PART_BYTES):
            yield sound[at : at + _PART_BYTES]
        self.files += 1
        self.file_bytes += end - start
        self.ended_s = time.monotonic()


def _tag(text: bytes) -> bytes:
    """An ID3v2.4 tag with one private text, so that no two files are alike."""
    frame = b"TXXX" + _synchsafe(len(text) + 7) + b"\x00\x00\x03bench\x00" + text
    return b"ID3\x04\x00\x00" + _synchsafe(len(frame)) + frame


def _synchsafe(size: int) -> bytes:
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
