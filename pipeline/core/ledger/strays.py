"""Purchases in the provider's log that look like songmake's and that the journal does not know."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from pipeline.core.ledger.reconciliation import Sum
from pipeline.core.money import booking_of
from pipeline.core.purchase.answers import LogRow
from pipeline.core.purchase.attempt import Attempt
from pipeline.core.wanted.album import TakeRef
from pipeline.core.wanted.takes import WantedTake

OURS = re.compile(r"sm1\.([0-9a-f]{32})\.\d{1,6}\.[0-9A-Za-z_-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """One such purchase. ``ref`` is the take that asks for the same, if these albums have one.

    ``was_sent_here`` says that this journal once wrote its request id down, and sent again later.
    """

    client_request_id: str
    generation_id: str | None
    charged_microusd: int
    ref: TakeRef | None
    was_sent_here: bool


def stray_purchases(
    rows: Iterable[LogRow],
    sums: Mapping[str, Sum],
    *,
    attempts: Collection[Attempt],
    known_ids: Collection[str],
    takes: Iterable[WantedTake],
) -> tuple[Stray, ...]:
    """Every accepted request with an id of songmake's form that no attempt stands for, once."""
    standing = {found.client_request_id for found in attempts}
    generations = {found.generation_id for found in attempts}
    owners = {found.digest[:32]: found.ref for found in attempts}
    owners |= {digest[:32]: take.ref for take in takes for digest in take.digests}
    found: dict[str, Stray] = {}
    for row in rows:
        name = row.client_request_id or ""
        form = OURS.fullmatch(name)
        is_known = name in standing or row.generation_id in generations - {None}
        if form is None or is_known or (row.has_failed and not row.cost.usd):
            continue
        found[name] = Stray(
            client_request_id=name,
            generation_id=row.generation_id,
            charged_microusd=_charged(row, sums),
            ref=owners.get(form[1]),
            was_sent_here=name in known_ids,
        )
    return tuple(found[name] for name in sorted(found))


def _charged(row: LogRow, sums: Mapping[str, Sum]) -> int:
    total = sums.get(row.generation_id or "")
    if total is not None:
        return total.net_microusd
    return booking_of(row.cost, reserved_microusd=0).amount_microusd
