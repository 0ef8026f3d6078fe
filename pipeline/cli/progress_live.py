"""Progress on a terminal: a region of lines that is painted over in place.

Each painted line ends with a line feed, so that the cursor always stands on a free line below the
region: whatever else is written, or a sudden end, begins there. The cursor is never hidden.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from typing import TextIO, assert_never

from pipeline.cli.messages import print_hint, print_warning, write_last
from pipeline.cli.progress_text import Canvas, run_lines
from pipeline.core.run.events import Event, Hinted, RunStarted, TakeChanged, Waiting, Warned
from pipeline.core.run.view import RunView
from pipeline.errors import ExitCode
from pipeline.runner.clock import Clock

SHORTEST_GAP_S = 0.15  # between two paintings: at most seven a second
TICK_S = 0.25
TO_LINE_END, TO_SCREEN_END = "\x1b[K", "\x1b[J"


def is_drawable(stream: TextIO) -> bool:
    """Whether lines can be painted over on ``stream``."""
    return stream.isatty() and os.environ.get("TERM", "") not in ("", "dumb")


class Live:
    """Overall bar, songs in flight and money, with warnings printed above them."""

    def __init__(self, stream: TextIO, clock: Clock) -> None:
        self._stream = stream
        self._clock = clock
        self._view = RunView()
        self._painted: list[str] = []
        self._columns = 0
        self._painted_s = -SHORTEST_GAP_S

    def show(self, event: Event) -> None:
        """Shows one event."""
        self._view = self._view.told(event, self._clock.steady_s())
        match event:
            case RunStarted() | TakeChanged() | Waiting():
                self.tick()
            case Warned(message=message, hint=hint):
                self._above(lambda: print_warning(message, hint=hint))
            case Hinted(hint=hint):
                self._above(lambda: print_hint(hint))
            case _:
                assert_never(event)

    def tick(self) -> None:
        """Paints what has changed, seconds included, unless that was done just now."""
        now_s = self._clock.steady_s()
        if self._view.started is None or now_s - self._painted_s < SHORTEST_GAP_S:
            return
        self._painted_s = now_s
        canvas = self._canvas()
        lines = run_lines(
            self._view,
            now_s,
            canvas,
            has_several_albums=len(self._view.beginning.budgets) > 1,
        )
        if lines == self._painted and canvas.columns == self._columns:
            return
        up = self._up(canvas.columns)
        self._painted, self._columns = lines, canvas.columns
        body = "".join(f"{line}{TO_LINE_END}\n" for line in lines)
        self._write(f"{up}{body}{TO_SCREEN_END}")

    def begin_anew(self) -> None:
        """Others wrote below the region: it stays as it is, and the next one begins here."""
        self._painted = []

    def close(self) -> None:
        """Takes the region off the screen."""
        self._erase()

    def leave(self, code: ExitCode) -> None:
        """Takes the region off the screen, past whatever else is being written."""
        up = self._up(self._canvas().columns)
        write_last(self._stream, f"{up}{TO_SCREEN_END}")

    def _above(self, speak: Callable[[], None]) -> None:
        self._erase()
        speak()
        self._painted_s = -SHORTEST_GAP_S
        self.tick()

    def _erase(self) -> None:
        if self._painted:
            self._write(f"{self._up(self._canvas().columns)}{TO_SCREEN_END}")
            self._painted = []

    def _up(self, columns: int) -> str:
        """To the region's first cell; a window made narrower has wrapped its lines."""
        rows = sum(max(-(-len(line) // max(columns, 1)), 1) for line in self._painted)
        return f"\r\x1b[{rows}A" if rows else "\r"

    def _canvas(self) -> Canvas:
        try:
            size = os.get_terminal_size(self._stream.fileno())
        except (OSError, ValueError):
            return Canvas(is_ascii=self._is_ascii())
        return Canvas(columns=size.columns or 80, rows=size.lines or 24, is_ascii=self._is_ascii())

    def _is_ascii(self) -> bool:
        try:
            "█▏·…".encode(self._stream.encoding or "ascii")
        except (UnicodeEncodeError, LookupError):
            return True
        return False

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # the terminal is gone; the run is not
            self._stream.write(text)
            self._stream.flush()
