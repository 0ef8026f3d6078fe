"""A terminal that a command runs on: a pseudo-terminal, and an emulator that draws its screen."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pyte

from tests.command import Songmake

PATIENCE_S = 60.0


@dataclass(slots=True, kw_only=True)
class Terminal:
    """What a person would see; ``frames`` are the screens that were seen, each once."""

    ours: int
    process: subprocess.Popen[str]
    screen: pyte.HistoryScreen
    stream: pyte.Stream
    raw: str = ""
    frames: list[str] = field(default_factory=list)

    @property
    def shown(self) -> str:
        """The screen as text, without trailing blanks."""
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    @property
    def everything(self) -> str:
        """What scrolled off the top, and the screen."""
        columns = range(self.screen.columns)
        gone = ("".join(row[x].data for x in columns).rstrip() for row in self.screen.history.top)
        return "\n".join([*gone, self.shown]).strip("\n")

    def resize(self, *, columns: int, rows: int) -> None:
        """The window gets another size; the emulator cuts, it does not wrap again."""
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self.ours, termios.TIOCSWINSZ, size)
        dropped = max(self.screen.lines - rows, 0)  # from the top; the cursor stays with its line
        self.screen.resize(rows, columns)
        self.screen.cursor.y = max(self.screen.cursor.y - dropped, 0)

    def type(self, text: str) -> None:
        """Somebody types; the terminal turns ``\\x03`` into an interrupt."""
        os.write(self.ours, text.encode())

    def until(self, is_seen: Callable[[str], bool]) -> str:
        """The first screen that is as wished; fails if the command ends without it."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if is_seen(self.shown):
                return self.shown
            if not self._read():
                break
        raise AssertionError(f"never seen; it ended as:\n{self.everything}")

    def ended(self) -> int:
        """The exit code, once everything that was shown is drawn."""
        end = time.monotonic() + PATIENCE_S
        while self._read():
            assert time.monotonic() < end, f"it never ended:\n{self.everything}"
        return self.process.wait(timeout=PATIENCE_S)

    def _read(self) -> bool:
        if not select.select([self.ours], [], [], 0.2)[0]:
            return True
        try:
            block = os.read(self.ours, 65536)
        except OSError:
            return False  # the other end is closed
        text = block.decode(errors="replace")
        self.raw += text
        self.stream.feed(text)
        if not self.frames or self.frames[-1] != self.shown:
            self.frames.append(self.shown)
        return bool(block)


def _take_control() -> None:
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@contextmanager
def on_terminal(
    shop: Songmake,
    *words: str,
    columns: int = 80,
    rows: int = 24,
    is_controlling: bool = False,
    **streams: int,
) -> Iterator[Terminal]:
    """A command on a terminal of its own; ``streams`` are those that are something else.

    A terminal that ``is_controlling`` turns Ctrl-C into a signal.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    try:
        mine = {"stdin": theirs, "stdout": theirs, "stderr": theirs, **streams}
        first = {"preexec_fn": _take_control} if is_controlling else {}
        process = shop.start(*words, **mine, **first)
    finally:
        os.close(theirs)
    screen = pyte.HistoryScreen(columns, rows, history=2000, ratio=0.5)
    try:
        yield Terminal(ours=ours, process=process, screen=screen, stream=pyte.Stream(screen))
    finally:
        process.kill()
        process.wait()
        os.close(ours)
