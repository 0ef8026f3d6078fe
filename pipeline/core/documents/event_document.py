"""The lines of ``render --json``; see ``schemas/event.schema.json``.

Within ``songmake/event/1`` fields and events are only ever added.
"""

from __future__ import annotations

from typing import Any, assert_never

from pipeline.core.documents.money_fields import money_fields
from pipeline.core.money import usd_text
from pipeline.core.purchase.attempt import State
from pipeline.core.run.closing import AlbumClosing, Closing
from pipeline.core.run.events import Event, Hinted, RunStarted, TakeChanged, Waiting, Warned
from pipeline.core.run.outcome import REASONS
from pipeline.core.run.view import RunView
from pipeline.errors import ExitCode

EVENT_SCHEMA = "songmake/event/1"


def event_fields(event: Event, view: RunView, now_s: float) -> dict[str, Any]:
    """One event as a document. ``view`` is the run with it, at ``now_s`` on the steady clock."""
    match event:
        case RunStarted():
            return _started(event, view, now_s)
        case TakeChanged():
            return {**_changed(event), **_outlook(event, view, now_s), "run": _run(view, now_s)}
        case Waiting(reason=reason, wait_s=wait_s):
            return {"event": "waiting", "reason": reason, "wait_s": round(wait_s, 3)}
        case Warned(message=message, hint=hint, ref=ref, code=code):
            return {
                "event": "warned",
                "message": message,
                "hint": hint,
                "about": str(ref) if ref else None,
                "exit_code": None if code is None else int(code),
            }
        case Hinted(hint=hint):
            return {"event": "hinted", "hint": hint}
        case _:
            assert_never(event)


def _started(event: RunStarted, view: RunView, now_s: float) -> dict[str, Any]:
    return {
        "event": "run_started",
        "takes": event.takes,
        "further": event.further,
        "plan": dict(event.plan),
        "is_frozen": event.is_frozen,
        "jobs": event.jobs,
        "price_usd": usd_text(event.price_microusd),
        "limit_usd": _usd(event.limit_microusd),
        "albums": [
            {"album": album, "budget_usd": _usd(cap)} for album, cap in event.budgets.items()
        ],
        "run": _run(view, now_s),
    }


def _changed(event: TakeChanged) -> dict[str, Any]:
    return {
        "event": "take_changed",
        "album": event.ref.album,
        "song": event.ref.song,
        "take": event.ref.number,
        "state": event.state.value,
        "is_settled": event.is_settled,
        "note": event.note,
        "provider": event.kind.provider.value if event.kind else None,
        "model": event.kind.model if event.kind else None,
        "client_request_id": event.client_request_id,
        "generation_id": event.generation_id,
        "is_bought_now": event.is_bought_now,
        "cost_usd": None if event.client_request_id is None else usd_text(event.balance.committed),
        **money_fields(event.balance),
        "submitted_at": event.submitted_at,
    }


def _outlook(event: TakeChanged, view: RunView, now_s: float) -> dict[str, Any]:
    flight = view.flight_of(event.ref)
    return {
        "expected_rest_s": _seconds(view.rest_s(flight, now_s) if flight else None),
        "is_overdue": flight is not None and view.is_overdue(flight, now_s),
    }


def _run(view: RunView, now_s: float) -> dict[str, Any]:
    return {
        "total": view.total,
        "settled": len(view.settled),
        "under_way": view.under_way,
        "elapsed_s": round(max(now_s - view.began_s, 0.0), 3),
        "expected_rest_s": _seconds(view.recent_rest_s(now_s)),
        "this_run": money_fields(view.spent),
        "lifetime": money_fields(view.lifetime),
    }


def ended_fields(closing: Closing) -> dict[str, Any]:
    """The last line of a run that came to its end."""
    counts = {state: list(closing.states.values()).count(state) for state in State}
    return {
        "event": "run_ended",
        "exit_code": int(closing.code),
        "reason": closing.reason,
        "next": closing.next,
        "totals": {
            "takes": len(closing.states),
            "published": closing.published,
            "new": closing.new,
            "written_again": closing.written_again,
            "kept": closing.kept,
            "states": {state.value: count for state, count in counts.items() if count},
        },
        "this_run": money_fields(closing.spent),
        "albums": [_album(album) for album in closing.albums],
        "needs_ear": [str(ref) for ref in closing.needs_ear],
        "page": closing.page,
    }


def broken_off_fields(
    code: ExitCode, *, reason: str | None, hint: str | None, view: RunView
) -> dict[str, Any]:
    """The last line of a run that ended before its end, or did not begin."""
    return {
        "event": "run_ended",
        "exit_code": int(code),
        "reason": reason or REASONS[code],
        "next": hint,
        "totals": None,
        "this_run": money_fields(view.spent),
        "albums": [],
        "needs_ear": [],
        "page": None,
    }


def _album(album: AlbumClosing) -> dict[str, Any]:
    return {
        "album": album.id,
        "folder": album.folder,
        "budget_usd": _usd(album.budget_microusd),
        **money_fields(album.balance),
    }


def _usd(amount_microusd: int | None) -> str | None:
    return None if amount_microusd is None else usd_text(amount_microusd)


def _seconds(span_s: float | None) -> float | None:
    return None if span_s is None else round(span_s, 1)
