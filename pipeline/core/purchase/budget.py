"""Whether one more purchase may be reserved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.core.money import price_text
from pipeline.core.purchase.plan import Action, Buy
from pipeline.core.wanted.album import AlbumId, TakeRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """Limits in micro-dollars: an album's for its lifetime, and this run's. None is no limit."""

    album_microusd: Mapping[AlbumId, int | None]
    run_microusd: int | None


def refusal(
    *,
    price_microusd: int,
    album_committed_microusd: int,
    album_cap_microusd: int | None,
    run_reserved_microusd: int,
    run_cap_microusd: int | None,
) -> str | None:
    """Why a purchase of this price would pass a cap, or None if it fits. Free always fits."""
    if price_microusd == 0:
        return None
    after = album_committed_microusd + price_microusd
    if album_cap_microusd is not None and after > album_cap_microusd:
        return (
            f"budget_usd {price_text(album_cap_microusd)} has no room: "
            f"{price_text(album_committed_microusd)} is committed, one more costs "
            f"{price_text(price_microusd)}"
        )
    after = run_reserved_microusd + price_microusd
    if run_cap_microusd is not None and after > run_cap_microusd:
        return (
            f"--max-cost {price_text(run_cap_microusd)} has no room: this run reserved "
            f"{price_text(run_reserved_microusd)}, one more costs {price_text(price_microusd)}"
        )
    return None


def over_budget(
    actions: Sequence[Action], committed: Mapping[AlbumId, int], caps: Caps
) -> frozenset[TakeRef]:
    """The purchases of a plan, in its order, that the caps would stop."""
    spent = dict(committed)
    run = 0
    stopped: set[TakeRef] = set()
    for action in actions:
        if not isinstance(action, Buy):
            continue
        album = action.take.ref.album
        reason = refusal(
            price_microusd=action.take.price_microusd,
            album_committed_microusd=spent.get(album, 0),
            album_cap_microusd=caps.album_microusd.get(album),
            run_reserved_microusd=run,
            run_cap_microusd=caps.run_microusd,
        )
        if reason:
            stopped.add(action.take.ref)
            continue
        spent[album] = spent.get(album, 0) + action.take.price_microusd
        run += action.take.price_microusd
    return frozenset(stopped)
