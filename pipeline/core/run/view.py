"""Where a run stands, from its events: what a bar, a log or a program shows of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import assert_never

from pipeline.core.money import Balance
from pipeline.core.purchase.attempt import State
from pipeline.core.run.events import Event, Hinted, RunStarted, TakeChanged, Waiting, Warned
from pipeline.core.run.expecting import (
    History,
    Kind,
    is_overdue,
    overall_rest_s,
    rest_s,
    with_wait,
)
from pipeline.core.wanted.album import TakeRef

UNSTARTED = RunStarted(takes=0)
LOOKED_AT_AN_EVENT = 8  # takes, on an average
UNRENDERED = frozenset({State.INTENT, State.SUBMITTED})  # the provider still has to work on it


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """A take that the run is busy with; ``began_s`` is on the steady clock."""

    ref: TakeRef
    state: State
    began_s: float
    kind: Kind | None
    client_request_id: str | None

    def age_s(self, now_s: float) -> float:
        """How long it has been under way."""
        return max(now_s - self.began_s, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """What everybody waits for, and until when on the steady clock."""

    reason: str
    until_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """How long everything takes from ``at_s`` on, made when ``event`` events were told."""

    at_s: float
    event: int
    rest_s: float | None


@dataclass(slots=True, kw_only=True)
class RunView:
    """A run so far: it grows by :meth:`told`. Every time is in seconds on the steady clock.

    An event costs the same whether one song is under way or ten thousand.
    """

    started: RunStarted | None = None
    began_s: float = 0.0
    changed_s: float = 0.0  # when something was told last
    states: dict[TakeRef, State] = field(default_factory=dict)  # as this run told them
    settled: set[TakeRef] = field(default_factory=set)
    balances: dict[str, Balance] = field(default_factory=dict)  # lifetime, by request
    bought: dict[str, Balance] = field(default_factory=dict)  # this run's purchases
    to_buy: dict[TakeRef, Kind] = field(default_factory=dict)
    history: History = field(default_factory=dict)
    pause: Pause | None = None
    lifetime: Balance = field(default_factory=Balance)  # the money of these albums, all of it
    spent: Balance = field(default_factory=Balance)  # what became of this run's purchases
    _flying: dict[TakeRef, Flight] = field(default_factory=dict)
    _names: dict[str, TakeRef] = field(default_factory=dict)  # of what is flying, by request
    _rendering: int = 0  # how many of them the provider still has to work on
    _events: int = 0
    _estimate: Estimate | None = None

    def told(self, event: Event, at_s: float) -> RunView:
        """Takes one event in; returns itself."""
        match event:
            case RunStarted():
                return _begun(event, at_s)
            case TakeChanged():
                self._change(event, at_s)
            case Waiting(reason=reason, wait_s=wait_s):
                self.pause = Pause(reason=reason, until_s=at_s + wait_s)
            case Warned() | Hinted():
                pass
            case _:
                assert_never(event)
        self.changed_s = at_s
        self._events += 1
        return self

    def _change(self, event: TakeChanged, at_s: float) -> None:
        flight = Flight(
            ref=event.ref,
            state=event.state,
            began_s=at_s - event.age_s,
            kind=event.kind,
            client_request_id=event.client_request_id,
        )
        self._learn(flight, at_s)
        self._land(flight)
        is_flying = not event.is_settled and event.state is not State.PLANNED
        if is_flying:
            self._flying[flight.ref] = flight
            self._rendering += flight.state in UNRENDERED
            if flight.client_request_id is not None:
                self._names[flight.client_request_id] = flight.ref
        if is_flying or event.is_settled:
            self.to_buy.pop(event.ref, None)
        if event.is_settled:
            self.settled.add(event.ref)
        self.states[event.ref] = event.state
        self._pay(event)

    def _same(self, flight: Flight) -> tuple[Flight, ...]:
        """What was told of the take before: by its name, or its request if it was renamed."""
        renamed = self._names.get(flight.client_request_id or "")
        refs = dict.fromkeys(ref for ref in (flight.ref, renamed) if ref is not None)
        return tuple(self._flying[ref] for ref in refs if ref in self._flying)

    def _land(self, flight: Flight) -> None:
        for was in self._same(flight):
            del self._flying[was.ref]
            self._rendering -= was.state in UNRENDERED
            self._names.pop(was.client_request_id or "", None)

    def _learn(self, flight: Flight, at_s: float) -> None:
        """A song that this run saw being submitted, and now ready, tells how long it takes."""
        was = next(iter(self._same(flight)), None)
        if was is None or was.state is not State.SUBMITTED or flight.state is not State.READY:
            return
        if flight.kind is not None and flight.client_request_id in self.bought:
            wait_s = max(at_s - was.began_s, 0.001)
            self.history = with_wait(self.history, flight.kind, wait_s)

    def _pay(self, event: TakeChanged) -> None:
        crid = event.client_request_id
        if crid is None:
            return
        if event.payer in self.beginning.budgets:
            self.lifetime += event.balance - self.balances.get(crid, Balance())
            self.balances[crid] = event.balance
        if event.is_bought_now:
            self.spent += event.balance - self.bought.get(crid, Balance())
            self.bought[crid] = event.balance

    @property
    def flights(self) -> tuple[Flight, ...]:
        """The takes that the run is busy with, the oldest first."""
        return tuple(sorted(self._flying.values(), key=lambda one: one.began_s))

    @property
    def under_way(self) -> int:
        """How many takes the run is busy with."""
        return len(self._flying)

    def flight_of(self, ref: TakeRef) -> Flight | None:
        """What is under way of a take."""
        return self._flying.get(ref)

    @property
    def beginning(self) -> RunStarted:
        """What was known at the start; nothing before it."""
        return self.started or UNSTARTED

    @property
    def total(self) -> int:
        """How many takes the run cares for, collected ones outside the selection too."""
        return max(self.beginning.takes + self.beginning.further, len(self.settled))

    @property
    def budget_microusd(self) -> int | None:
        """What the albums may cost together; None if one of them has no limit."""
        caps = tuple(self.beginning.budgets.values())
        known = [cap for cap in caps if cap is not None]
        return sum(known) if known and len(known) == len(caps) else None

    def waits_s(self, kind: Kind | None) -> tuple[float, ...]:
        """What is known of how long a kind takes."""
        return () if kind is None else self.history.get(kind, ())

    def rest_s(self, flight: Flight, now_s: float) -> float | None:
        """How long a generation is still expected to take; None is no promise."""
        if flight.state not in UNRENDERED:
            return None
        return rest_s(self.waits_s(flight.kind), flight.age_s(now_s))

    def is_overdue(self, flight: Flight, now_s: float) -> bool:
        """Whether it takes longer than usual."""
        if flight.state not in UNRENDERED:
            return False
        return is_overdue(self.waits_s(flight.kind), flight.age_s(now_s))

    def recent_rest_s(self, now_s: float) -> float | None:
        """:meth:`overall_rest_s` of not long ago, less the time since then.

        That looks at all that is under way. This does so the less often the more there is, so that
        whoever asks after each event pays the same for it in a large run as in a small one.
        """
        if not self._rendering and not self.to_buy:
            return None
        patience = (len(self._flying) + len(self.to_buy)) // LOOKED_AT_AN_EVENT
        known = self._estimate
        if known is None or self._events - known.event > patience:
            rest_s = self.overall_rest_s(now_s)
            self._estimate = known = Estimate(at_s=now_s, event=self._events, rest_s=rest_s)
        if known.rest_s is None:
            return None
        return max(known.rest_s - (now_s - known.at_s), 0.0)

    def overall_rest_s(self, now_s: float) -> float | None:
        """How long until everything is rendered; None if nothing is, or nobody can say."""
        flying = [
            (self.waits_s(flight.kind), flight.age_s(now_s))
            for flight in self._flying.values()
            if flight.state in UNRENDERED
        ]
        waiting = [self.waits_s(kind) for kind in self.to_buy.values()]
        if not flying and not waiting:
            return None
        pause_s = max(self.pause.until_s - now_s, 0.0) if self.pause and waiting else 0.0
        found_s = overall_rest_s(flying, waiting, jobs=self.beginning.jobs)
        return None if found_s is None else found_s + pause_s


def _begun(event: RunStarted, at_s: float) -> RunView:
    return RunView(
        started=event,
        began_s=at_s,
        changed_s=at_s,
        settled=set(event.kept),
        balances=dict(event.balances),
        to_buy=dict(event.to_buy),
        history=event.history,
        lifetime=sum(event.balances.values(), Balance()),
    )
