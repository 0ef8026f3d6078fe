"""What the account and the catalogue say of a plan before money is spent.

Findings inform and never forbid: an endpoint that is missing, slow or strange is one more finding.
A price that has risen is reserved as it is now, so that budgets and consent are about real money.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_FLOOR
from enum import StrEnum

from pipeline.core.account_answers import (
    Balance,
    BalanceAnswer,
    Catalogue,
    CatalogueAnswer,
    Listing,
    Retirement,
    Retirements,
    RetirementsAnswer,
)
from pipeline.core.album import Provider, TakeRef
from pipeline.core.budget import Caps, over_budget
from pipeline.core.money import MICRO, microusd, price_text
from pipeline.core.plan import Action, Buy
from pipeline.core.wanted import WantedTake

ONE_GENERATION = frozenset(
    {"generation", "request", "call", "song", "track", "music", "audio", "clip", "file", "output"}
)


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


class Standing(StrEnum):
    """How a model stands with its provider."""

    LISTED = "listed"
    UNLISTED = "unlisted"
    DEPRECATED = "deprecated"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAhead:
    """One model of the plan. ``quoted_microusd`` is None where no price per song is quoted."""

    model: str
    price_microusd: int
    quoted_microusd: int | None
    standing: Standing
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """A plan's actions, and the limits that it is held to."""

    actions: tuple[Action, ...]
    committed: Mapping[str, int]
    caps: Caps

    def purchases(self) -> tuple[Buy, ...]:
        """What would be paid for, as far as the budgets have room."""
        stopped: frozenset[TakeRef] = over_budget(self.actions, self.committed, self.caps)  # type: ignore[arg-type]
        return tuple(
            action
            for action in self.actions
            if isinstance(action, Buy)
            and action.take.provider is Provider.AIMLAPI
            and action.take.ref not in stopped
        )

    def at(self, quotes: Mapping[str, int], albums: Collection[str] | None = None) -> Spending:
        """The same plan with prices that have risen; only in ``albums``, if they are given."""
        actions = tuple(_raised(action, quotes, albums) for action in self.actions)
        return replace(self, actions=actions)


def _raised(action: Action, quotes: Mapping[str, int], albums: Collection[str] | None) -> Action:
    if not isinstance(action, Buy) or action.take.provider is not Provider.AIMLAPI:
        return action
    quoted = quotes.get(model_of(action.take))
    is_meant = albums is None or action.take.ref.album in albums
    if quoted is None or quoted <= action.take.price_microusd or not is_meant:
        return action
    return replace(action, take=replace(action.take, price_microusd=quoted))


def model_of(take: WantedTake) -> str:
    """The model as the request names it."""
    body = json.loads(take.body_json)
    named = body.get("model") if isinstance(body, dict) else None
    return named if isinstance(named, str) else take.model


def models_of(spending: Spending) -> tuple[str, ...]:
    """The models that would be paid, each once, in the plan's order."""
    return tuple(dict.fromkeys(model_of(buy.take) for buy in spending.purchases()))


def look_ahead(spending: Spending, answers: Answers) -> Preflight:
    """What the answers mean for the plan."""
    buys = spending.purchases()
    prices = {model_of(buy.take): buy.take.price_microusd for buy in reversed(buys)}
    models = tuple(
        _model(name, price, answers.catalogue.get(name), answers.retirements)
        for name, price in reversed(prices.items())
    )
    quotes = {each.model: each.quoted_microusd for each in models if each.quoted_microusd}
    planned = sum(buy.take.price_microusd for buy in buys)
    now = spending.at(quotes)
    quoted = sum(buy.take.price_microusd for buy in now.purchases())
    findings = [
        *_about_catalogue(answers, models),
        *(found for each in models for found in _about_model(each, buys, planned)),
        *_about_balance(answers.balance, now.purchases()),
    ]
    return Preflight(
        balance_microusd=_floor(answers.balance),
        planned_microusd=planned,
        quoted_microusd=quoted,
        models=models,
        findings=tuple(findings),
        quotes=quotes,
    )


def _floor(balance: BalanceAnswer | None) -> int | None:
    if not isinstance(balance, Balance):
        return None
    return int((balance.usd * MICRO).to_integral_value(rounding=ROUND_FLOOR))


def _model(
    name: str, price: int, answer: CatalogueAnswer | None, retirements: RetirementsAnswer
) -> ModelAhead:
    listing = _listing(name, answer)
    retirement = _retirement(name, retirements)
    if retirement is not None:
        standing = Standing(retirement.how.value)
    elif not isinstance(answer, Catalogue):
        standing = Standing.UNKNOWN
    else:
        standing = Standing.UNLISTED if listing is None else Standing.LISTED
    return ModelAhead(
        model=name,
        price_microusd=price,
        quoted_microusd=_quote(listing),
        standing=standing,
        replaced_by=retirement.replaced_by if retirement is not None else None,
        shutdown_on=retirement.shutdown_on if retirement is not None else None,
    )


def _listing(name: str, answer: CatalogueAnswer | None) -> Listing | None:
    """By id or alias: an alias works as well as the name itself."""
    if not isinstance(answer, Catalogue):
        return None
    wanted = name.lower()
    return next(
        (
            listing
            for listing in answer.listings
            if wanted in {each.lower() for each in (listing.id, *listing.aliases)}
        ),
        None,
    )


