"""The use case of ``songmake report --reconcile``: the journal beside the provider's books.

Sends questions alone and buys nothing. Each move is a transition of its own: a run that ends in
the middle is simply said again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, assert_never

from pipeline.adapters.aimlapi.client import Access, ApiClient
from pipeline.adapters.journal.sqlite import Journal
from pipeline.core.documents.reconciliation_document import Outcome, Source, in_order
from pipeline.core.ledger.judging import judge
from pipeline.core.ledger.reconciliation import (
    Charge,
    Correct,
    Evidence,
    Find,
    Finding,
    Release,
    moment,
    others_of,
)
from pipeline.core.ledger.strays import stray_purchases
from pipeline.core.purchase.answers import LogRow, PollAnswer
from pipeline.core.purchase.attempt import Attempt, State
from pipeline.core.purchase.lookup import WIDE, Window, windows_around
from pipeline.core.purchase.origins import foreign_origin, origin_of
from pipeline.core.wanted.album import Provider
from pipeline.core.wanted.moves import continued
from pipeline.errors import OriginMismatch
from pipeline.runner.clock import Clock, stamp
from pipeline.runner.ledger.reading import LedgerReader
from pipeline.runner.locks.keeping import kept_locks
from pipeline.runner.locks.reading import read_locks
from pipeline.runner.opening import locked_journal
from pipeline.runner.outputs.handing_over import write_hand_over
from pipeline.runner.outputs.known import known_in
from pipeline.runner.outputs.reporting import write_reports
from pipeline.runner.outputs.rewriting import learn
from pipeline.runner.render.connecting import open_api
from pipeline.runner.render.doubting import doubt_open_intents
from pipeline.runner.render.log_reading import REQUESTS_A_RUN, LogReader
from pipeline.runner.workspace import Workspace

MOST_POLLS = 500
LOOK_BACK = timedelta(days=7)  # where the journal has no paid attempt that says how far


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long one question, and all questions to one book, may take, in seconds."""

    question_s: float = 10.0
    book_s: float = 90.0
    retries: int = 3


@dataclass(slots=True, kw_only=True)
class _Books:
    """What was read of the provider's books."""

    ledger: LedgerReader
    log: LogReader
    rows: list[LogRow] = field(default_factory=list)
    is_log_whole: bool = False
    polls: dict[str, PollAnswer] = field(default_factory=dict)


def reconcile(
    workspace: Workspace,
    access: Access,
    *,
    clock: Clock,
    warn: Callable[[str], None],
    patience: Patience | None = None,
) -> Outcome:
    """Compares, moves what is proven, and writes reports and hand-over files again.

    ``warn`` hears of files that were kept.

    Raises ``UnknownPurchases`` if a cost report knows more than the journal, ``OriginMismatch`` if
    this provider cannot have sold what the journal holds, ``RunLocked`` if a run is at work.
    """
    folders = workspace.folders
    found = read_locks(workspace)
    with (
        locked_journal(folders.state, clock) as journal,
        kept_locks(journal, folders.state, workspace, found) as locks,
    ):
        learn(workspace, journal, found, clock)
        _refuse_foreign_books(access, journal)
        doubt_open_intents(journal, clock)
        locks.begin()
        attempts = journal.attempts()
        ours = _paid(workspace, attempts)
        span = _span(ours, clock.now())
        books = asyncio.run(_read(access, ours, span, clock, patience or Patience()))
        outcome = _compare(workspace, journal, attempts, ours, books, span, clock)
        takes, known = workspace.takes_by_any_provider(), known_in(journal, workspace)
        write_reports(workspace, takes, known)
        for note in write_hand_over(workspace, takes, known, journal):
            warn(note)
        locks.flush()
        return outcome


def _refuse_foreign_books(access: Access, journal: Journal) -> None:
    origin = origin_of(access.base_url)
    foreign = foreign_origin(origin, journal.paid_origins())
    if foreign is not None:
        raise OriginMismatch(
            f"this journal's takes were bought from {foreign}, and {origin} cannot know of them",
            hint="set AIMLAPI_BASE_URL to where they were bought, or name another --state",
        )


def _paid(workspace: Workspace, attempts: Sequence[Attempt]) -> tuple[Attempt, ...]:
    albums = workspace.providers
    return tuple(
        found
        for found in continued(attempts, workspace.moves)
        if found.ref.album in albums and found.provider is Provider.AIMLAPI and not found.is_adopted
    )


def _span(ours: Sequence[Attempt], now: datetime) -> Window:
    """From the first paid attempt until now, with a margin for clocks that are off."""
    begun = [found for attempt in ours if (found := moment(attempt.intent_at))]
    start = min(begun) - WIDE - timedelta(hours=1) if begun else now - LOOK_BACK
    return Window(start=start, end=max(now, start) + WIDE)


