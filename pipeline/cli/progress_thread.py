"""A thread that shows what a run tells, so that a slow terminal never holds the run up."""

from __future__ import annotations

import queue
import threading
from typing import Protocol

from pipeline.core.run.events import Event, RunStarted
from pipeline.errors import ExitCode


class Display(Protocol):
    """Something that shows events; ``tick`` is called when time has passed without one."""

    def show(self, event: Event) -> None:
        """Shows one event."""
        ...

    def tick(self) -> None:
        """Shows that time passes."""
        ...

    def close(self) -> None:
        """The run is over: leaves the terminal as it was."""
        ...

    def leave(self, code: ExitCode) -> None:
        """The process ends at once: as ``close``, from a signal handler, in one write."""
        ...


class DisplayThread:
    """Hands events to a display: at once before the run begins, then from its own thread."""

    def __init__(self, display: Display, *, tick_s: float) -> None:
        self._display = display
        self._tick_s = tick_s
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._error: Exception | None = None

    def __call__(self, event: Event) -> None:
        """Tells one event; never waits for the display once the run has begun."""
        if self._thread is not None:
            self._events.put(event)
            return
        self._display.show(event)
        if isinstance(event, RunStarted):
            self._thread = threading.Thread(target=self._work, name="progress", daemon=True)
            self._thread.start()

    def leave(self, code: ExitCode) -> None:
        """Called by a second signal, right before the process ends."""
        self._display.leave(code)

    def close(self) -> None:
        """Shows what is still to be shown; an error of the display is raised now, not before."""
        if self._thread is not None:
            self._events.put(None)
            self._thread.join()
        self._display.close()
        if self._error is not None:
            raise self._error

    def _work(self) -> None:
        while True:
            try:
                event = self._events.get(timeout=self._tick_s)
            except queue.Empty:
                self._try(None)
                continue
            if event is None:
                return
            self._try(event)

    def _try(self, event: Event | None) -> None:
        """A display that fails shows nothing more; the run goes on."""
        if self._error is not None:
            return
        try:
            if event is None:
                self._display.tick()
            else:
                self._display.show(event)
        except Exception as error:  # a bug: raised at the end of the run
            self._error = error
