"""Ctrl-C and SIGTERM: the first stops buying, the second leaves at once."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType

from pipeline.errors import ExitCode

CODES = {signal.SIGINT: ExitCode.INTERRUPTED, signal.SIGTERM: ExitCode.TERMINATED}


@dataclass(slots=True)
class SignalWatch:
    """Remembers the first signal and passes it on."""

    on_signal: Callable[[ExitCode], None] | None = None
    code: ExitCode | None = None

    def receive(self, number: int, frame: FrameType | None) -> None:
        """The signal handler. The second signal ends the process without another word."""
        code = CODES[signal.Signals(number)]
        if self.code is not None:
            os._exit(code)
        self.code = code
        if self.on_signal is not None:
            self.on_signal(code)


@contextlib.contextmanager
def watch_signals() -> Iterator[SignalWatch]:
    """Takes SIGINT and SIGTERM over for the body."""
    watch = SignalWatch()
    before = {number: signal.signal(number, watch.receive) for number in CODES}
    try:
        yield watch
    finally:
        for number, action in before.items():
            signal.signal(number, action)
