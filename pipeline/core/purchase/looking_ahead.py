"""What the account's and the catalogue's answers mean for a plan.

A price that has risen is reserved as it is now, so that budgets and consent are about real money.
"""

from __future__ import annotations

from decimal import ROUND_FLOOR

from pipeline.core.ledger.account_answers import (
    Balance,
    BalanceAnswer,
    Catalogue,
    CatalogueAnswer,
    Listing,
    Retirement,
    Retirements,
    RetirementsAnswer,
)
from pipeline.core.money import MICRO, microusd
from pipeline.core.purchase.ahead_words import about_balance, about_catalogue, about_model
from pipeline.core.purchase.preflight import Answers, ModelAhead, ModelStanding, Preflight
from pipeline.core.purchase.spending import Spending, model_of

ONE_GENERATION = frozenset(
    {"generation", "request", "call", "song", "track", "music", "audio", "clip", "file", "output"}
)


def look_ahead(spending: Spending, answers: Answers) -> Preflight:
    """What the answers mean for the plan."""
    buys = spending.purchases()
    known = dict.fromkeys((model_of(buy.take), buy.take.price_microusd) for buy in buys)
    models = tuple(
        _model(name, price, answers.catalogue.get(name), answers.retirements)
        for name, price in known
    )
    quotes = {each.model: each.quoted_microusd for each in models if each.quoted_microusd}
    planned = sum(buy.take.price_microusd for buy in buys)
    now = spending.at(quotes)
    quoted = sum(buy.take.price_microusd for buy in now.purchases())
    findings = [
        *about_catalogue(answers, models),
        *(found for each in models for found in about_model(each, buys, planned)),
        *about_balance(answers.balance, _floor(answers.balance), now.purchases()),
    ]
    return Preflight(
        balance_microusd=_floor(answers.balance),
        planned_microusd=planned,
        quoted_microusd=quoted,
        models=models,
        findings=tuple(dict.fromkeys(findings)),
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
        standing = ModelStanding(retirement.how.value)
    elif not isinstance(answer, Catalogue):
        standing = ModelStanding.UNKNOWN
    else:
        standing = ModelStanding.UNLISTED if listing is None else ModelStanding.LISTED
    return ModelAhead(
        model=name,
        price_microusd=price,
        quoted_microusd=_quote(listing),
        standing=standing,
        is_listed=listing is not None,
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
