"""Asking the account and the catalogue about a plan, for a few seconds at most."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TypeVar

from pipeline.adapters.aimlapi.client import Access
from pipeline.core.ledger.account_answers import (
    BalanceAnswer,
    CatalogueAnswer,
    NotOffered,
    RetirementsAnswer,
)
from pipeline.core.purchase.answers import Unreachable
from pipeline.core.purchase.looking_ahead import look_ahead
from pipeline.core.purchase.origins import is_loopback
from pipeline.core.purchase.preflight import Answers, Preflight
from pipeline.core.purchase.spending import Spending, models_of
from pipeline.errors import SongmakeError
from pipeline.runner.clock import Clock

QUESTION_S = 4.0  # all are asked at once
ALL_S = 5.0

_Answer = TypeVar("_Answer")


def preflight(
    spending: Spending, *, base_url: str, key: str | None, clock: Clock
) -> Preflight | None:
    """What is worth knowing before the plan's purchases; None if it buys nothing.

    Never raises on the provider's account: what cannot be learned is a finding.
    """
    models = models_of(spending)
    if not models:
        return None
    return look_ahead(spending, asyncio.run(_ask(models, base_url, key, clock)))


async def _ask(models: tuple[str, ...], base_url: str, key: str | None, clock: Clock) -> Answers:
    from pipeline.adapters.aimlapi.catalogue import CatalogueClient
    from pipeline.runner.render.connecting import open_api

    async def about_account() -> BalanceAnswer | None:
        if key is None:
            return None
        async with open_api(Access(base_url=base_url, key=key), clock) as api:
            return await api.balance(deadline_s=QUESTION_S)

    async def about_models() -> tuple[list[CatalogueAnswer], RetirementsAnswer]:
        async with AsyncExitStack() as stack:
            trust_env = not is_loopback(base_url)
            client = CatalogueClient(base_url, hidden=key, trust_env=trust_env)
            shop = await stack.enter_async_context(client)
            listed = asyncio.gather(*(shop.model(name, deadline_s=QUESTION_S) for name in models))
            return await asyncio.gather(listed, shop.retirements(deadline_s=QUESTION_S))

    balance, listed = await asyncio.gather(_or_reason(about_account), _or_reason(about_models))
    if isinstance(listed, NotOffered | Unreachable):
        return Answers(balance=balance, catalogue=dict.fromkeys(models, listed), retirements=listed)
    catalogue, retirements = listed
    return Answers(
        balance=balance,
        catalogue=dict(zip(models, catalogue, strict=True)),
        retirements=retirements,
    )


async def _or_reason(ask: Callable[[], Awaitable[_Answer]]) -> _Answer | Unreachable:
    """An answer, or why there is none: nothing that goes wrong here may stop a run."""
    try:
        async with asyncio.timeout(ALL_S):
            return await ask()
    except TimeoutError:
        return Unreachable(reason="no answer in time")
    except SongmakeError as error:
        return Unreachable(reason=error.message)
    except Exception as error:
        return Unreachable(reason=f"unexpected {type(error).__name__}")
