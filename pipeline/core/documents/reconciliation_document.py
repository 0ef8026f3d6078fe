"""``songmake report --reconcile`` as a document; its schema lies under ``schemas/``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.core.ledger.reconciliation import (
    CORRECTED,
    DRIFT,
    MOVED,
    Finding,
    Kind,
)
from pipeline.core.ledger.strays import Stray
from pipeline.core.money import usd_text
from pipeline.core.purchase.attempt import Attempt
from pipeline.errors import ExitCode

SCHEMA = "songmake/reconciliation/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """How far one of the provider's books was read. ``problem`` is why not to its end."""

    rows: int
    is_whole: bool
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Everything that a reconciliation found.

    ``after`` are the attempts as the journal has them now, by client request id; ``start`` and
    ``end`` bound what was asked for, as ISO 8601.
    """

    albums: tuple[str, ...]
    start: str
    end: str
    findings: tuple[Finding, ...]
    strays: tuple[Stray, ...]
    after: Mapping[str, Attempt]
    ledger: Source
    log: Source

    @property
    def causes(self) -> set[ExitCode]:
        """Why the command does not end with 0, if it does not."""
        kinds = {finding.kind for finding in self.findings}
        causes: set[ExitCode] = set()
        if Kind.IN_DOUBT in kinds:
            causes.add(ExitCode.IN_DOUBT)
        if not self.ledger.is_whole:
            causes.add(ExitCode.UNFINISHED)
        if kinds & DRIFT or any(stray.ref is not None for stray in self.strays):
            causes.add(ExitCode.DIFFERS)
        return causes

    def state_of(self, finding: Finding) -> str:
        """The state of an attempt now."""
        return self.after[finding.attempt.client_request_id].shown_state.value


def totals(outcome: Outcome) -> dict[str, Any]:
    """Counts by what became of the attempts, and both sums of money."""
    kinds = [finding.kind for finding in outcome.findings]
    known = [finding for finding in outcome.findings if finding.ledger_microusd is not None]
    now = [outcome.after[finding.attempt.client_request_id] for finding in outcome.findings]
    return {
        "attempts": len(kinds),
        "agreed": kinds.count(Kind.AGREES),
        "corrected": sum(kind in CORRECTED for kind in kinds),
        "moved": sum(kind in MOVED for kind in kinds),
        "differing": sum(kind in DRIFT for kind in kinds),
        "in_doubt": kinds.count(Kind.IN_DOUBT),
        "pending": kinds.count(Kind.PENDING),
        "not_compared": kinds.count(Kind.NOT_COMPARED),
        "journal_usd": usd_text(sum(attempt.balance.committed for attempt in now)),
        "ledger_usd": usd_text(sum(finding.ledger_microusd or 0 for finding in known)),
    }


def reconciliation_document(outcome: Outcome, code: ExitCode) -> dict[str, Any]:
    """The whole of it; attempts that agree are only counted."""
    told = [finding for finding in outcome.findings if finding.kind is not Kind.AGREES]
    return {
        "schema": SCHEMA,
        "currency": "USD",
        "albums": list(outcome.albums),
        "start": outcome.start,
        "end": outcome.end,
        "ledger": _source(outcome.ledger),
        "log": _source(outcome.log),
        "takes": [_row(outcome, finding) for finding in told],
        "purchases": [_stray(stray) for stray in outcome.strays],
        "totals": totals(outcome),
        "exit_code": int(code),
    }


def _source(source: Source) -> dict[str, Any]:
    return {"rows": source.rows, "is_whole": source.is_whole, "problem": source.problem}


def _row(outcome: Outcome, finding: Finding) -> dict[str, Any]:
    attempt, ledger = finding.attempt, finding.ledger_microusd
    now = outcome.after[attempt.client_request_id]
    return {
        "album": attempt.ref.album,
        "song": attempt.ref.song,
        "take": attempt.ref.number,
        "attempt": attempt.number,
        "client_request_id": attempt.client_request_id,
        "generation_id": now.generation_id,
        "kind": finding.kind.value,
        "is_differing": finding.kind in DRIFT,
        "state_before": attempt.shown_state.value,
        "state_after": now.shown_state.value,
        "journal_before_usd": usd_text(attempt.balance.committed),
        "journal_after_usd": usd_text(now.balance.committed),
        "ledger_usd": None if ledger is None else usd_text(ledger),
        "message": finding.message,
        "hint": finding.hint,
    }


def _stray(stray: Stray) -> dict[str, Any]:
    return {
        "client_request_id": stray.client_request_id,
        "generation_id": stray.generation_id,
        "charged_usd": usd_text(stray.charged_microusd),
        "wanted_by": None if stray.ref is None else str(stray.ref),
        "was_sent_here": stray.was_sent_here,
    }


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """By take and attempt."""

    def place(finding: Finding) -> tuple[str, str, int, int, str]:
        attempt = finding.attempt
        ref = attempt.ref
        return (ref.album, ref.song, ref.number, attempt.number, attempt.client_request_id)

    return tuple(sorted(findings, key=place))
