"""Where a run stands, from its events: what a bar, a log or a program shows of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
class RunView:
    """A run so far. Every time is in seconds on the steady clock."""

    started: RunStarted | None = None
    began_s: float = 0.0
    changed_s: float = 0.0  # when something was told last
    states: Mapping[TakeRef, State] = field(default_factory=dict)  # as this run told them
    settled: frozenset[TakeRef] = frozenset()
    flights: tuple[Flight, ...] = ()  # the oldest first
    balances: Mapping[str, Balance] = field(default_factory=dict)  # lifetime, by request
    bought: Mapping[str, Balance] = field(default_factory=dict)  # this run's purchases
    to_buy: Mapping[TakeRef, Kind] = field(default_factory=dict)
    history: History = field(default_factory=dict)
    pause: Pause | None = None

    def told(self, event: Event, at_s: float) -> RunView:
        """The view after one event more."""
        match event:
            case RunStarted():
                return self._begun(event, at_s)
            case TakeChanged():
                return self._changed(event, at_s)
            case Waiting(reason=reason, wait_s=wait_s):
                pause = Pause(reason=reason, until_s=at_s + wait_s)
                return replace(self, pause=pause, changed_s=at_s)
            case Warned() | Hinted():
                return replace(self, changed_s=at_s)
            case _:
                assert_never(event)

    def _begun(self, event: RunStarted, at_s: float) -> RunView:
        return RunView(
            started=event,
            began_s=at_s,
            changed_s=at_s,
            settled=event.kept,
            balances=event.balances,
            to_buy=event.to_buy,
            history=event.history,
        )

    def _changed(self, event: TakeChanged, at_s: float) -> RunView:
        flight = Flight(
            ref=event.ref,
            state=event.state,
            began_s=at_s - event.age_s,
            kind=event.kind,
            client_request_id=event.client_request_id,
        )
        others = [one for one in self.flights if not _is_same(one, flight)]
        is_flying = not event.is_settled and event.state is not State.PLANNED
        flights = sorted((*others, *([flight] if is_flying else ())), key=lambda one: one.began_s)
        begun = {event.ref} if is_flying or event.is_settled else set()
        return replace(
            self,
            changed_s=at_s,
            states={**self.states, event.ref: event.state},
            settled=self.settled | ({event.ref} if event.is_settled else set()),
            flights=tuple(flights),
            to_buy={ref: kind for ref, kind in self.to_buy.items() if ref not in begun},
            history=self._learned(flight, at_s),
            balances=self._paid(event),
            bought=self._bought(event),
        )

    def _learned(self, flight: Flight, at_s: float) -> History:
        """A song that this run saw being submitted, and now ready, tells how long it takes."""
        was = next((one for one in self.flights if _is_same(one, flight)), None)
        if was is None or was.state is not State.SUBMITTED or flight.state is not State.READY:
            return self.history
        if flight.kind is None or flight.client_request_id not in self.bought:
            return self.history
        return with_wait(self.history, flight.kind, max(at_s - was.began_s, 0.001))

    def _paid(self, event: TakeChanged) -> Mapping[str, Balance]:
        crid = event.client_request_id
        if crid is None or event.payer not in self.beginning.budgets:
            return self.balances
        return {**self.balances, crid: event.balance}

    def _bought(self, event: TakeChanged) -> Mapping[str, Balance]:
        crid = event.client_request_id
        return {**self.bought, crid: event.balance} if crid and event.is_bought_now else self.bought

    @property
    def beginning(self) -> RunStarted:
        """What was known at the start; nothing before it."""
        return self.started or UNSTARTED

    @property
    def total(self) -> int:
        """How many takes the run cares for, collected ones outside the selection too."""
        return max(self.beginning.takes + self.beginning.further, len(self.settled))

    @property
    def spent(self) -> Balance:
        """What became of the money of this run's purchases."""
        return sum(self.bought.values(), Balance())

    @property
    def lifetime(self) -> Balance:
        """The money of these albums over their lifetime."""
        return sum(self.balances.values(), Balance())

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

    def overall_rest_s(self, now_s: float) -> float | None:
        """How long until everything is rendered; None if nothing is, or nobody can say."""
        flying = [
            (self.waits_s(flight.kind), flight.age_s(now_s))
            for flight in self.flights
            if flight.state in UNRENDERED
        ]
        waiting = [self.waits_s(kind) for kind in self.to_buy.values()]
        if not flying and not waiting:
            return None
        pause_s = max(self.pause.until_s - now_s, 0.0) if self.pause and waiting else 0.0
        found_s = overall_rest_s(flying, waiting, jobs=self.beginning.jobs)
        return None if found_s is None else found_s + pause_s


def _is_same(one: Flight, other: Flight) -> bool:
    """Two words about one take: by its name, or by its request if the song was renamed."""
    is_same_request = (
        one.client_request_id is not None and one.client_request_id == other.client_request_id
    )
    return one.ref == other.ref or is_same_request
