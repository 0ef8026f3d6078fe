"""What a run tells its watcher, as it happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.core.money import Balance
from pipeline.core.purchase.attempt import State
from pipeline.core.run.expecting import History, Kind
from pipeline.core.wanted.album import AlbumId, TakeRef
from pipeline.errors import ExitCode


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """What the run cares for, and what is known before its first step.

    ``takes`` are selected; ``further`` ones are paid for and collected too. ``kept`` are there
    already. ``plan`` counts actions by verb. ``balances`` is the money of these albums' attempts
    by client request id. Money is in micro-dollars, None is no limit.
    """

    takes: int
    further: int = 0
    kept: frozenset[TakeRef] = frozenset()
    plan: Mapping[str, int] = field(default_factory=dict)
    to_buy: Mapping[TakeRef, Kind] = field(default_factory=dict)
    price_microusd: int = 0  # what the purchases reserve, as far as the budgets have room
    limit_microusd: int | None = None  # --max-cost
    budgets: Mapping[AlbumId, int | None] = field(default_factory=dict)
    balances: Mapping[str, Balance] = field(default_factory=dict)
    jobs: int = 1
    is_frozen: bool = False
    history: History = field(default_factory=dict)
    usual_waits: Mapping[Kind, str] = field(default_factory=dict)  # in words, from profiles


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeChanged:
    """A take reached a state. ``balance`` is its attempt's money so far.

    Takes that share a purchase have the same ``client_request_id``: its money counts once.
    ``age_s`` is how long ago the attempt was submitted, or written down before that.
    """

    ref: TakeRef
    state: State
    note: str | None = None
    balance: Balance = field(default_factory=Balance)
    client_request_id: str | None = None
    payer: AlbumId | None = None  # the album that the purchase is charged to
    kind: Kind | None = None
    generation_id: str | None = None
    submitted_at: str | None = None
    age_s: float = 0.0
    is_bought_now: bool = False  # this run submitted it
    is_settled: bool = False  # this run will do nothing more with it


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The whole run waits for something: a 429's pause, an unreachable provider."""

    reason: str
    wait_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """Something that a person should know. ``code`` is what it makes of the run's end."""

    message: str
    hint: str | None = None
    ref: TakeRef | None = None
    code: ExitCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hinted:
    """Something that would make the result better; nothing is wrong without it."""

    hint: str


Event = RunStarted | TakeChanged | Waiting | Warned | Hinted
