"""What is wished of the servers, and what they counted: both sides' words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How the servers behave.

    A generation takes ``median_s`` seconds; with ``sigma`` that is the median of a log-normal,
    drawn from ``seed``. More than ``slots`` generations at a time are answered with 429.
    Every file is mp3 of ``audio_bytes`` (to within a frame), each with bytes of its own.
    ``cpu`` pins the process, so that the client has another core for itself.
    """

    median_s: float = 2.0
    sigma: float = 0.0
    seed: int = 1
    slots: int | None = None
    audio_bytes: int = 200_000
    is_tls: bool = False
    cpu: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What the servers saw so far; times are seconds.

    ``lag_s`` is the sum over generations of the time from their end to the poll that told of it;
    ``generating_s`` the sum of their lengths; ``begun_s`` and ``ended_s`` (monotonic) frame the
    first accepted POST and the last byte of the last file.
    """

    posts: int = 0
    accepted: int = 0
    throttled: int = 0
    polls: int = 0
    told: int = 0
    lag_s: float = 0.0
    generating_s: float = 0.0
    files: int = 0
    file_bytes: int = 0
    begun_s: float = 0.0
    ended_s: float = 0.0
    cpu_s: float = 0.0
