"""What is left of each album's budget, as lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pipeline.core.findings.columns import wrapped
from pipeline.core.money import microusd, price_text
from pipeline.core.wanted.album import Album


def budget_lines(
    albums: Iterable[Album],
    committed: Mapping[str, int],
    planned: Mapping[str, int],
    *,
    width: int,
) -> Iterator[str]:
    """``small-hours: $0.585 of $3.00 budget used, …``, where anything is or would be.

    ``committed`` and ``planned`` are micro-dollars by album; an album without a budget has no line.
    """
    for album in albums:
        used, more = committed.get(album.id, 0), planned.get(album.id, 0)
        if album.budget_usd is None or not used + more:
            continue
        whole = microusd(album.budget_usd)
        left = whole - used - more
        parts = [f"{album.id}: {price_text(used)} of {price_text(whole)} budget used"]
        parts += [f"{price_text(more)} more planned"] if more else []
        parts.append(f"{price_text(left)} left" if left >= 0 else f"{price_text(-left)} short")
        yield from wrapped(", ".join(parts), width)
