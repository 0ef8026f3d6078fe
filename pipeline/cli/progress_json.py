"""Progress for programs: one JSON document a line on standard output."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from pipeline.cli.messages import write_last
from pipeline.core.documents.event_document import (
    EVENT_SCHEMA,
    broken_off_fields,
    ended_fields,
    event_fields,
)
from pipeline.core.run.closing import Closing
from pipeline.core.run.events import Event
from pipeline.core.run.view import RunView
from pipeline.errors import ExitCode
from pipeline.runner.clock import Clock


class JsonLines:
    """The event stream; see ``schemas/event.schema.json``. ``run_ended`` is its last line, once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._view = RunView()
        self._is_ended = False

    def __call__(self, event: Event) -> None:
        """Prints one event."""
        now_s = self._clock.steady_s()
        self._view = self._view.told(event, now_s)
        self._write(event_fields(event, self._view, now_s))

    def end(self, closing: Closing) -> None:
        """Prints the last line of a run that came to its end."""
        self._is_ended = True
        self._write(ended_fields(closing))

    def break_off(self, code: ExitCode, *, reason: str | None, hint: str | None) -> None:
        """Prints the last line of a run that an error ended, or that did not begin."""
        if not self._is_ended:
            self._is_ended = True
            self._write(broken_off_fields(code, reason=reason, hint=hint, view=self._view))

    def leave(self, code: ExitCode) -> None:
        """The last line, from a signal handler: past the buffer, in one write."""
        if self._is_ended:
            return
        fields = broken_off_fields(
            code,
            reason="left at once: what was being sent is in doubt until the next run looks it up",
            hint="songmake render",
            view=self._view,
        )
        write_last(sys.stdout, f"{self._text(fields)}\n")

    def _write(self, fields: dict[str, Any]) -> None:
        try:
            click.echo(self._text(fields))
        except OSError:
            return  # the reader left; what is paid for is collected all the same

    def _text(self, fields: dict[str, Any]) -> str:
        document = {"schema": EVENT_SCHEMA, "at": self._clock.stamp(), **fields}
        return json.dumps(document)  # in ASCII: no text, and no terminal, can refuse a line
