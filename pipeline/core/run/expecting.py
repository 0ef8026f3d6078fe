"""How long a generation still takes, by what the journal has seen of its kind."""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from statistics import median, quantiles
from typing import NamedTuple

from pipeline.core.purchase.attempt import Attempt
from pipeline.core.wanted.album import Provider

LONGEST_CREDIBLE_S = 3600.0  # beyond it nobody was asking: the song was ready long before
LONGEST_ANSWER_S = 30.0  # a POST is given no longer to be answered
OLDEST_S = 86_400.0
MOST_REMEMBERED = 50  # providers change: what was long ago says little
FEWEST = 3  # of fewer waits nothing is promised
TOLERANCE = 1.25  # times the usual wait is not yet longer than usual


class Kind(NamedTuple):
    """What is rendered alike, and so takes about as long."""

    provider: Provider
    model: str


@cache
def kind_of(provider: Provider, model: str) -> Kind:
    """The kind, the same object each time: there are few, and thousands of songs have one."""
    return Kind(provider, model)


History = Mapping[Kind, tuple[float, ...]]  # seconds from submitted to ready, the latest last


def history_of(attempts: Iterable[Attempt]) -> History:
    """The waits that the journal knows, the latest :data:`MOST_REMEMBERED` of each kind.

    A song that an earlier run left and a later one collected was ready before anybody looked:
    waits beyond :data:`LONGEST_CREDIBLE_S` are passed over, and so is what was made elsewhere, or
    was found only later in the provider's log.
    """
    found: dict[Kind, list[tuple[str, float]]] = {}
    for attempt in attempts:
        wait_s = None if attempt.is_adopted else _wait_s(attempt)
        if wait_s is not None and attempt.submitted_at is not None:
            kind = Kind(attempt.provider, attempt.model)
            found.setdefault(kind, []).append((attempt.submitted_at, wait_s))
    return {
        kind: tuple(wait_s for _, wait_s in sorted(waits)[-MOST_REMEMBERED:])
        for kind, waits in found.items()
    }


def _wait_s(attempt: Attempt) -> float | None:
    if attempt.submitted_at is None or attempt.completed_at is None:
        return None
    ready, submitted = map(datetime.fromisoformat, (attempt.completed_at, attempt.submitted_at))
    wait_s = (ready - submitted).total_seconds()
    is_credible = 0 < wait_s <= LONGEST_CREDIBLE_S and _was_answered(attempt, submitted)
    return wait_s if is_credible else None


def _was_answered(attempt: Attempt, submitted: datetime) -> bool:
    """Whether its POST was answered: an id that was found later says nothing of when it began."""
    began = datetime.fromisoformat(attempt.intent_at)
    return (submitted - began).total_seconds() <= LONGEST_ANSWER_S


def age_s(attempt: Attempt, now: datetime) -> float:
    """How long ago the provider took it, in seconds, as far as the wall clock is to be believed.

    What a look-up found was recorded as submitted then, and is about as old as its intent. A
    clock that was set since may say anything: no age is below nothing or above a day.
    """
    began = datetime.fromisoformat(attempt.intent_at)
    if attempt.submitted_at is not None:
        submitted = datetime.fromisoformat(attempt.submitted_at)
        began = submitted if _was_answered(attempt, submitted) else began
    return min(max((now - began).total_seconds(), 0.0), OLDEST_S)


def with_wait(history: History, kind: Kind, wait_s: float) -> History:
    """The same history, one wait later."""
    return {**history, kind: (*history.get(kind, ()), wait_s)[-MOST_REMEMBERED:]}


@dataclass(frozen=True, slots=True)
class Usual:
    """What a kind's waits come to, for all of its generations. ``waits_s`` are in order.

    A generation is overdue beyond ``overdue_s``: nine in ten were ready by then, and it is well
    beyond the usual.
    """

    waits_s: tuple[float, ...]
    median_s: float
    overdue_s: float

    @staticmethod
    def of(waits_s: Sequence[float]) -> Usual | None:
        """None where too little is known to promise anything."""
        if len(waits_s) < FEWEST:
            return None
        median_s = median(waits_s)
        most_s = quantiles(waits_s, n=10, method="inclusive")[-1]
        return Usual(tuple(sorted(waits_s)), median_s, max(most_s, TOLERANCE * median_s))

    def rest_s(self, elapsed_s: float) -> float | None:
        """See :func:`rest_s`."""
        if elapsed_s > self.overdue_s:
            return None
        longer = self.waits_s[bisect_right(self.waits_s, elapsed_s) :]
        expected_s = median(longer) if longer else TOLERANCE * self.median_s
        return max(expected_s - elapsed_s, 0.0)


def is_overdue(waits_s: Sequence[float], elapsed_s: float) -> bool:
    """Whether nine in ten were ready by now, and this is well beyond the usual."""
    usual = Usual.of(waits_s)
    return usual is not None and elapsed_s > usual.overdue_s


def rest_s(waits_s: Sequence[float], elapsed_s: float) -> float | None:
    """Seconds that are still to be expected after ``elapsed_s``: None is no promise.

    Of the waits that were longer than this one is already, half ended by then.
    """
    usual = Usual.of(waits_s)
    return None if usual is None else usual.rest_s(elapsed_s)


def overall_rest_s(
    flying: Sequence[tuple[Sequence[float], float]],
    waiting: Sequence[Sequence[float]],
    *,
    jobs: int,
) -> float | None:
    """Seconds until all are rendered, ``jobs`` at a time; None where one kind is unknown.

    ``flying`` has each generation's history and age in seconds, ``waiting`` the history of each
    that is still to be submitted; those of a kind share one history. What is overdue is expected
    at any moment; where all is, nobody can say.
    """
    histories = {id(waits_s): waits_s for waits_s in (*(known for known, _ in flying), *waiting)}
    usual = {name: found for name, each in histories.items() if (found := Usual.of(each))}
    if len(usual) < len(histories):
        return None
    rests_s = [usual[id(waits_s)].rest_s(elapsed_s) for waits_s, elapsed_s in flying]
    if flying and all(left_s is None for left_s in rests_s):
        return None
    ends_s = [left_s or 0.0 for left_s in rests_s]
    heapq.heapify(ends_s)
    last_s = max(ends_s, default=0.0)
    for waits_s in waiting:
        begin_s = heapq.heappop(ends_s) if len(ends_s) >= max(jobs, 1) else 0.0
        end_s = begin_s + usual[id(waits_s)].median_s
        heapq.heappush(ends_s, end_s)
        last_s = max(last_s, end_s)
    return last_s
