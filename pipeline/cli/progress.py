"""Showing a run: a bar on a terminal, lines elsewhere, JSON for programs, or nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, assert_never

import click
from tqdm import tqdm

from pipeline.cli.messages import print_hint, print_warning, say
from pipeline.core.money import price_text, usd_text
from pipeline.core.purchase.attempt import State
from pipeline.core.purchase.events import Event, Hinted, RunStarted, TakeChanged, Waiting, Warned
from pipeline.runner.clock import Clock

Watcher = Callable[[Event], None]
EVENT_SCHEMA = "songmake/event/1"


@contextmanager
def watcher(mode: str, *, as_json: bool, is_quiet: bool, clock: Clock) -> Iterator[Watcher]:
    """What the run's events are told to. ``mode`` is auto, bar, lines or none."""
    if as_json:
        yield JsonLines(clock)
        return
    if is_quiet or mode == "none":
        yield warnings_only
        return
    if mode == "bar" or (mode == "auto" and sys.stderr.isatty()):
        bar = Bar()
        try:
            yield bar
        finally:
            bar.close()
        return
    yield Lines(clock)


def warnings_only(event: Event) -> None:
    """Says what a person must know, and nothing else."""
    if isinstance(event, Warned):
        print_warning(event.message, hint=event.hint)


class Lines:
    """One line per change, with the time of day in UTC."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last: dict[str, str] = {}

    def __call__(self, event: Event) -> None:
        """Prints one event, unless it says again what was said last of the take."""
        match event:
            case RunStarted():
                return
            case TakeChanged(ref=ref):
                line = take_line(event)
                if self._last.get(str(ref)) != line:
                    self._last[str(ref)] = line
                    self._line(line)
            case Waiting(reason=reason, wait_s=wait_s):
                self._line(f"waiting {wait_s:.0f} s: {reason}")
            case Warned(message=message, hint=hint):
                print_warning(message, hint=hint)
            case Hinted(hint=hint):
                print_hint(hint)
            case _:
                assert_never(event)

    def _line(self, text: str) -> None:
        say(f"{self._clock.now():%H:%M:%S} {text}")


def take_line(event: TakeChanged) -> str:
    """``album/song#1 submitted $0.195: note``."""
    money = f" {price_text(event.cost_microusd)}" if event.cost_microusd else ""
    generation = ""
    if event.state is State.SUBMITTED and event.generation_id:
        generation = f" as {event.generation_id}"
    note = f": {event.note}" if event.note else ""
    return f"{event.ref} {event.state.value}{generation}{money}{note}"


class Bar:
    """A tqdm bar over takes, with warnings printed above it."""

    def __init__(self) -> None:
        self._bar: tqdm[Any] | None = None
        self._settled: set[str] = set()
        self._cost: dict[str, int] = {}

    def __call__(self, event: Event) -> None:
        """Shows one event."""
        match event:
            case RunStarted(takes=takes):
                self._bar = tqdm(
                    total=takes, unit="take", file=sys.stderr, dynamic_ncols=True, leave=False
                )
            case TakeChanged():
                self._change(event)
            case Waiting(reason=reason, wait_s=wait_s):
                self._above(lambda: say(f"waiting {wait_s:.0f} s: {reason}"))
            case Warned(message=message, hint=hint):
                self._above(lambda: print_warning(message, hint=hint))
            case Hinted(hint=hint):
                self._above(lambda: print_hint(hint))
            case _:
                assert_never(event)

    def close(self) -> None:
        """Leaves the terminal as it was."""
        if self._bar is not None:
            self._bar.close()

    def _change(self, event: TakeChanged) -> None:
        name = str(event.ref)
        self._cost[name] = event.cost_microusd or 0
        if self._bar is None:
            return
        if event.is_settled and name not in self._settled:
            self._settled.add(name)
            self._bar.update(1)
        self._bar.set_postfix_str(
            f"{event.ref.song}#{event.ref.number} {event.state.value}, "
            f"{price_text(sum(self._cost.values()))}"
        )

    def _above(self, speak: Callable[[], None]) -> None:
        if self._bar is None:
            speak()
            return
        with tqdm.external_write_mode(file=sys.stderr):
            speak()


class JsonLines:
    """One JSON document a line on standard output; see ``schemas/event.schema.json``."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(self, event: Event) -> None:
        """Prints one event."""
        self.write(_event_fields(event))

    def write(self, fields: dict[str, Any]) -> None:
        """Prints one document with schema and time."""
        document = {"schema": EVENT_SCHEMA, "at": self._clock.stamp(), **fields}
        try:
            click.echo(json.dumps(document, ensure_ascii=False))
        except OSError:
            return  # the reader left; what is paid for is collected all the same


def _event_fields(event: Event) -> dict[str, Any]:
    match event:
        case RunStarted(takes=takes):
            return {"event": "run_started", "takes": takes}
        case TakeChanged():
            cost = event.cost_microusd
            return {
                "event": "take_changed",
                "album": event.ref.album,
                "song": event.ref.song,
                "take": event.ref.number,
                "state": event.state.value,
                "generation_id": event.generation_id,
                "cost_usd": None if cost is None else usd_text(cost),
                "note": event.note,
                "is_settled": event.is_settled,
            }
        case Waiting(reason=reason, wait_s=wait_s):
            return {"event": "waiting", "reason": reason, "wait_s": round(wait_s, 3)}
        case Warned(message=message, hint=hint, ref=ref):
            return {
                "event": "warned",
                "message": message,
                "hint": hint,
                "about": str(ref) if ref else None,
            }
        case Hinted(hint=hint):
            return {"event": "hinted", "hint": hint}
        case _:
            assert_never(event)
