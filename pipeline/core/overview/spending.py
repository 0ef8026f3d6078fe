"""Where the money went: over time, and album by album. Sketches cost nothing and are none of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from pipeline.core.money import MICRO, Balance, money_text, price_text
from pipeline.core.overview.periods import Period, Unit, first_day, periods_of, unit_of
from pipeline.core.overview.view import (
    AlbumBar,
    Column,
    Part,
    Row,
    Spending,
    Tick,
    TimeChart,
)
from pipeline.core.overview.words import (
    axis_text,
    day_of,
    day_text,
    kind_of,
    kinds_of,
)
from pipeline.core.purchase.attempt import Attempt, balance_of
from pipeline.core.wanted.album import AlbumId

MOST_BARS = 10
_MOST_STEPS = 4
_LABELS = 4
_LAST_LABEL = 0.8  # where a label still has room to the right of its place
_GAP = 0.24  # of a period, between two columns
_LEAST = 0.6  # percent: what is there can be seen


def spending_of(attempts: Sequence[Attempt], titles: Mapping[AlbumId, str]) -> Spending | None:
    """The charts of all attempts that cost or may have cost something; None if none did.

    ``titles`` are the albums' in the order in which equal ones are shown.
    """
    spent = [attempt for attempt in attempts if attempt.balance.committed]
    if not spent:
        return None
    balance = balance_of(spent)
    paid: dict[AlbumId, Balance] = {}
    for attempt in spent:
        paid[attempt.ref.album] = paid.get(attempt.ref.album, Balance()) + attempt.balance
    ranked = sorted((one for one in titles if one in paid), key=lambda one: -paid[one].committed)
    columns = _columns_of(balance)
    return Spending(
        total=price_text(balance.committed),
        kinds=kinds_of(balance),
        over_time=_over_time(spent, columns),
        bars=tuple(_bars(ranked, paid, titles)),
        rows=tuple(_row(titles[album], paid[album], columns) for album in ranked),
    )


def money_parts(balance: Balance, whole_microusd: int) -> tuple[Part, ...]:
    """A bar's pieces one after another; what goes beyond the whole is cut off."""
    parts: list[Part] = []
    at = 0.0
    for word, amount in balance.parts:
        length = max(100 * amount / whole_microusd, _LEAST) if amount else 0.0
        length = min(length, 100 - at)
        if length > 0:
            parts.append(Part(kind=kind_of(word), start=_percent(at), length=_percent(length)))
        at += length
    return tuple(parts)


def _columns_of(balance: Balance) -> frozenset[str]:
    return frozenset(kind.kind for kind in kinds_of(balance))


def _row(name: str, balance: Balance, columns: frozenset[str]) -> Row:
    """A cell for each kind of money that the whole table knows, and their sum if there are more."""
    cells = [price_text(amount) for word, amount in balance.parts if kind_of(word) in columns]
    whole = (price_text(balance.committed),) if len(cells) > 1 else ()
    return Row(name=name, cells=(*cells, *whole))


def _bars(
    ranked: Sequence[AlbumId], paid: Mapping[AlbumId, Balance], titles: Mapping[AlbumId, str]
) -> Iterator[AlbumBar]:
    """The dearest albums; the rest is one line without a bar, which would dwarf the others."""
    count = len(ranked) if len(ranked) <= MOST_BARS else MOST_BARS - 1
    longest = paid[ranked[0]].committed
    for album in ranked[:count]:
        text = price_text(paid[album].committed)
        yield AlbumBar(title=titles[album], text=text, parts=money_parts(paid[album], longest))
    rest = ranked[count:]
    if rest:
        text = price_text(sum(paid[album].committed for album in rest))
        yield AlbumBar(title=f"{len(rest)} more albums", text=text, parts=())


def _over_time(spent: Sequence[Attempt], columns: frozenset[str]) -> TimeChart:
    """By the day, in UTC, on which each request was sent; a time that is none counts as the first.

    An earlier year than the chart has room for counts as its first.
    """
    known = [day for attempt in spent if (day := day_of(attempt.intent_at))]
    days = known or [date(1970, 1, 1)]
    unit = unit_of(days)
    periods = periods_of(days, unit)
    sums = dict.fromkeys((period.first for period in periods), Balance())
    for attempt in spent:
        first = first_day(day_of(attempt.intent_at) or min(days), unit)
        first = first if first in sums else periods[0].first
        sums[first] += attempt.balance
    step = _step(max(balance.committed for balance in sums.values()))
    top = _top(max(balance.committed for balance in sums.values()), step)
    paid = [(period, sums[period.first]) for period in periods if sums[period.first].committed]
    return TimeChart(
        unit=unit.value,
        span=_span(days),
        columns=tuple(_columns(periods, sums, top)),
        heights=tuple(
            Tick(place=_percent(100 - 100 * height / top), text=axis_text(height, step))
            for height in range(0, top + 1, step)
        ),
        periods=tuple(_labels(periods, unit)),
        rows=tuple(_row(period.name, balance, columns) for period, balance in reversed(paid)),
    )


def _span(days: Sequence[date]) -> str:
    first, last = min(days), max(days)
    return day_text(first) if first == last else f"{day_text(first)} to {day_text(last)}"


def _columns(periods: Sequence[Period], sums: Mapping[date, Balance], top: int) -> Iterator[Column]:
    width = 100 / len(periods)
    for place, period in enumerate(periods):
        balance = sums[period.first]
        if balance.committed:
            yield Column(
                start=_percent(width * (place + _GAP / 2)),
                width=_percent(width * (1 - _GAP)),
                parts=tuple(_upright(balance, top)),
                text=f"{period.name}: {money_text(balance)}",
            )


def _upright(balance: Balance, top: int) -> Iterator[Part]:
    """The same pieces with their starts counted from above, as pictures do."""
    for part in money_parts(balance, top):
        start = 100 - float(part.start) - float(part.length)
        yield Part(kind=part.kind, start=_percent(start), length=part.length)


def _labels(periods: Sequence[Period], unit: Unit) -> Iterator[Tick]:
    """A few periods by their beginning, evenly spread."""
    step = -(-len(periods) // _LABELS)
    for place in range(0, len(periods), step):
        if place / len(periods) <= _LAST_LABEL:
            text = periods[place].label
            yield Tick(place=_percent(100 * place / len(periods)), text=text)


def _step(most: int) -> int:
    """Between two heights of the axis, in micro-dollars: 1, 2 or 5 of a power of ten."""
    step = MICRO // 1000
    while True:
        for factor in (1, 2, 5):
            if most <= step * factor * _MOST_STEPS:
                return step * factor
        step *= 10


def _top(most: int, step: int) -> int:
    return -(-most // step) * step


def _percent(share: float) -> str:
    return f"{share:.2f}"
