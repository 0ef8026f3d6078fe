"""What a run tells its watcher, as it happens."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.core.purchase.attempt import State
from pipeline.core.wanted.album import TakeRef


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """How many takes the run cares for."""

    takes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeChanged:
    """A take reached a state. ``cost_microusd`` is what it holds or was charged so far."""

    ref: TakeRef
    state: State
    note: str | None = None
    cost_microusd: int | None = None
    generation_id: str | None = None
    is_settled: bool = False  # this run will do nothing more with it


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The whole run waits for something: a 429's pause, an unreachable provider."""

    reason: str
    wait_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """Something that a person should know."""

    message: str
    hint: str | None = None
    ref: TakeRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hinted:
    """Something that would make the result better; nothing is wrong without it."""

    hint: str


Event = RunStarted | TakeChanged | Waiting | Warned | Hinted
