"""One free question to a provider: whether it answers, what time it has, whether it takes a key."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pipeline.adapters.aimlapi.account import balance_answer
from pipeline.adapters.aimlapi.asking import Asker
from pipeline.adapters.aimlapi.client import BALANCE_PATH
from pipeline.core.checkup.account import Greeting
from pipeline.core.purchase.answers import Unreachable


async def greet(
    base_url: str, *, key: str | None, trust_env: bool, deadline_s: float
) -> Greeting | Unreachable:
    """Asks for the balance, with the key if there is one. Costs nothing."""
    async with Asker(base_url, key=key, trust_env=trust_env) as asker:
        found = await asker.get(BALANCE_PATH, {}, deadline_s=deadline_s)
        if isinstance(found, Unreachable):
            return found
        balance = asker.redacted(balance_answer(found.status, found.body)) if key else None
        return Greeting(status=found.status, at=_date(found.headers.get("date")), balance=balance)


def _date(text: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
