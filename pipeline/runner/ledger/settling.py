"""Deciding, by a person's word, what became of an attempt."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from pipeline.adapters.aimlapi.client import Access
from pipeline.adapters.journal.sqlite import Journal
from pipeline.core.findings.phrases import some_of
from pipeline.core.purchase.answers import Failed, Finished, PollAnswer, Running
from pipeline.core.purchase.attempt import COLLECTABLE, DOUBTFUL, Attempt, State
from pipeline.core.purchase.origins import foreign_origin, origin_of
from pipeline.core.purchase.plan import UNDECIDED
from pipeline.core.wanted.album import Provider, TakeRef
from pipeline.core.wanted.moves import NO_MOVES, Moves, continued, moved
from pipeline.core.wanted.selection import parse_selector
from pipeline.errors import KeyMissing, OriginMismatch, UsageError
from pipeline.runner.clock import Clock
from pipeline.runner.locks.keeping import kept_locks
from pipeline.runner.locks.reading import FoundLocks, read_locks
from pipeline.runner.opening import locked_journal
from pipeline.runner.outputs.rewriting import learn
from pipeline.runner.render.connecting import open_api
from pipeline.runner.workspace import Workspace

SETTLEABLE = COLLECTABLE | DOUBTFUL | {State.LOST}
THOUGHT_FREE = frozenset({State.FAILED, State.REJECTED, State.PLANNED})


class Word(Enum):
    """What the person says."""

    GENERATION = auto()  # it was accepted, under this generation id
    CHARGED = auto()  # it was charged and its audio cannot be had
    NOT_CHARGED = auto()  # it never was


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """A decision about one attempt; ``generation_id`` goes with ``Word.GENERATION``."""

    name: str
    word: Word
    generation_id: str | None = None


def settle(
    settlement: Settlement,
    *,
    state_dir: Path,
    access: Access | None,
    clock: Clock,
    workspace: Workspace | None = None,
) -> Attempt:
    """Records the decision, in the locks too, and returns the attempt under its name of today.

    What the locks of ``workspace`` know can be settled as well, and a song that goes on under
    another id is found by either. A generation id is checked by one poll. Raises ``UsageError`` if
    the name fits no attempt that can be settled, or several; if the id is in use or unknown to the
    provider.
    """
    found = FoundLocks() if workspace is None else read_locks(workspace)
    with (
        locked_journal(state_dir, clock) as journal,
        kept_locks(journal, state_dir, workspace, found) as locks,
    ):
        if workspace is not None:
            learn(workspace, journal, found, clock)
        locks.begin()
        moves = NO_MOVES if workspace is None else workspace.moves
        attempt = _decide(settlement, journal, access, clock, moves)
        locks.flush()
        return attempt


def _decide(
    settlement: Settlement,
    journal: Journal,
    access: Access | None,
    clock: Clock,
    moves: Moves,
) -> Attempt:
    attempts = journal.attempts()
    attempt = find_attempt(
        attempts, settlement.name, is_charged=_says_charged(settlement), moves=moves
    )
    _check_alone(attempts, attempt)
    crid, at = attempt.client_request_id, clock.stamp()
    match settlement.word:
        case Word.CHARGED:
            reason = "settled: charged, and not to be had"
            journal.record_state(crid, State.LOST, at=at, reason=reason)
        case Word.NOT_CHARGED:
            journal.record_planned(crid, at=at, reason="settled: not charged")
        case Word.GENERATION:
            assert settlement.generation_id
            _check_unused(journal, attempt, settlement.generation_id)
            _check_known(journal, attempt, settlement.generation_id, access, clock)
            journal.record_generation(crid, generation_id=settlement.generation_id, at=at)
    return continued([journal.attempt(crid)], moves)[0]


def _says_charged(settlement: Settlement) -> bool:
    return settlement.word is Word.CHARGED


def find_attempt(
    attempts: Sequence[Attempt], name: str, *, is_charged: bool = False, moves: Moves = NO_MOVES
) -> Attempt:
    """The one attempt of that name or client request id that a person may decide.

    In doubt, submitted or ready, or lost: its audio may have come back. What failed, was rejected
    or is planned can only be said to have been charged all the same.
    """
    standing = [found for found in attempts if found.superseded_at is None]
    open_ones = [
        found
        for found in attempts
        if found.state in (SETTLEABLE if found.superseded_at is None else UNDECIDED)
    ]
    hits = _named(open_ones, name, moves)
    if not hits and is_charged:
        hits = _named([found for found in standing if found.state in THOUGHT_FREE], name, moves)
    if not hits:
        listed = some_of(f"'{found.ref}'" for found in open_ones)
        raise UsageError(
            f"no in-doubt, submitted or ready take is called '{name}'",
            hint=f"what can be settled: {listed}"
            if listed
            else "nothing waits to be settled; see every take: songmake status --all",
        )
    if len(hits) > 1:
        raise UsageError(
            f"'{name}' means {len(hits)} attempts", hint=_told_apart(hits, is_charged=is_charged)
        )
    return hits[0]


def _told_apart(hits: Sequence[Attempt], *, is_charged: bool) -> str:
    word = "--charged" if is_charged else "--generation ID"
    return "\n".join(
        f"{found.state}, submitted {found.submitted_at or 'never, as far as known'}: "
        f"songmake settle {found.client_request_id} {word}"
        for found in hits
    )


def _named(attempts: Sequence[Attempt], name: str, moves: Moves) -> list[Attempt]:
    """By client request id, else by take."""
    hits = [found for found in attempts if found.client_request_id == name]
    return hits or [
        found
        for found in attempts
        if _is_named(found.ref, name) or _is_named(moved(found.ref, moves), name)
    ]


def _check_alone(attempts: Sequence[Attempt], attempt: Attempt) -> None:
    """A digest has one live attempt: what was thought free cannot become a second one."""
    if attempt.is_live or attempt.superseded_at is not None:
        return
    for other in attempts:
        if other.digest == attempt.digest and other.is_live:
            raise UsageError(
                f"{other.ref} has another attempt at the same request, which stands for it",
                hint="ask the provider for a refund of the one that nobody uses",
            )


def _is_named(ref: TakeRef, name: str) -> bool:
    selector = parse_selector(name)
    if selector.song is None:
        return False
    song = f"{ref.album}/{ref.song}" if "/" in selector.song else str(ref.song)
    return song == selector.song and selector.take in (None, ref.number)


def _check_unused(journal: Journal, attempt: Attempt, generation_id: str) -> None:
    user = journal.generation_user(attempt.provider.value, generation_id)
    if user not in (None, attempt.client_request_id):
        owner = journal.attempt(user)
        raise UsageError(
            f"generation {generation_id} belongs to {owner.ref} already",
            hint="look for another id in the provider's log",
        )


def _check_known(
    journal: Journal, attempt: Attempt, generation_id: str, access: Access | None, clock: Clock
) -> None:
    if attempt.provider is Provider.SKETCH:
        raise UsageError(
            "a sketch is settled by rendering again: it costs nothing",
            hint="sketch it again, free: songmake render",
        )
    if access is None:
        raise KeyMissing(
            "AIMLAPI_KEY is not set, and the generation id must be checked by a poll",
            hint="export AIMLAPI_KEY=…, then the same command again",
        )
    origin = origin_of(access.base_url)
    foreign = foreign_origin(origin, journal.paid_origins())
    if foreign is not None:
        raise OriginMismatch(
            f"this take was bought from {foreign}, not from {origin}",
            hint="set AIMLAPI_BASE_URL to where it was bought, or name another --state",
        )
    answer = asyncio.run(_poll_once(access, generation_id, clock))
    if not isinstance(answer, (Running, Finished, Failed)):
        raise UsageError(
            f"the provider does not confirm generation {generation_id}: {answer.reason}",
            hint="look the id up in the provider's log",
        )


async def _poll_once(access: Access, generation_id: str, clock: Clock) -> PollAnswer:
    async with open_api(access, clock) as api:
        return await api.poll(generation_id)
