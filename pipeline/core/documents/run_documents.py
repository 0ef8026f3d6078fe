"""The JSON documents of plan, status and summary; their schemas lie under ``schemas/``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, assert_never

from pipeline.core.money import Balance, usd_text
from pipeline.core.purchase.attempt import STUCK, Attempt, State, balance_of
from pipeline.core.purchase.plan import (
    ADOPTED_AND_GONE,
    Action,
    Buy,
    Collect,
    Keep,
    LookUp,
    Publish,
    Share,
    Stuck,
)
from pipeline.core.purchase.request_diff import request_diff
from pipeline.core.purchase.standing import Ledger
from pipeline.core.sound.take_quality import UNHEARD, Listening, finding_fields
from pipeline.core.wanted.album import Album, TakeRef
from pipeline.core.wanted.takes import WantedTake
from pipeline.errors import ExitCode


def verb_of(action: Action) -> str:
    """One word for what would be done."""
    match action:
        case Keep():
            return "keep"
        case Publish():
            return "publish"
        case Collect():
            return "collect"
        case LookUp():
            return "look_up"
        case Buy():
            return "buy"
        case Share():
            return "share"
        case Stuck():
            return "stuck"
        case _:
            assert_never(action)


def reason_of(action: Action) -> str:
    """Why, in a few words."""
    match action:
        case Keep():
            return "published and up to date"
        case Share(owner=owner):
            return f"same request as {owner}, paid once"
        case _:
            return action.reason


def price_of(action: Action) -> int:
    """What it would reserve, in micro-dollars."""
    return action.take.price_microusd if isinstance(action, Buy) else 0


def affordable_microusd(actions: Iterable[Action], stopped: frozenset[TakeRef]) -> int:
    """What the purchases cost that the budgets have room for."""
    return sum(
        action.take.price_microusd
        for action in actions
        if isinstance(action, Buy) and action.take.ref not in stopped
    )


def is_pending(action: Action) -> bool:
    """Whether a render would have something to do, or could not do it."""
    return not isinstance(action, Keep)


def plan_document(
    actions: Sequence[Action],
    stopped: frozenset[TakeRef],
    albums: Sequence[Album],
    *,
    files: Sequence[str] = (),
    has_diffs: bool = False,
) -> dict[str, Any]:
    """``songmake plan --json``. ``stopped`` are purchases that a budget has no room for.

    ``files`` are hand-over files that would be written or removed. ``has_diffs`` says of each
    purchase that follows another what it asks that the other did not.
    """
    price = sum(price_of(action) for action in actions)
    affordable = affordable_microusd(actions, stopped)
    verbs = [verb_of(action) for action in actions]
    return {
        "schema": "songmake/plan/1",
        "currency": "USD",
        "albums": [album.id for album in albums],
        "takes": [
            _plan_row(action, stopped) | (_diff_field(action) if has_diffs else {})
            for action in actions
        ],
        "files": list(files),
        "totals": {
            "takes": len(actions),
            "pending": sum(map(is_pending, actions)),
            **{verb: verbs.count(verb) for verb in sorted(set(verbs))},
            "price_usd": usd_text(price),
            "affordable_usd": usd_text(affordable),
        },
    }


def _diff_field(action: Action) -> dict[str, Any]:
    if not isinstance(action, Buy) or action.before is None:
        return {"diff": None}
    found = request_diff(action.before, action.take)
    fields = None
    if found.fields is not None:
        fields = [
            {"name": each.name, "before": each.before, "now": each.now} for each in found.fields
        ]
    return {
        "diff": {
            "before": str(found.before.ref),
            "client_request_id": found.before.client_request_id,
            "fields": fields,
        }
    }


def mend_of_action(action: Action) -> str | None:
    """The command for a take that only a person moves on."""
    if not isinstance(action, Stuck):
        return None
    if action.reason == ADOPTED_AND_GONE:
        return f"songmake adopt '{action.take.ref}' --file F"
    return f"songmake render --replace '{action.take.ref}'"


def _plan_row(action: Action, stopped: frozenset[TakeRef]) -> dict[str, Any]:
    take = action.take
    attempt = action.attempt if not isinstance(action, (Buy, Share)) else None
    ref = take.ref if take is not None else action.attempt.ref  # type: ignore[union-attr]
    return {
        "album": ref.album,
        "song": ref.song,
        "take": ref.number,
        "title": take.title if take is not None else attempt.title if attempt else None,
        "action": verb_of(action),
        "reason": reason_of(action),
        "state": attempt.shown_state.value if attempt else State.PLANNED.value,
        "provider": (take or attempt).provider.value,  # type: ignore[union-attr]
        "model": (take or attempt).model,  # type: ignore[union-attr]
        "digest": take.digest if take is not None else attempt.digest if attempt else None,
        "price_usd": usd_text(price_of(action)),
        "is_within_budget": ref not in stopped,
    }


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
        "totals": _money(balance),
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
        **_money(balance),
        "shared_with": str(attempt.ref) if is_shared and attempt else None,
        "has_file": None,
        "needs_ear": None if found is None else bool(found),
        "findings": finding_fields(found),
        "error": attempt.error if attempt else None,
        "next": mend_of(ref, attempt, is_wanted=take is not None),
    }


def mend_of(ref: TakeRef, attempt: Attempt | None, *, is_wanted: bool) -> str | None:
    """The command that moves a take on, or None if it is where it should be."""
    if attempt is None:
        return "songmake render"
    if attempt.superseded_at is not None:
        return None
    match attempt.state:
        case State.PUBLISHED:
            return None
        case State.STORED | State.PLANNED:
            return "songmake render" if is_wanted else None
        case State.SUBMITTED | State.READY | State.INTENT:
            return "songmake render"
        case State.IN_DOUBT:
            return f"songmake settle '{attempt.ref}' --generation ID"
        case _:
            return f"songmake render --replace '{ref}'" if is_wanted else None


def _money(balance: Balance) -> dict[str, str]:
    return {
        "charged_usd": usd_text(balance.charged),
        "held_usd": usd_text(balance.held),
        "in_doubt_usd": usd_text(balance.in_doubt),
        "released_usd": usd_text(balance.released),
    }


REASONS: Mapping[ExitCode, str] = {
    ExitCode.OK: "every selected take is there",
    ExitCode.FAILED: "a song failed, was rejected or lost, or the account or the disk refused",
    ExitCode.USAGE: "nothing was sent: the command, a manifest or the set-up has to be mended",
    ExitCode.IN_DOUBT: "a take is in doubt: settle it",
    ExitCode.LOCKED: "another run holds the lock",
    ExitCode.BUDGET: "the budget stopped buying",
    ExitCode.UNFINISHED: "unfinished: run again, what is paid is collected free",
    ExitCode.DAMAGED: "journal or store need mending: nothing was bought",
    ExitCode.DIFFERS: "something differs or is not published",
    ExitCode.INTERRUPTED: "interrupted: run again to go on",
    ExitCode.TERMINATED: "terminated: run again to go on",
}


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
            **_money(spent or Balance()),
        },
    }


def causes_of_states(states: Iterable[State]) -> set[ExitCode]:
    """What the takes' final states mean for the exit code."""
    causes: set[ExitCode] = set()
    for state in states:
        if state is State.PUBLISHED:
            continue
        if state is State.IN_DOUBT:
            causes.add(ExitCode.IN_DOUBT)
        elif state in STUCK:
            causes.add(ExitCode.FAILED)
        else:
            causes.add(ExitCode.UNFINISHED)
    return causes
