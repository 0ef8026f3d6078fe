"""Counts, names, lengths and sizes as they are told everywhere."""

from __future__ import annotations

from collections.abc import Iterable

_UNITS = ("B", "kB", "MB", "GB", "TB")


def counted(number: int, noun: str) -> str:
    """``1 take``, ``2 takes``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def some_of(names: Iterable[str], most: int = 6) -> str:
    """``a, b, c``; of more than ``most`` names the first, and how many there are besides."""
    found = tuple(names)
    told = ", ".join(found[:most])
    return told if len(found) <= most else f"{told} and {len(found) - most} more"


def whole_seconds(milliseconds: int) -> int:
    """Rounded half up, as players show a length."""
    return (milliseconds + 500) // 1000


def length_text(milliseconds: int) -> str:
    """``3:07`` or ``1:02:45``, rounded as in the playlist."""
    return clock_text(whole_seconds(milliseconds))


def clock_text(seconds: int) -> str:
    """``3:07`` or ``1:02:45``."""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def size_text(size_bytes: int) -> str:
    """``312 B``, ``3.1 MB``."""
    amount, unit = float(size_bytes), 0
    while amount >= 1000 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.0f} B" if unit == 0 else f"{amount:.1f} {_UNITS[unit]}"
