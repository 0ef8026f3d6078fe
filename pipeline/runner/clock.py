"""Time and chance, as arguments."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


def utc_now() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds: ``2026-08-01T09:30:00.000Z``."""
    return (
        moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
    )


def moment_of(text: str) -> datetime:
    """The inverse of :func:`stamp`."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """``now`` is the wall clock, ``steady_s`` one that never goes back."""

    now: Callable[[], datetime] = utc_now
    steady_s: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = random.random
    nonce: Callable[[], str] = lambda: secrets.token_hex(6)

    def stamp(self) -> str:
        """Now, as the journal writes it."""
        return stamp(self.now())
