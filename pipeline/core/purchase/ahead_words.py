"""Findings before money is spent, in words: old and new, and what follows for the plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pipeline.core.ledger.account_answers import Balance, BalanceAnswer, Catalogue
from pipeline.core.money import price_text
from pipeline.core.purchase.plan import Buy
from pipeline.core.purchase.preflight import (
    AheadFinding,
    Answers,
    FindingKind,
    ModelAhead,
    ModelStanding,
)
from pipeline.core.purchase.spending import model_of


def about_catalogue(answers: Answers, models: Sequence[ModelAhead]) -> tuple[AheadFinding, ...]:
    """One line for all models that the catalogue does not tell of."""
    reasons = Counter(
        answer.reason for answer in answers.catalogue.values() if not isinstance(answer, Catalogue)
    )
    if not reasons or all(model.standing is not ModelStanding.UNKNOWN for model in models):
        return ()
    (reason, _), *_ = reasons.most_common()
    return (
        AheadFinding(
            kind=FindingKind.CATALOGUE_UNKNOWN,
            message=f"the provider's catalogue does not answer ({reason}): "
            "price and model are not checked",
        ),
    )


def about_model(
    model: ModelAhead, buys: Sequence[Buy], planned_microusd: int
) -> tuple[AheadFinding, ...]:
    """How a model stands and what it costs, where that is not as expected."""
    found = [_about_standing(model), _about_price(model, buys, planned_microusd)]
    return tuple(each for each in found if each is not None)


def _about_standing(model: ModelAhead) -> AheadFinding | None:
    name, instead = model.model, model.replaced_by
    hint = f"its successor is {instead}" if instead else None
    match model.standing:
        case ModelStanding.WITHDRAWN:
            message = f"{name} was withdrawn: requests for it are refused, and cost nothing"
            return AheadFinding(kind=FindingKind.MODEL_WITHDRAWN, message=message, hint=hint)
        case ModelStanding.DEPRECATED:
            when = f"on {model.shutdown_on}" if model.shutdown_on else "on a day not yet named"
            message = f"{name} is deprecated: it works still, and ends {when}"
            return AheadFinding(kind=FindingKind.MODEL_DEPRECATED, message=message, hint=hint)
        case ModelStanding.SUPERSEDED:
            message = f"{name} is another name of {instead or 'its successor'} now, and works still"
            return AheadFinding(kind=FindingKind.MODEL_SUPERSEDED, message=message)
        case ModelStanding.UNLISTED:
            message = f"the provider's catalogue does not list {name}: it may be withdrawn"
            hint = "a refused request costs nothing"
            return AheadFinding(kind=FindingKind.MODEL_UNLISTED, message=message, hint=hint)
        case _:
            return None


def _about_price(
    model: ModelAhead, buys: Sequence[Buy], planned_microusd: int
) -> AheadFinding | None:
    name, old, new = model.model, model.price_microusd, model.quoted_microusd
    if not model.is_listed or model.standing is ModelStanding.WITHDRAWN:
        return None
    if new is None:
        message = f"the catalogue quotes no price a song for {name}: {price_text(old)} is reserved"
        return AheadFinding(kind=FindingKind.PRICE_UNCLEAR, message=message)
    if new == old:
        return None
    count = sum((model_of(buy.take), buy.take.price_microusd) == (name, old) for buy in buys)
    changed = planned_microusd + count * (new - old)
    message = (
        f"{name} costs {price_text(new)} a song now, not {price_text(old)}: "
        f"this plan would cost {price_text(changed)}, not {price_text(planned_microusd)}"
    )
    if new < old:
        hint = f"{price_text(old)} a song is reserved; what it really cost is booked"
        return AheadFinding(kind=FindingKind.PRICE_LOWER, message=message, hint=hint)
    return AheadFinding(kind=FindingKind.PRICE_HIGHER, message=message)


def about_balance(
    balance: BalanceAnswer | None, held_microusd: int | None, buys: Sequence[Buy]
) -> tuple[AheadFinding, ...]:
    """Whether the account can pay for the purchases; ``held_microusd`` is what it holds."""
    if balance is None:
        message = "AIMLAPI_KEY is not set: the account's balance is not checked"
        return (AheadFinding(kind=FindingKind.BALANCE_UNKNOWN, message=message),)
    if not isinstance(balance, Balance):
        message = f"the account's balance cannot be read ({balance.reason}): it is not checked"
        return (AheadFinding(kind=FindingKind.BALANCE_UNKNOWN, message=message),)
    held = held_microusd or 0
    cost = sum(buy.take.price_microusd for buy in buys)
    if held >= cost:
        return ()
    left, paid = held, 0
    for buy in buys:
        left -= buy.take.price_microusd
        paid += left >= 0
    message = (
        f"the account holds {price_text(held)} and the plan costs {price_text(cost)}: "
        f"enough for {paid} of {len(buys)} takes"
    )
    hint = "top it up first; what is bought before it is empty stays bought"
    return (AheadFinding(kind=FindingKind.BALANCE_LOW, message=message, hint=hint),)
