"""What is learned of a plan before money is spent: answers, findings, models.

Findings inform and never forbid: an endpoint that is missing, slow or strange is one more finding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.core.ledger.account_answers import BalanceAnswer, CatalogueAnswer, RetirementsAnswer


class FindingKind(StrEnum):
    """What a finding is about."""

    BALANCE_LOW = "balance_low"
    BALANCE_UNKNOWN = "balance_unknown"
    PRICE_HIGHER = "price_higher"
    PRICE_LOWER = "price_lower"
    PRICE_UNCLEAR = "price_unclear"
    MODEL_WITHDRAWN = "model_withdrawn"
    MODEL_DEPRECATED = "model_deprecated"
    MODEL_SUPERSEDED = "model_superseded"
    MODEL_UNLISTED = "model_unlisted"
    CATALOGUE_UNKNOWN = "catalogue_unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class AheadFinding:
    """One thing worth knowing before money is spent."""

    kind: FindingKind
    message: str
    hint: str | None = None


class ModelStanding(StrEnum):
    """How a model stands with its provider."""

    LISTED = "listed"
    UNLISTED = "unlisted"
    DEPRECATED = "deprecated"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAhead:
    """One model at one known price. ``quoted_microusd`` is None if no price a song is quoted."""

    model: str
    price_microusd: int
    quoted_microusd: int | None
    standing: ModelStanding
    is_listed: bool = True
    replaced_by: str | None = None
    shutdown_on: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What was asked, by model where it is about one. ``balance`` is None without a key."""

    balance: BalanceAnswer | None
    catalogue: Mapping[str, CatalogueAnswer]
    retirements: RetirementsAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """Everything that was learned. ``planned_microusd`` is the plan at the profiles' prices,
    ``quoted_microusd`` at today's; both as far as the budgets have room."""

    balance_microusd: int | None
    planned_microusd: int
    quoted_microusd: int
    models: tuple[ModelAhead, ...]
    findings: tuple[AheadFinding, ...]
    quotes: Mapping[str, int] = field(default_factory=dict)  # per song, by model
