"""The JSON document of ``songmake status``; its schema lies under ``schemas/``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeline.core.documents.money_fields import money_fields
from pipeline.core.money import Balance
from pipeline.core.purchase.attempt import Attempt, State, balance_of
from pipeline.core.purchase.mends import mend_of
from pipeline.core.purchase.standing import Ledger
from pipeline.core.sound.take_quality import UNHEARD, Listening, finding_fields
from pipeline.core.wanted.album import TakeRef
from pipeline.core.wanted.takes import WantedTake


def status_document(
    takes: Sequence[WantedTake],
    ledger: Ledger,
    attempts: Sequence[Attempt],
    albums: Iterable[str],
    listening: Listening = UNHEARD,
    absent: frozenset[TakeRef] = frozenset(),
) -> dict[str, Any]:
    """``songmake status --json``: every wanted take, and attempts that no take stands for.

    ``absent`` are published takes whose file is not there now.
    """
    known = frozenset(albums)
    shown: set[str] = set()
    rows = []
    for take in takes:
        attempt = ledger.current(take)
        if attempt is not None:
            shown.add(attempt.client_request_id)
        row = _status_row(take.ref, take.title, attempt, take, listening)
        rows.append(row | _file_fields(row, attempt, is_absent=take.ref in absent))
    for attempt in attempts:
        if attempt.ref.album in known and attempt.client_request_id not in shown:
            rows.append(_status_row(attempt.ref, attempt.title, attempt, None, listening))
    balance = balance_of(found for found in attempts if found.ref.album in known)
    return {
        "schema": "songmake/status/1",
        "currency": "USD",
        "takes": rows,
        "totals": money_fields(balance),
    }


def _file_fields(
    row: Mapping[str, Any], attempt: Attempt | None, *, is_absent: bool
) -> dict[str, Any]:
    """Whether a published take's file is there, and what brings it back."""
    if attempt is None or attempt.shown_state is not State.PUBLISHED:
        return {"has_file": None}
    mend = {"next": "songmake render"} if is_absent else {}
    return {"has_file": not is_absent, **mend}


def _status_row(
    ref: TakeRef,
    title: str,
    attempt: Attempt | None,
    take: WantedTake | None,
    listening: Listening,
) -> dict[str, Any]:
    found = listening.findings(attempt, ref) if attempt is not None else None
    is_shared = attempt is not None and take is not None and attempt.ref != ref
    balance = attempt.balance if attempt is not None and not is_shared else Balance()
    return {
        "album": ref.album,
        "song": ref.song,
        "take": ref.number,
        "title": title,
        "state": (attempt.shown_state if attempt else State.PLANNED).value,
        "is_wanted": take is not None,
        "provider": (attempt or take).provider.value,  # type: ignore[union-attr]
        "attempt": attempt.number if attempt else None,
        "client_request_id": attempt.client_request_id if attempt else None,
        "generation_id": attempt.generation_id if attempt else None,
        "is_adopted": attempt is not None and attempt.is_adopted,
        **money_fields(balance),
        "shared_with": str(attempt.ref) if is_shared and attempt else None,
        "has_file": None,
        "needs_ear": None if found is None else bool(found),
        "findings": finding_fields(found),
        "error": attempt.error if attempt else None,
        "next": mend_of(ref, attempt, is_wanted=take is not None),
    }
