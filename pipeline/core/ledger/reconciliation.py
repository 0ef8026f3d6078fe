"""What a comparison of journal and provider's books is about: evidence, findings, moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pipeline.core.money import Booking
from pipeline.core.purchase.answers import LogRow, PollAnswer
from pipeline.core.purchase.attempt import Attempt

SOURCE = "ledger"


class Kind(StrEnum):
    """What the comparison of one attempt came to."""

    AGREES = "agrees"
    PENDING = "pending"  # too young to be in the ledger
    NOT_COMPARED = "not_compared"  # the ledger was not read as far as that
    CHARGED_MORE = "charged_more"  # corrected
    CHARGED_LESS = "charged_less"  # corrected
    REFUNDED = "refunded"  # corrected
    SETTLED = "settled"  # a hold that became a charge
    RELEASED = "released"  # a hold that was given back
    FOUND = "found"  # in doubt, planned or rejected, and accepted after all
    CHARGED_ANYWAY = "charged_anyway"  # though it failed, was rejected or is planned
    UNSETTLED = "unsettled"  # a hold that became nothing
    UNCHARGED = "uncharged"  # counted as charged, and not in the ledger
    IN_DOUBT = "in_doubt"


DRIFT = frozenset({Kind.CHARGED_ANYWAY, Kind.UNSETTLED, Kind.UNCHARGED})
MOVED = frozenset({Kind.SETTLED, Kind.RELEASED, Kind.FOUND})
CORRECTED = frozenset({Kind.CHARGED_MORE, Kind.CHARGED_LESS, Kind.REFUNDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """All movements of the ledger that name one generation."""

    charged_microusd: int = 0
    returned_microusd: int = 0
    credits: int = 0
    charges: int = 0

    @property
    def net_microusd(self) -> int:
        """What it cost in the end."""
        return max(self.charged_microusd - self.returned_microusd, 0)

    @property
    def booking(self) -> Booking:
        """The same, as it is booked."""
        return Booking(amount_microusd=self.net_microusd, source=SOURCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was read. ``ledger_since`` is None if the ledger is not known, not even in part.

    ``sums`` are by generation id, ``unclear`` those that the ledger names in a way that makes no
    sense; ``requests`` by client request id, ``generations`` by generation
    id, ``polls`` by client request id.
    """

    ledger_since: datetime | None = None
    sums: Mapping[str, Sum] = field(default_factory=dict)
    unclear: frozenset[str] = frozenset()
    requests: Mapping[str, LogRow] = field(default_factory=dict)
    generations: Mapping[str, LogRow] = field(default_factory=dict)
    polls: Mapping[str, PollAnswer] = field(default_factory=dict)

    def row_of(self, attempt: Attempt) -> LogRow | None:
        """The log's row of an attempt."""
        by_request = self.requests.get(attempt.client_request_id)
        return by_request or self.generations.get(attempt.generation_id or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Correct:
    """Book what the ledger says; the state stays."""

    booking: Booking
    credits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """A hold is final: submitted becomes ready, at the ledger's amount."""

    booking: Booking
    credits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """It failed and nothing was charged: submitted or in doubt becomes failed."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """It was accepted after all: it becomes submitted, to be collected for free."""

    generation_id: str
    booking: Booking
    credits: int | None


Move = Correct | Charge | Release | Find


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One attempt, and what follows. ``ledger_microusd`` is None if the ledger does not say."""

    attempt: Attempt
    kind: Kind
    ledger_microusd: int | None
    message: str
    move: Move | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """The rest of the journal: who uses a generation id, and which attempt lives by digest."""

    users: Mapping[str, str]
    living: Mapping[str, str]

    def may_find(self, attempt: Attempt, generation_id: str) -> bool:
        """Whether an attempt may become a live one under this generation id."""
        mine = (None, attempt.client_request_id)
        return (
            attempt.superseded_at is None
            and self.users.get(generation_id) in mine
            and self.living.get(attempt.digest) in mine
        )


def others_of(attempts: tuple[Attempt, ...]) -> Others:
    """What must stay unique in a journal."""
    return Others(
        users={found.generation_id: found.client_request_id for found in attempts
               if found.generation_id is not None},
        living={found.digest: found.client_request_id for found in attempts if found.is_live},
    )  # fmt: skip


def moment(text: str | None) -> datetime | None:
    """A time of the journal or the provider; None if it is none."""
    try:
        found = datetime.fromisoformat((text or "").replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
