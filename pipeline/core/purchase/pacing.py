"""How long to wait before trying again what did not come through."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_BACKOFF_S = 0.5
LONGEST_BACKOFF_S = 30.0
LONGEST_PAUSE_S = 300.0  # an asked-for wait beyond this is taken as this
DEFAULT_PAUSE_S = 2.0
LOCAL_POLL_S = 0.25  # of the engine that runs beside; it renders a song in seconds


def backoff_s(failures: int, *, jitter: float) -> float:
    """Seconds before try ``failures + 1``: doubling, capped; ``jitter`` (0 to 1) takes half off."""
    ideal = min(LONGEST_BACKOFF_S, FIRST_BACKOFF_S * 2.0 ** min(failures - 1, 10))
    return float(ideal * (1 - jitter / 2))


def pause_s(asked_s: float | None, *, refusals: int) -> float:
    """Seconds that all submissions wait after a 429; ``refusals`` counts those in a row."""
    if asked_s is not None and asked_s >= 0:
        return min(asked_s, LONGEST_PAUSE_S)
    return float(min(60.0, DEFAULT_PAUSE_S * 2.0 ** min(refusals - 1, 10)))


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """Limits on trying again, in seconds on a steady clock."""

    never_reached_s: float = 30.0  # a provider that has not answered once in this run


def has_given_up(
    *, waited_s: float, was_reached: bool, timeout_s: float, limits: GiveUp | None = None
) -> bool:
    """Whether an unreachable provider is left for the next run."""
    limits = limits or GiveUp()
    patience = timeout_s if was_reached else min(timeout_s, limits.never_reached_s)
    return waited_s >= patience
