"""Time cut into periods that a chart has room for: days, else weeks, months or years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from pipeline.core.overview.words import day_text, month_text, short_day_text

MOST_YEARS = 60  # what a clock that is off writes down must not make a page endless


class Unit(StrEnum):
    """How long a period is. Weeks begin on Mondays, all of it is in UTC."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


# The most periods of a unit before a longer one is taken, and the fewest that a chart is made of.
_MOST = {Unit.DAY: 31, Unit.WEEK: 27, Unit.MONTH: 48}
_FEWEST = {Unit.DAY: 14, Unit.WEEK: 10, Unit.MONTH: 12, Unit.YEAR: 6}


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A period by its first day. ``label`` is short, for an axis; ``name`` is whole."""

    first: date
    label: str
    name: str


def unit_of(days: Sequence[date]) -> Unit:
    """The shortest unit in which so long a time has room."""
    for unit, most in _MOST.items():
        if _count(unit, min(days), max(days)) <= most:
            return unit
    return Unit.YEAR


def first_day(day: date, unit: Unit) -> date:
    """The first day of the period that a day is in."""
    match unit:
        case Unit.DAY:
            return day
        case Unit.WEEK:
            return date.fromordinal(max(day.toordinal() - day.weekday(), 1))
        case Unit.MONTH:
            return day.replace(day=1)
        case Unit.YEAR:
            return day.replace(month=1, day=1)


def periods_of(days: Sequence[date], unit: Unit) -> tuple[Period, ...]:
    """Every period from the first day to the last, with earlier ones where that is too few.

    More years than a chart can show are only those of the days.
    """
    last = first_day(max(days), unit)
    count = max(_count(unit, min(days), max(days)), _FEWEST[unit])
    if unit is Unit.YEAR and count > MOST_YEARS:
        starts = sorted({first_day(day, unit) for day in days})[-MOST_YEARS:]
    else:
        starts = [found for back in reversed(range(count)) if (found := _before(last, back, unit))]
    return tuple(_period(start, unit) for start in starts)


def _count(unit: Unit, first: date, last: date) -> int:
    first, last = first_day(first, unit), first_day(last, unit)
    match unit:
        case Unit.DAY:
            return (last - first).days + 1
        case Unit.WEEK:
            return (last - first).days // 7 + 1
        case Unit.MONTH:
            return (last.year - first.year) * 12 + last.month - first.month + 1
        case Unit.YEAR:
            return last.year - first.year + 1


def _before(last: date, back: int, unit: Unit) -> date | None:
    """The period so many before the last one; None before time began."""
    try:
        match unit:
            case Unit.DAY:
                return last - timedelta(days=back)
            case Unit.WEEK:
                return last - timedelta(weeks=back)
            case Unit.MONTH:
                months = last.year * 12 + last.month - 1 - back
                return date(months // 12, months % 12 + 1, 1)
            case Unit.YEAR:
                return date(last.year - back, 1, 1)
    except (ValueError, OverflowError):
        return None


def _period(first: date, unit: Unit) -> Period:
    match unit:
        case Unit.DAY:
            return Period(first=first, label=short_day_text(first), name=day_text(first))
        case Unit.WEEK:
            name = f"week of {day_text(first)}"
            return Period(first=first, label=short_day_text(first), name=name)
        case Unit.MONTH:
            return Period(first=first, label=month_text(first), name=month_text(first))
        case Unit.YEAR:
            return Period(first=first, label=f"{first.year:04d}", name=f"{first.year:04d}")
