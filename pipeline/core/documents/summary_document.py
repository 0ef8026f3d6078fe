"""``outputs/summary.json``; its schema lies under ``schemas/``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.core.documents.money_fields import money_fields
from pipeline.core.money import Balance
from pipeline.core.purchase.attempt import State
from pipeline.core.purchase.standing import Ledger
from pipeline.core.run.outcome import REASONS
from pipeline.core.wanted.album import TakeRef
from pipeline.core.wanted.takes import WantedTake
from pipeline.errors import ExitCode


def summary_document(
    code: ExitCode,
    *,
    reason: str | None,
    started_at: str,
    finished_at: str,
    takes: Sequence[WantedTake] = (),
    ledger: Ledger | None = None,
    spent: Balance | None = None,
    absent: frozenset[TakeRef] = frozenset(),
) -> dict[str, Any]:
    """``outputs/summary.json``: how this run ended, for callers that lose the exit code.

    ``absent`` are published takes whose file is not there: they are counted for themselves.
    """
    states = ledger.states(takes) if ledger is not None else {}
    gone = {ref for ref in absent if states.get(ref) is State.PUBLISHED}
    there = [found for ref, found in states.items() if ref not in gone]
    counts = {state.value: there.count(state) for state in State}
    counts["absent"] = len(gone)
    return {
        "schema": "songmake/summary/1",
        "exit_code": int(code),
        "reason": reason or REASONS[code],
        "started_at": started_at,
        "finished_at": finished_at,
        "currency": "USD",
        "totals": {
            "takes": len(takes),
            "states": {state: count for state, count in counts.items() if count},
            **money_fields(spent or Balance()),
        },
    }
