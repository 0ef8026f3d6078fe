"""What the account's own endpoints can answer, in songmake's words: ledger, balance, catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pipeline.core.purchase.answers import Throttled, Unreachable


@dataclass(frozen=True, slots=True, kw_only=True)
class NotOffered:
    """The endpoint is missing, closed to this key, or says something else than it used to."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One movement of the account's balance that names what it was for.

    ``amount_microusd`` and ``credits`` are above zero for money that was taken and below for money
    that was given back. ``recorded_at`` is the provider's own text, only ever compared.
    """

    reference_id: str
    amount_microusd: int
    credits: int
    recorded_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPage:
    """One page of the ledger, newest first; ``next_cursor`` is None on the last one.

    ``row_count`` counts all rows; ``unreadable`` are the references of those that make no sense,
    empty where even that is lost.
    """

    entries: tuple[LedgerEntry, ...]
    row_count: int
    unreadable: tuple[str, ...]
    next_cursor: str | None


LedgerAnswer = LedgerPage | NotOffered | Throttled | Unreachable


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What the account holds, in dollars; it may be below zero."""

    usd: Decimal


BalanceAnswer = Balance | NotOffered | Unreachable


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A price in dollars for one ``unit``, whatever number of units it is quoted for."""

    usd: Decimal
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A model of the catalogue, under its present name and all others that still work."""

    id: str
    aliases: frozenset[str]
    rates: tuple[Rate, ...]  # several where the price depends on the request; none if not quoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The models that fit a question."""

    listings: tuple[Listing, ...]


CatalogueAnswer = Catalogue | NotOffered | Unreachable


class Retiring(StrEnum):
    """How a model that is on its way out stands."""

    DEPRECATED = "deprecated"  # works still; its end was announced
    SUPERSEDED = "superseded"  # works still, as another name of its successor
    WITHDRAWN = "withdrawn"  # requests are refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Retirement:
    """A model on its way out; ``shutdown_on`` is a date as ``YYYY-MM-DD``."""

    names: frozenset[str]
    how: Retiring
    shutdown_on: str | None
    replaced_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retirements:
    """The provider's list of models that are on their way out or gone."""

    models: tuple[Retirement, ...]


RetirementsAnswer = Retirements | NotOffered | Unreachable
