"""What a journal takes over from another record of its purchases, a lock file or a cost report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pipeline.core.purchase.attempt import DOUBTFUL, LIVE, Attempt, State
from pipeline.core.wanted.album import Provider

HOW_FAR: Mapping[State, int] = {
    State.INTENT: 0,
    State.IN_DOUBT: 0,
    State.SUBMITTED: 1,
    State.READY: 2,
    State.STORED: 3,
    State.PUBLISHED: 3,
}

UNSURE = DOUBTFUL | {State.LOST}


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """Attempts that are new to the journal, and known ones as they stand now.

    ``clashes`` are pairs of attempts, the journal's first, that claim the same generation.
    ``measured`` are documents of measurements, by checksum.
    """

    new: tuple[Attempt, ...] = ()
    changed: tuple[Attempt, ...] = ()
    clashes: tuple[tuple[Attempt, Attempt], ...] = ()
    measured: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def over(self, attempts: Sequence[Attempt]) -> tuple[Attempt, ...]:
        """The journal's attempts as they are once these have been taken in."""
        changed = {attempt.client_request_id: attempt for attempt in self.changed}
        kept = (changed.get(attempt.client_request_id, attempt) for attempt in attempts)
        return (*kept, *self.new)


def is_purchase(attempt: Attempt) -> bool:
    """Whether it cost or may have cost money. Sketches never do, nor what was refused."""
    if attempt.provider is Provider.SKETCH:
        return False
    return attempt.state in LIVE or attempt.balance.committed > 0


def arrivals(
    attempts: Sequence[Attempt], known_ids: Collection[str], told: Iterable[Attempt], *, at: str
) -> Arrivals:
    """What ``told`` adds to the journal's ``attempts``; ``at`` is now.

    An attempt of ``known_ids`` that the journal has no more was sent again under another id.
    """
    furthest = _furthest(told)
    latest = _latest_numbers((*attempts, *furthest.values()))
    after = {found.client_request_id: found for found in attempts}
    for attempt in attempts:
        other = furthest.get(attempt.client_request_id)
        if other is not None:
            has_successor = latest[attempt.digest] > attempt.number
            caught = caught_up(attempt, other, has_successor=has_successor)
            after[attempt.client_request_id] = caught or attempt
    landing = _Landing(after, at=at)
    for attempt in sorted(furthest.values(), key=_age):
        if attempt.client_request_id not in after and attempt.client_request_id not in known_ids:
            landing.land(attempt)
    return Arrivals(
        new=tuple(after[crid] for crid in landing.new),
        changed=tuple(
            after[found.client_request_id]
            for found in attempts
            if after[found.client_request_id] != found
        ),
        clashes=tuple(landing.clashes),
    )


class _Landing:
    """Attempts that are new here, one after another, among those that are here already."""

    def __init__(self, after: dict[str, Attempt], *, at: str) -> None:
        self.new: list[str] = []
        self.clashes: list[tuple[Attempt, Attempt]] = []
        self._after = after
        self._at = at
        self._users = {_use(found): found for found in after.values() if found.generation_id}
        self._beside: defaultdict[str, list[str]] = defaultdict(list)
        for crid, found in after.items():
            self._beside[found.digest].append(crid)

    def land(self, attempt: Attempt) -> None:
        """Puts one attempt in its place, if it has one."""
        if attempt.generation_id is not None and _use(attempt) in self._users:
            self.clashes.append((self._users[_use(attempt)], attempt))
            return
        beside = [self._after[crid] for crid in self._beside[attempt.digest]]
        if attempt.state is State.PLANNED and any(not one.superseded_at for one in beside):
            return  # it was refused there, and something stands here
        self._put(_doubted(attempt))
        self.new.append(attempt.client_request_id)
        self._beside[attempt.digest].append(attempt.client_request_id)
        rival = next((found for found in beside if found.is_live), None)
        landed = self._after[attempt.client_request_id]
        if landed.is_live and rival is not None:
            loser = max(landed, rival, key=_claim)
            self._put(replace(loser, superseded_at=self._at))

    def _put(self, attempt: Attempt) -> None:
        self._after[attempt.client_request_id] = attempt
        if attempt.generation_id is not None:
            self._users[_use(attempt)] = attempt


def _doubted(attempt: Attempt) -> Attempt:
    if attempt.state not in DOUBTFUL:
        return attempt
    reason = attempt.error or "another run wrote it down, and its answer is not known here"
    return replace(attempt, state=State.IN_DOUBT, error=reason)


def _claim(attempt: Attempt) -> tuple[bool, str, str]:
    """Of two live purchases of one request the lesser stands, on every machine the same.

    A sure one before one in doubt or lost, the older before the younger. The other one is kept
    for its money, and is still looked up and collected.
    """
    return (attempt.state in UNSURE, attempt.intent_at, attempt.client_request_id)


def _latest_numbers(attempts: Iterable[Attempt]) -> dict[str, int]:
    latest: dict[str, int] = {}
    for attempt in attempts:
        latest[attempt.digest] = max(latest.get(attempt.digest, 0), attempt.number)
    return latest


def _age(attempt: Attempt) -> tuple[str, str]:
    return (attempt.intent_at, attempt.client_request_id)


def _use(attempt: Attempt) -> tuple[str, str]:
    return (attempt.provider.value, attempt.generation_id or attempt.client_request_id)


def _furthest(told: Iterable[Attempt]) -> dict[str, Attempt]:
    """By client request id; where several records tell of one attempt, how far it has come."""
    found: dict[str, Attempt] = {}
    for attempt in told:
        before = found.setdefault(attempt.client_request_id, attempt)
        after = caught_up(before, attempt, has_successor=True)
        found[attempt.client_request_id] = after or before
    return found


def caught_up(attempt: Attempt, told: Attempt, *, has_successor: bool) -> Attempt | None:
    """An attempt that has come further elsewhere, or was replaced there; None if it was not.

    Only what is sure is taken over: a generation id, audio, a replacement that ``has_successor``.
    Bad ends are not: this journal asks the provider itself.
    """
    here, there = HOW_FAR.get(attempt.state), HOW_FAR.get(told.state)
    is_same = attempt.generation_id in (None, told.generation_id)
    is_further = here is not None and there is not None and there > here and is_same
    is_replaced = has_successor and attempt.superseded_at is None and told.superseded_at is not None
    if not is_further and not is_replaced:
        return None
    is_behind = is_further or (is_replaced and here is not None and there is None)
    source = told if is_behind else attempt
    return replace(
        source,
        ref=attempt.ref,
        title=attempt.title,
        identity_json=attempt.identity_json,
        body_json=attempt.body_json,
        superseded_at=attempt.superseded_at or (told.superseded_at if is_replaced else None),
    )
