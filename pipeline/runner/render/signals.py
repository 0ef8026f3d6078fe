"""Ctrl-C and SIGTERM: the first stops buying, the second leaves at once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType

from pipeline.errors import ExitCode

CODES = {signal.SIGINT: ExitCode.INTERRUPTED, signal.SIGTERM: ExitCode.TERMINATED}


def leave_quietly(code: ExitCode) -> None:
    """Nothing has to be tidied up."""


@dataclass(slots=True, kw_only=True)
class SignalWatch:
    """Remembers the first signal and passes it on."""

    on_signal: Callable[[ExitCode], None] | None = None
    on_leaving: Callable[[ExitCode], None] = leave_quietly
    code: ExitCode | None = None

    def receive(self, number: int, frame: FrameType | None) -> None:
        """The signal handler. The second signal ends the process at once."""
        code = CODES[signal.Signals(number)]
        if self.code is not None:
            try:
                self.on_leaving(code)
            finally:
                os._exit(code)
        self.code = code
        if self.on_signal is not None:
            self.on_signal(code)


@contextlib.contextmanager
def watch_signals(
    on_leaving: Callable[[ExitCode], None] = leave_quietly,
) -> Iterator[SignalWatch]:
    """Takes SIGINT and SIGTERM over for the body; the second one calls ``on_leaving``."""
    watch = SignalWatch(on_leaving=on_leaving)
    before = {number: signal.signal(number, watch.receive) for number in CODES}
    try:
        yield watch
    finally:
        for number, action in before.items():
            signal.signal(number, action)


@contextlib.contextmanager
def woken_by_signals(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """A signal that arrives just as the loop goes to sleep wakes it, so that it is handled now."""
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.setblocking(False)
    loop.add_reader(ours, _drain, ours)
    before = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        loop.remove_reader(ours)
        ours.close()
        theirs.close()


def _drain(end: socket.socket) -> None:
    with contextlib.suppress(BlockingIOError):
        end.recv(4096)