async def _read(
    access: Access, ours: Sequence[Attempt], span: Window, clock: Clock, patience: Patience
) -> _Books:
    async with open_api(access, clock) as api:
        wait_s, retries = patience.question_s, patience.retries
        books = _Books(
            ledger=LedgerReader(api=api, retries=retries, page_deadline_s=wait_s),
            log=LogReader(api=api, retries=retries, page_deadline_s=wait_s),
        )
        await asyncio.gather(
            _read_log(books, ours, span, patience), _poll(books, api, ours, patience)
        )
        # Money last: what failed a moment ago has had its charge given back by now, or not.
        await _read_ledger(books, span, patience)
        return books


async def _read_ledger(books: _Books, span: Window, patience: Patience) -> None:
    try:
        async with asyncio.timeout(patience.book_s):
            await books.ledger.read(span)
    except TimeoutError:
        books.ledger.trouble = "it was not read in time"


async def _read_log(
    books: _Books, ours: Sequence[Attempt], span: Window, patience: Patience
) -> None:
    begun = [found for attempt in ours if (found := moment(attempt.intent_at))]
    pages = REQUESTS_A_RUN
    try:
        async with asyncio.timeout(patience.book_s):
            read = [
                await books.log.read(window, books.rows, pages=pages)
                for window in windows_around(begun) or (span,)
            ]
            books.is_log_whole = all(read)
    except TimeoutError:
        books.log.trouble = "it was not read in time"


async def _poll(books: _Books, api: ApiClient, ours: Sequence[Attempt], patience: Patience) -> None:
    """Asks once for each generation that the journal holds money for."""

    async def ask(attempt: Attempt) -> None:
        assert attempt.generation_id is not None
        answer = await api.poll(attempt.generation_id, deadline_s=patience.question_s)
        books.polls[attempt.client_request_id] = answer

    held = [found for found in ours if found.state is State.SUBMITTED]
    with suppress(TimeoutError):
        async with asyncio.timeout(patience.book_s):
            await asyncio.gather(*(ask(attempt) for attempt in held[-MOST_POLLS:]))


def _evidence(books: _Books) -> Evidence:
    rows = sorted(books.rows, key=_rank, reverse=True)  # the best row of a name comes last
    return Evidence(
        ledger_since=books.ledger.since,
        sums=books.ledger.sums(),
        unclear=frozenset(books.ledger.unreadable) - {""},
        requests={row.client_request_id: row for row in rows if row.client_request_id},
        generations={row.generation_id: row for row in rows if row.generation_id},
        polls=books.polls,
    )


def _rank(row: LogRow) -> tuple[bool, bool]:
    return (row.has_failed, row.generation_id is None)


def _compare(
    workspace: Workspace,
    journal: Journal,
    attempts: tuple[Attempt, ...],
    ours: tuple[Attempt, ...],
    books: _Books,
    span: Window,
    clock: Clock,
) -> Outcome:
    evidence = _evidence(books)
    findings: list[Finding] = []
    others = others_of(attempts)
    for attempt in ours:
        finding = judge(attempt, evidence, others, clock.now())
        _carry_out(journal, finding, clock)
        findings.append(finding)
        if isinstance(finding.move, Find):
            others = others_of(journal.attempts())
    after = journal.attempts()
    strays = stray_purchases(
        books.rows, evidence.sums, attempts=after, known_ids=journal.known_ids(),
        takes=workspace.takes,
    )  # fmt: skip
    return Outcome(
        albums=tuple(str(album.id) for album in workspace.albums),
        start=stamp(span.start),
        end=stamp(span.end),
        findings=in_order(findings),
        strays=strays,
        after={found.client_request_id: found for found in after},
        ledger=_ledger_source(books.ledger, span),
        log=_log_source(books),
    )


def _ledger_source(ledger: LedgerReader, span: Window) -> Source:
    is_whole = ledger.since == span.start
    return Source(
        rows=ledger.row_count, is_whole=is_whole, problem=None if is_whole else ledger.trouble
    )


def _log_source(books: _Books) -> Source:
    problem = books.log.missing or books.log.trouble
    return Source(
        rows=len(books.rows),
        is_whole=books.is_log_whole,
        problem=None if books.is_log_whole else problem,
    )


def _carry_out(journal: Journal, finding: Finding, clock: Clock) -> None:
    crid, at = finding.attempt.client_request_id, clock.stamp()
    known: dict[str, Any] = {"at": at}
    match finding.move:
        case None:
            return
        case Correct(booking=booking, credits=spent):
            journal.record_cost(crid, booking=booking, credits_used=max(spent, 0), **known)
        case Charge(booking=booking, credits=spent):
            journal.record_cost(crid, booking=booking, credits_used=max(spent, 0), **known)
            journal.record_ready(crid, at=at)
        case Release(reason=reason):
            journal.record_state(crid, State.FAILED, at=at, reason=reason)
        case Find(generation_id=generation_id, booking=booking, credits=credits_used):
            journal.record_found(
                crid, generation_id=generation_id, booking=booking, credits_used=credits_used,
                at=at,
            )  # fmt: skip
        case _:
            assert_never(finding.move)
