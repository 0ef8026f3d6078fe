"""Small texts of the room: levels and times."""

from __future__ import annotations

from decimal import Decimal

MINUS = "−"


def level_text(level: Decimal, unit: str) -> str:
    """A level to a tenth: ``−14.2 LUFS``."""
    return f"{level:.1f} {unit}".replace("-", MINUS)


def moment_text(stamp: str) -> str:
    """``2026-08-01 09:30 UTC`` of a journal's time; anything else as it is."""
    day, _, time = stamp.partition("T")
    return f"{day} {time[:5]} UTC" if len(time) >= 5 else stamp
