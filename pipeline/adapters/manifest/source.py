"""Texts read from files, with the places in them."""

from __future__ import annotations

import re
import stat
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path

from pipeline.core.findings.diagnostics import Diagnostic, Position, Severity

START = Position(line=1, column=1)
LINE_END = re.compile(r"\r\n|\r|\n")
Place = Position | int  # an int is an index of the text, in code points
_BLOCK = 1 << 16  # code points between which line ends are counted once for all
_BOM = "\ufeff"


class Unreadable(Exception):
    """A file that is no text. ``position`` is the place in the file, where there is one."""

    def __init__(
        self, message: str, *, hint: str | None = None, position: Position = START
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.position = position


@dataclass(frozen=True)
class Source:
    """A text and the name that messages give it. A byte order mark is no part of the text.

    Where its lines are is found when a message asks: a long text without findings never does.
    """

    file: str
    text: str

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines, without their ends."""
        return tuple(LINE_END.split(self.text) if self._has_cr else self.text.split("\n"))

    @cached_property
    def _has_cr(self) -> bool:
        return "\r" in self.text

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        return (0, *(match.end() for match in LINE_END.finditer(self.text)))

    @cached_property
    def _feeds_before(self) -> tuple[int, ...]:
        """How many line feeds stand before each block."""
        blocks = range(0, len(self.text), _BLOCK)
        feeds = (self.text.count("\n", block, block + _BLOCK) for block in blocks)
        return tuple(accumulate(feeds, initial=0))

    def position(self, index: int) -> Position:
        """Line and column of the code point at an index of the text, or of its end beyond it."""
        index = min(index, len(self.text))
        if self._has_cr:
            line = bisect_right(self._starts, index)
            return Position(line=line, column=index - self._starts[line - 1] + 1)
        block = index // _BLOCK
        feeds = self._feeds_before[block] + self.text.count("\n", block * _BLOCK, index)
        return Position(line=feeds + 1, column=index - self.text.rfind("\n", 0, index))

    def error(self, at: Place, message: str, *, hint: str | None = None) -> Diagnostic:
        """A finding that stops the command."""
        return self._finding(Severity.ERROR, at, message, hint)

    def warning(self, at: Place, message: str, *, hint: str | None = None) -> Diagnostic:
        """A finding that does not."""
        return self._finding(Severity.WARNING, at, message, hint)

    def _finding(self, severity: Severity, at: Place, message: str, hint: str | None) -> Diagnostic:
        return Diagnostic(
            severity=severity,
            file=self.file,
            position=self.position(at) if isinstance(at, int) else at,
            message=message,
            hint=hint,
            source_line=self._line_at(at),
        )

    def _line_at(self, at: Place) -> str | None:
        if isinstance(at, int) and not self._has_cr:
            at = min(at, len(self.text))
            end = self.text.find("\n", at)
            return self.text[self.text.rfind("\n", 0, at) + 1 : None if end < 0 else end]
        number = self.position(at).line if isinstance(at, int) else at.line
        return self.lines[number - 1] if number <= len(self.lines) else None


def read_text(path: Path, *, most_bytes: int) -> str:
    """A UTF-8 file's text, without a byte order mark. Raises :class:`Unreadable`."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise Unreadable("is not a file")
        with path.open("rb") as stream:
            content = stream.read(most_bytes + 1)
    except FileNotFoundError as absent:
        raise Unreadable("does not exist") from absent
    except OSError as refused:
        raise Unreadable(f"cannot be read: {refused.strerror or refused}") from refused
    if len(content) > most_bytes:
        raise Unreadable(f"is larger than {most_bytes // 1024} KiB")
    return decode(content)


def decode(content: bytes) -> str:
    """UTF-8 bytes as text, without a byte order mark. Raises :class:`Unreadable`."""
    try:
        return content.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as wrong:
        before = content[: wrong.start].decode("utf-8").removeprefix(_BOM)
        raise Unreadable(
            f"is not UTF-8: byte 0x{content[wrong.start]:02X} does not fit",
            hint="save the file as UTF-8",
            position=Source("", before).position(len(before)),
        ) from wrong
