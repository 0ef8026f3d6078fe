"""The JSON document of ``songmake plan``; its schema lies under ``schemas/``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.core.money import usd_text
from pipeline.core.purchase.actions import (
    affordable_microusd,
    is_pending,
    price_of,
    reason_of,
    verb_of,
)
from pipeline.core.purchase.attempt import State
from pipeline.core.purchase.plan import Action, Buy, Share
from pipeline.core.purchase.request_diff import request_diff
from pipeline.core.wanted.album import Album, TakeRef


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