def _retirement(name: str, answer: RetirementsAnswer) -> Retirement | None:
    if not isinstance(answer, Retirements):
        return None
    wanted = name.lower()
    return next(
        (each for each in answer.models if wanted in {one.lower() for one in each.names}), None
    )


def _quote(listing: Listing | None) -> int | None:
    """The price of one song: the highest, where it depends on what is asked for."""
    rates = listing.rates if listing is not None else ()
    if not rates or any(rate.unit.removesuffix("s") not in ONE_GENERATION for rate in rates):
        return None
    return max(microusd(rate.usd) for rate in rates) or None


def _about_catalogue(answers: Answers, models: Sequence[ModelAhead]) -> tuple[AheadFinding, ...]:
    """One line for all models that the catalogue does not tell of."""
    reasons = Counter(
        answer.reason for answer in answers.catalogue.values() if not isinstance(answer, Catalogue)
    )
    if not reasons or all(model.standing is not Standing.UNKNOWN for model in models):
        return ()
    (reason, _), *_ = reasons.most_common()
    return (
        AheadFinding(
            kind=FindingKind.CATALOGUE_UNKNOWN,
            message=f"the provider's catalogue does not answer ({reason}): "
            "price and model are not checked",
        ),
    )


def _about_model(
    model: ModelAhead, buys: Sequence[Buy], planned_microusd: int
) -> tuple[AheadFinding, ...]:
    found = [_about_standing(model), _about_price(model, buys, planned_microusd)]
    return tuple(each for each in found if each is not None)


def _about_standing(model: ModelAhead) -> AheadFinding | None:
    name, instead = model.model, model.replaced_by
    hint = f"its successor is {instead}" if instead else None
    match model.standing:
        case Standing.WITHDRAWN:
            message = f"{name} was withdrawn: requests for it are refused, and cost nothing"
            return AheadFinding(kind=FindingKind.MODEL_WITHDRAWN, message=message, hint=hint)
        case Standing.DEPRECATED:
            when = f"on {model.shutdown_on}" if model.shutdown_on else "on a day not yet named"
            message = f"{name} is deprecated: it works still, and ends {when}"
            return AheadFinding(kind=FindingKind.MODEL_DEPRECATED, message=message, hint=hint)
        case Standing.SUPERSEDED:
            message = f"{name} is another name of {instead or 'its successor'} now, and works still"
            return AheadFinding(kind=FindingKind.MODEL_SUPERSEDED, message=message)
        case Standing.UNLISTED:
            message = f"the provider's catalogue does not list {name}: it may be withdrawn"
            hint = "a refused request costs nothing; songmake validate names the known models"
            return AheadFinding(kind=FindingKind.MODEL_UNLISTED, message=message, hint=hint)
        case _:
            return None


def _about_price(
    model: ModelAhead, buys: Sequence[Buy], planned_microusd: int
) -> AheadFinding | None:
    name, old, new = model.model, model.price_microusd, model.quoted_microusd
    if model.standing in (Standing.UNKNOWN, Standing.UNLISTED, Standing.WITHDRAWN):
        return None
    if new is None:
        message = f"the catalogue quotes no price a song for {name}: {price_text(old)} is reserved"
        return AheadFinding(kind=FindingKind.PRICE_UNCLEAR, message=message)
    if new == old:
        return None
    count = sum(model_of(buy.take) == name for buy in buys)
    changed = planned_microusd + count * (new - old)
    message = (
        f"{name} costs {price_text(new)} a song now, not {price_text(old)}: "
        f"this plan would cost {price_text(changed)}, not {price_text(planned_microusd)}"
    )
    if new < old:
        hint = f"{price_text(old)} a song is reserved; what it really cost is booked"
        return AheadFinding(kind=FindingKind.PRICE_LOWER, message=message, hint=hint)
    return AheadFinding(kind=FindingKind.PRICE_HIGHER, message=message)


def _about_balance(balance: BalanceAnswer | None, buys: Sequence[Buy]) -> tuple[AheadFinding, ...]:
    if balance is None:
        message = "AIMLAPI_KEY is not set: the account's balance is not checked"
        return (AheadFinding(kind=FindingKind.BALANCE_UNKNOWN, message=message),)
    if not isinstance(balance, Balance):
        message = f"the account's balance cannot be read ({balance.reason}): it is not checked"
        return (AheadFinding(kind=FindingKind.BALANCE_UNKNOWN, message=message),)
    held = _floor(balance) or 0
    cost = sum(buy.take.price_microusd for buy in buys)
    if held >= cost:
        return ()
    left, paid = held, 0
    for buy in buys:
        left -= buy.take.price_microusd
        paid += left >= 0
    sign = "-" if held < 0 else ""
    message = (
        f"the account holds {sign}{price_text(abs(held))} and the plan costs {price_text(cost)}: "
        f"enough for {paid} of {len(buys)} takes"
    )
    hint = "top it up first; what is bought before it is empty stays bought"
    return (AheadFinding(kind=FindingKind.BALANCE_LOW, message=message, hint=hint),)
