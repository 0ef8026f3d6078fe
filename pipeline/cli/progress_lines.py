"""Progress for a log: one line a change, each with its moment in UTC."""

from __future__ import annotations

import contextlib
from typing import assert_never

import click

from pipeline.cli.messages import print_hint, print_warning, say
from pipeline.cli.progress_text import still_line, take_line
from pipeline.core.findings.characters import inert
from pipeline.core.purchase.attempt import State
from pipeline.core.run.events import Event, Hinted, RunStarted, TakeChanged, Waiting, Warned
from pipeline.core.run.view import RunView
from pipeline.errors import ExitCode
from pipeline.runner.clock import Clock

SILENCE_S = 300.0  # many machines take ten silent minutes for a hang


class Lines:
    """``2026-08-01T09:30:00Z album/song#1 published $0.195``, on standard error.

    What is worth knowing before the run begins stands beside the plan, and like it has no moment.
    After :data:`SILENCE_S` without a line, one says that the run is still at work.
    """

    def __init__(self, clock: Clock, *, silence_s: float = SILENCE_S) -> None:
        self._clock = clock
        self._silence_s = silence_s
        self._spoke_s = clock.steady_s()
        self._view = RunView()
        self._last: dict[str, str] = {}

    def show(self, event: Event) -> None:
        """Prints one event, unless it says again what was said last of the take."""
        self._view = self._view.told(event, self._clock.steady_s())
        match event:
            case RunStarted():
                return
            case TakeChanged():
                self._change(event)
            case Waiting(reason=reason, wait_s=wait_s):
                self._line(f"waiting {wait_s:.0f} s: {reason}")
            case Warned(message=message, hint=hint):
                self._stamp()
                print_warning(message, hint=hint)
            case Hinted(hint=hint):
                self._stamp()
                print_hint(hint)
            case _:
                assert_never(event)

    def tick(self) -> None:
        """Breaks a long silence."""
        now_s = self._clock.steady_s()
        if self._view.started is not None and now_s - self._spoke_s >= self._silence_s:
            self._line(still_line(self._view, now_s))

    def close(self) -> None:
        """Nothing is left to tidy up."""

    def leave(self, code: ExitCode) -> None:
        """Nothing is left to tidy up."""

    def _change(self, event: TakeChanged) -> None:
        name, line = str(event.ref), take_line(event)
        if event.state is State.PLANNED and not (event.is_settled and name in self._last):
            return  # nothing was sent for it, or it is sent again after the pause that is told
        if self._last.get(name) != line:
            self._last[name] = line
            self._line(line)

    def _line(self, text: str) -> None:
        self._stamp()
        say(inert(text))

    def _stamp(self) -> None:
        self._spoke_s = self._clock.steady_s()
        if self._view.started is None:
            return
        with contextlib.suppress(OSError):  # whoever read the log has left
            click.echo(f"{self._clock.now():%Y-%m-%dT%H:%M:%SZ} ", nl=False, err=True)
