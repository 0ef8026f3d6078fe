"""A run's progress in words: lines for a log, and what a terminal shows while it is at work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tqdm import tqdm

from pipeline.core.findings.characters import inert
from pipeline.core.findings.phrases import clock_text
from pipeline.core.money import money_text, price_text
from pipeline.core.purchase.attempt import State
from pipeline.core.run.events import TakeChanged
from pipeline.core.run.view import Flight, RunView
from pipeline.core.wanted.album import TakeRef

MOST_FLIGHTS = 8  # the oldest; a longer list is no longer read
WIDEST_BAR = 78  # so that a window made narrower seldom breaks a line
LONGEST_NAME = 32
BAR = "{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} [{elapsed}{postfix}]"
NARROW_BAR = "{n_fmt}/{total_fmt} [{elapsed}{postfix}]"
NARROW = 50  # columns below which a bar leaves no room for its words


@dataclass(frozen=True, slots=True, kw_only=True)
class Canvas:
    """What can be drawn on: cells of a terminal, and whether it has more than ASCII."""

    columns: int = 80
    rows: int = 24
    is_ascii: bool = False

    def line(self, text: str) -> str:
        """``text`` on one line that does not wrap."""
        room = max(self.columns - 1, 1)
        plain = _ascii(inert(text)) if self.is_ascii else inert(text)
        return plain if len(plain) <= room else plain[:room]


def take_line(event: TakeChanged) -> str:
    """``album/song#1 submitted as ID $0.195: note``."""
    cost = event.balance.committed
    money = f" {price_text(cost)}" if cost else ""
    generation = ""
    if event.state is State.SUBMITTED and event.generation_id:
        generation = f" as {event.generation_id}"
    note = f": {event.note}" if event.note else ""
    return f"{event.ref} {event.state.value}{generation}{money}{note}"


def still_line(view: RunView, now_s: float) -> str:
    """What a log says when nothing has changed for long."""
    count = len(view.flights)
    oldest = view.flights[0] if view.flights else None
    longest = f", {oldest.ref} for {span_text(oldest.age_s(now_s))}" if oldest else ""
    return f"still at work: {len(view.settled)} of {view.total} done, {count} under way{longest}"


def span_text(span_s: float) -> str:
    """``2:10`` or ``1:02:10``: the whole seconds that have passed."""
    return clock_text(int(max(span_s, 0)))


def rest_text(rest_s: float) -> str:
    """``about 1:30 left``, as coarse as it is uncertain."""
    if rest_s < 5:
        return "a few seconds left"
    step_s = 10 if rest_s <= 90 else 30 if rest_s <= 600 else 60
    return f"about {span_text(-(-rest_s // step_s) * step_s)} left"


def run_lines(
    view: RunView, now_s: float, canvas: Canvas, *, has_several_albums: bool
) -> list[str]:
    """The overall bar, the songs in flight, and the money: at most ``rows - 1`` lines.

    The row that is left is the cursor's.
    """
    room = max(canvas.rows - 1, 1)
    tail = [*_pause(view, now_s), *_money(view)][: room - 1]
    room -= 1 + len(tail)
    flights = list(_flights(view, now_s, room, has_several_albums=has_several_albums))
    return [canvas.line(line) for line in (_bar(view, now_s, canvas), *flights, *tail)]


def _bar(view: RunView, now_s: float, canvas: Canvas) -> str:
    rest_s = view.overall_rest_s(now_s)
    text: str = tqdm.format_meter(
        n=len(view.settled),
        total=view.total,
        elapsed=max(now_s - view.began_s, 0.0),
        ncols=min(canvas.columns - 1, WIDEST_BAR),
        ascii=canvas.is_ascii,
        bar_format=BAR if canvas.columns >= NARROW else NARROW_BAR,
        postfix=None if rest_s is None else rest_text(rest_s),
    )
    return text


def _flights(view: RunView, now_s: float, room: int, *, has_several_albums: bool) -> Iterator[str]:
    flights = view.flights
    most = min(room, MOST_FLIGHTS)
    if len(flights) > most and most == room:
        most = room - 1  # the last row says how many more there are
    shown = flights[: max(most, 0)]
    names = [_name(flight.ref, has_several_albums) for flight in shown]
    wide = max(map(len, names), default=0)
    state_wide = max((len(flight.state.value) for flight in shown), default=0)
    for name, flight in zip(names, shown, strict=True):
        state = flight.state.value
        yield f"  {name:<{wide}}  {state:<{state_wide}}  {_time(view, flight, now_s)}"
    if len(flights) > len(shown) and room > 0:
        yield f"  and {len(flights) - len(shown)} more"


def _name(ref: TakeRef, has_several_albums: bool) -> str:
    name = str(ref) if has_several_albums else f"{ref.song}#{ref.number}"
    if len(name) <= LONGEST_NAME:
        return name
    take = f"#{ref.number}"  # two takes of a song with a long name stay apart
    return f"{name[: LONGEST_NAME - len(take) - 1]}…{take}"


def _time(view: RunView, flight: Flight, now_s: float) -> str:
    elapsed = span_text(flight.age_s(now_s))
    if view.is_overdue(flight, now_s):
        return f"{elapsed}, longer than usual"
    rest_s = view.rest_s(flight, now_s)
    if rest_s is not None:
        return f"{elapsed}, {rest_text(rest_s)}"
    usual = view.beginning.usual_waits.get(flight.kind) if flight.kind else None
    if usual is not None and flight.state is State.SUBMITTED:
        return f"{elapsed}, usually {usual}"
    return elapsed


def _pause(view: RunView, now_s: float) -> Iterator[str]:
    if view.pause is not None and view.pause.until_s > now_s:
        yield f"  waiting {view.pause.until_s - now_s:.0f} s: {view.pause.reason}"


def _money(view: RunView) -> Iterator[str]:
    lifetime, budget = view.lifetime, view.budget_microusd
    start = view.beginning
    if not lifetime.committed and not start.price_microusd:
        return
    limit = f" of {price_text(budget)}" if budget is not None else ""
    run = price_text(view.spent.committed)
    cap = f" of {price_text(start.limit_microusd)}" if start.limit_microusd is not None else ""
    yield f"  {money_text(lifetime)}{limit} · this run {run}{cap}"


def _ascii(text: str) -> str:
    for sign, plain in (("·", "-"), ("…", "~"), ("–", "-")):
        text = text.replace(sign, plain)
    return text.encode("ascii", "replace").decode("ascii")
