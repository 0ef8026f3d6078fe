"""Small texts of the room: lengths, states, levels, times."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from pipeline.core.findings.phrases import clock_text
from pipeline.core.handover.playlist import whole_seconds
from pipeline.core.purchase.attempt import State

MINUS = "−"
STATE_WORDS: Mapping[State, str] = {
    State.PLANNED: "not rendered yet",
    State.INTENT: "was being sent when the run ended",
    State.SUBMITTED: "being rendered by the provider",
    State.READY: "rendered, not fetched yet",
    State.STORED: "in the store, not published",
    State.PUBLISHED: "published",
    State.FAILED: "the provider gave up; nothing is charged",
    State.REJECTED: "refused for good; nothing is charged",
    State.IN_DOUBT: "in doubt: the answer was lost, and it may have been billed",
    State.LOST: "charged, and its audio is gone for good",
    State.SUPERSEDED: "replaced",
}


def length_text(milliseconds: int) -> str:
    """``3:07`` or ``1:02:45``, rounded as in the playlist."""
    return clock_text(whole_seconds(milliseconds))


def level_text(level: Decimal, unit: str) -> str:
    """A level to a tenth: ``−14.2 LUFS``."""
    return f"{level:.1f} {unit}".replace("-", MINUS)


def moment_text(stamp: str) -> str:
    """``2026-08-01 09:30 UTC`` of a journal's time; anything else as it is."""
    day, _, time = stamp.partition("T")
    return f"{day} {time[:5]} UTC" if len(time) >= 5 else stamp
