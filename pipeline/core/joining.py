"""What a journal takes over from another record of its purchases, a lock file or a cost report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.core.album import Provider
from pipeline.core.attempt import DOUBTFUL, LIVE, Attempt, State

HOW_FAR: Mapping[State, int] = {
    State.INTENT: 0,
    State.IN_DOUBT: 0,
    State.SUBMITTED: 1,
    State.READY: 2,
    State.STORED: 3,
    State.PUBLISHED: 3,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """Attempts that are new to the journal, and known ones as they stand now.

    ``clashes`` are pairs of attempts, the journal's first, that claim the same generation.
    """

    new: tuple[Attempt, ...] = ()
    changed: tuple[Attempt, ...] = ()
    clashes: tuple[tuple[Attempt, Attempt], ...] = ()

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
    changed = [
        after
        for attempt in attempts
        if (other := furthest.get(attempt.client_request_id)) is not None
        and (after := caught_up(attempt, other)) is not None
    ]
    present = Arrivals(changed=tuple(changed)).over(attempts)
    new: list[Attempt] = []
    clashes: list[tuple[Attempt, Attempt]] = []
    users = {_use(found): found for found in present if found.generation_id is not None}
    beside: defaultdict[str, list[Attempt]] = defaultdict(list)
    for found in present:
        beside[found.digest].append(found)
    known = {*known_ids, *(found.client_request_id for found in attempts)}
    for attempt in sorted(furthest.values(), key=_age):
        if attempt.client_request_id in known:
            continue
        if attempt.generation_id is not None and _use(attempt) in users:
            clashes.append((users[_use(attempt)], attempt))
            continue
        landed = _landed(attempt, beside[attempt.digest], at=at)
        if landed is not None:
            new.append(landed)
            beside[landed.digest].append(landed)
            users[_use(landed)] = landed
    return Arrivals(new=tuple(new), changed=tuple(changed), clashes=tuple(clashes))


def _age(attempt: Attempt) -> tuple[str, str]:
    return (attempt.intent_at, attempt.client_request_id)


def _use(attempt: Attempt) -> tuple[str, str]:
    return (attempt.provider.value, attempt.generation_id or attempt.client_request_id)


def _furthest(told: Iterable[Attempt]) -> dict[str, Attempt]:
    """By client request id; where several records tell of one attempt, how far it has come."""
    found: dict[str, Attempt] = {}
    for attempt in told:
        before = found.setdefault(attempt.client_request_id, attempt)
        found[attempt.client_request_id] = caught_up(before, attempt) or before
    return found


def caught_up(attempt: Attempt, told: Attempt) -> Attempt | None:
    """An attempt that has come further elsewhere, or was replaced there; None if it was not.

    Only what is sure is taken over: a generation id, audio, a replacement. Bad ends are not: this
    journal asks the provider itself.
    """
    here, there = HOW_FAR.get(attempt.state), HOW_FAR.get(told.state)
    is_same = attempt.generation_id in (None, told.generation_id)
    is_further = here is not None and there is not None and there > here and is_same
    is_replaced = attempt.superseded_at is None and told.superseded_at is not None
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
        superseded_at=attempt.superseded_at or told.superseded_at,
    )


def _landed(attempt: Attempt, same: Sequence[Attempt], *, at: str) -> Attempt | None:
    """An attempt as it enters the journal beside others of its digest; None if it is of no use.

    Where another live attempt has its place, it is kept for its money alone.
    """
    standing = [found for found in same if found.superseded_at is None]
    if attempt.state is State.PLANNED and standing:
        return None
    if attempt.state in DOUBTFUL:
        reason = attempt.error or "another run wrote it down, and its answer is not known here"
        attempt = replace(attempt, state=State.IN_DOUBT, error=reason)
    if attempt.is_live and any(found.is_live for found in standing):
        attempt = replace(attempt, superseded_at=at)
    return attempt
