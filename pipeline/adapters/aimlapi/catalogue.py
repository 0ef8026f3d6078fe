"""The provider's public catalogue: which models exist, what they cost, which are on their way out.

Nobody needs a key for it, and none is sent: it is known here only so that no answer can show it.
Fields and values are those of AI/ML API's documentation of ``GET /v1/models`` and
``GET /v1/models/deprecations``: a model is known by its id and its aliases; a price counts for
``per`` units; a deprecated model may be missing from the list while it still works, and the second
endpoint says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from types import TracebackType
from typing import Any, Self

from pipeline.adapters.aimlapi.asking import Asker, Reply
from pipeline.adapters.aimlapi.translate import NOT_OFFERED, amount_of, at, said_by, usable_id
from pipeline.core.ledger.account_answers import (
    Catalogue,
    CatalogueAnswer,
    Listing,
    NotOffered,
    Rate,
    Retirement,
    Retirements,
    RetirementsAnswer,
    Retiring,
)
from pipeline.core.purchase.answers import Unreachable

MODELS_PATH = "/v1/models"
RETIREMENTS_PATH = "/v1/models/deprecations"
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
WORD = re.compile(r"[a-z][a-z0-9 _-]{0,39}", re.ASCII)
MOST_USD = Decimal(10_000)
LEAST_UNITS = Decimal("0.001")


class CatalogueClient:
    """Asks the catalogue, anonymously; ``hidden`` is taken out of what it says."""

    def __init__(self, base_url: str, *, hidden: str | None, trust_env: bool) -> None:
        self._asker = Asker(base_url, key=None, hidden=hidden, trust_env=trust_env)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._asker.__aexit__(kind, error, traceback)

    async def model(self, name: str, *, deadline_s: float) -> CatalogueAnswer:
        """What the catalogue lists under a name, with prices."""
        query = {"id": name, "include": "pricing"}
        found = await self._asker.get(MODELS_PATH, query, deadline_s=deadline_s)
        return self._asker.redacted(catalogue_answer(found))

    async def retirements(self, *, deadline_s: float) -> RetirementsAnswer:
        """The models that are on their way out or gone."""
        found = await self._asker.get(RETIREMENTS_PATH, {}, deadline_s=deadline_s)
        return self._asker.redacted(retirements_answer(found))


def catalogue_answer(found: Reply | Unreachable) -> CatalogueAnswer:
    """What the answer to a question for a model means."""
    rows = _rows(found)
    if isinstance(rows, (NotOffered, Unreachable)):
        return rows
    return Catalogue(listings=tuple(_listings(rows)))


def retirements_answer(found: Reply | Unreachable) -> RetirementsAnswer:
    """What the answer to the question for models on their way out means."""
    rows = _rows(found)
    if isinstance(rows, (NotOffered, Unreachable)):
        return rows
    return Retirements(models=tuple(_retirements(rows)))


def _rows(found: Reply | Unreachable) -> list[Any] | NotOffered | Unreachable:
    if isinstance(found, Unreachable):
        return found
    said = f"HTTP {found.status}{said_by(found.body)}"
    if found.status in NOT_OFFERED:
        return NotOffered(reason=said)
    if found.status != 200 or found.body is None:
        is_read = found.body is not None
        return Unreachable(reason=said if is_read else f"HTTP {found.status}, unreadable")
    rows = found.body.get("data")
    return rows if isinstance(rows, list) else NotOffered(reason="it has an unknown form")


def _names(row: Any) -> tuple[str | None, frozenset[str]]:
    """The present name and the others that still work."""
    if not isinstance(row, dict):
        return None, frozenset()
    aliases = row.get("aliases")
    known = (usable_id(name) for name in aliases) if isinstance(aliases, list) else ()
    return usable_id(row.get("id")), frozenset(name for name in known if name)


def _listings(rows: list[Any]) -> Iterator[Listing]:
    for row in rows:
        name, aliases = _names(row)
        if name is not None:
            yield Listing(id=name, aliases=aliases, rates=tuple(_rates(row.get("pricing"))))


def _rates(pricing: Any) -> Iterator[Rate]:
    """Every quoted rate; none at all where one of them makes no sense."""
    quoted = at(pricing, "units")
    if at(pricing, "kind") == "variants" or quoted is None:
        quoted = at(pricing, "variants")
    if not isinstance(quoted, list) or not quoted:
        return
    rates = [_rate(each) for each in quoted]
    if all(rate is not None for rate in rates):
        yield from (rate for rate in rates if rate is not None)


def _rate(quoted: Any) -> Rate | None:
    price, per = amount_of(at(quoted, "price")), amount_of(at(quoted, "per"))
    unit = str(at(quoted, "unit") or at(quoted, "name") or "").strip().lower()
    if price is None or per is None or per < LEAST_UNITS or not WORD.fullmatch(unit):
        return None
    return Rate(usd=price / per, unit=unit) if price / per <= MOST_USD else None


def _retirements(rows: list[Any]) -> Iterator[Retirement]:
    for row in rows:
        name, aliases = _names(row)
        how = str(row.get("status")) if isinstance(row, dict) else ""
        if name is None or how not in set(Retiring):
            continue
        day = row.get("shutdown_at")
        yield Retirement(
            names=aliases | {name},
            how=Retiring(how),
            shutdown_on=day if isinstance(day, str) and DAY.fullmatch(day) else None,
            replaced_by=usable_id(row.get("replaced_by")),
        )
