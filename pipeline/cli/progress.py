"""Showing a run: live on a terminal, lines elsewhere, JSON for programs, or nothing."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Protocol

from pipeline.cli.messages import print_warning
from pipeline.cli.progress_json import JsonLines
from pipeline.core.run.events import Event, Warned
from pipeline.errors import ExitCode
from pipeline.runner.clock import Clock

LINES_TICK_S = 5.0


class Watcher(Protocol):
    """Whoever is told what a run does."""

    def __call__(self, event: Event) -> None:
        """Tells one event."""
        ...

    def leave(self, code: ExitCode) -> None:
        """The last word before a second signal ends the process."""
        ...


@contextmanager
def watcher(
    mode: str, *, stream: JsonLines | None, is_quiet: bool, clock: Clock
) -> Iterator[Watcher]:
    """What the run's events are told to. ``mode`` is auto, bar, lines or none.

    A bar needs a terminal that can be painted on: elsewhere it becomes lines.
    """
    if stream is not None:
        yield stream
        return
    if is_quiet or mode == "none":
        yield WarningsOnly()
        return
    # not before there is something to show: tqdm brings a megabyte along
    from pipeline.cli.progress_lines import Lines
    from pipeline.cli.progress_live import TICK_S, Live, is_drawable
    from pipeline.cli.progress_thread import DisplayThread

    if mode not in ("auto", "bar") or not is_drawable(sys.stderr):
        with closing(DisplayThread(Lines(clock), tick_s=LINES_TICK_S)) as shown:
            yield shown
        return
    live = Live(sys.stderr, clock)
    with _on_continuing(live.begin_anew), closing(DisplayThread(live, tick_s=TICK_S)) as shown:
        yield shown


@contextmanager
def _on_continuing(act: Callable[[], None]) -> Iterator[None]:
    """Calls ``act`` when a run that was suspended (Ctrl-Z) goes on: the shell wrote meanwhile."""
    before = signal.signal(signal.SIGCONT, lambda number, frame: act())
    try:
        yield
    finally:
        signal.signal(signal.SIGCONT, before)


class WarningsOnly:
    """Says what a person must know, and nothing else."""

    def __call__(self, event: Event) -> None:
        """Prints a warning."""
        if isinstance(event, Warned):
            print_warning(event.message, hint=event.hint)

    def leave(self, code: ExitCode) -> None:
        """Nothing is left to tidy up."""
