"""Purchases that an album's cost report knows and the journal does not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from pipeline.core.money import microusd
from pipeline.core.purchase.attempt import (
    ADOPTED,
    DOUBTFUL,
    HAS_AUDIO,
    Attempt,
    State,
    StoredAudio,
    ref_of,
)
from pipeline.core.wanted.album import Checksum, Digest, Provider
from pipeline.core.wanted.digest import canonical_json

MONEY = ("charged_usd", "held_usd", "in_doubt_usd")
MOST = 1_000_000
TEXT, WHOLE, NOTHING = str, int, type(None)
FORM: Mapping[str, type | tuple[type, ...]] = {
    "song": TEXT,
    "take": WHOLE,
    "attempt": WHOLE,
    "client_request_id": TEXT,
    "title": TEXT,
    "state": TEXT,
    "provider": TEXT,
    "model": TEXT,
    "digest": TEXT,
    "generation_id": (TEXT, NOTHING),
    "credits_used": (WHOLE, NOTHING),
    "submitted_at": (TEXT, NOTHING),
    "completed_at": (TEXT, NOTHING),
    "audio": (dict, NOTHING),
    "origin": (TEXT, NOTHING),
    "error": (TEXT, NOTHING),
    **dict.fromkeys(MONEY, TEXT),
}
UNKNOWN_BODY = "{}"  # a cost report does not repeat what was asked for


def unknown_purchases(
    report: Mapping[str, Any], known: Collection[str]
) -> tuple[Mapping[str, Any], ...]:
    """The report's own paid rows whose client request id is not in ``known``.

    Sketches never count, nor does what was shared, refused or released.
    """
    return tuple(
        row for row in report["takes"] if _is_paid(row) and row["client_request_id"] not in known
    )


def check_rows(report: Mapping[str, Any]) -> None:
    """Raises ``ValueError`` if a row is not of a cost report's form."""
    for number, row in enumerate(report["takes"], start=1):
        if not isinstance(row, dict) or not all(
            isinstance(row.get(name), kinds) for name, kinds in FORM.items()
        ):
            raise ValueError(f"row {number} is not of its form")
        State(row["state"])
        Provider(row["provider"])
        is_sane = 1 <= row["take"] <= MOST and 1 <= row["attempt"] <= MOST
        if not is_sane or not all(0 <= Decimal(row[name]) <= MOST for name in MONEY):
            raise ValueError(f"row {number} holds numbers that cannot be")


def _is_paid(row: Mapping[str, Any]) -> bool:
    if row["provider"] == Provider.SKETCH or row.get("shared_with"):
        return False
    return any(Decimal(row[name]) > 0 for name in MONEY) or row["state"] in (
        "intent", "submitted", "ready", "stored", "published", "in_doubt", "lost",
    )  # fmt: skip


def attempt_of_row(
    row: Mapping[str, Any],
    *,
    album: str,
    stored: Collection[str],
    at: str,
) -> Attempt:
    """A cost report's row as the attempt that it tells of.

    ``stored`` are the checksums that the store holds. An attempt whose audio is not there becomes
    ready, to be collected again for free.
    """
    audio = _audio(row, stored)
    is_history = row["state"] == State.SUPERSEDED
    amount = sum(Decimal(row[name]) for name in MONEY)
    return Attempt(
        client_request_id=row["client_request_id"],
        digest=Digest(row["digest"]),
        number=row["attempt"],
        ref=ref_of(album, row["song"], row["take"]),
        title=row["title"],
        provider=Provider(row["provider"]),
        origin=row.get("origin") or "",
        model=row["model"],
        state=_state(row, has_audio=audio is not None),
        identity_json=_identity(row),
        body_json=UNKNOWN_BODY,
        reserved_microusd=microusd(Decimal(row.get("reserved_usd", amount))),
        booked_microusd=microusd(Decimal(amount)),
        credits=row["credits_used"],
        cost_source=row.get("cost_source"),
        intent_at=row["submitted_at"] or at,
        submitted_at=row["submitted_at"],
        completed_at=row["completed_at"],
        generation_id=row["generation_id"],
        audio=audio,
        error=row["error"],
        superseded_at=at if is_history else None,
    )


def _identity(row: Mapping[str, Any]) -> str:
    """The little that a report tells of the request: enough to check the audio again."""
    audio = row["audio"] or {}
    names = {"audio.format": "format", "audio.sample_rate": "sample_rate"}
    return canonical_json(
        {"request": {name: audio[field] for name, field in names.items() if field in audio}}
    )


def _state(row: Mapping[str, Any], *, has_audio: bool) -> State:
    state = State(row["state"])
    if state in DOUBTFUL:
        return State.IN_DOUBT
    if has_audio:
        return State.STORED
    if state in HAS_AUDIO or (state is State.SUPERSEDED and row["generation_id"]):
        return State.READY if row["generation_id"] else State.LOST
    return State.LOST if state is State.SUPERSEDED else state


def _audio(row: Mapping[str, Any], stored: Collection[str]) -> StoredAudio | None:
    audio = row["audio"]
    if not audio or not row["generation_id"]:
        return None
    if audio.get("stored_sha256") not in stored and row.get("cost_source") != ADOPTED:
        return None  # it is fetched again; adopted audio nobody has but the store
    return StoredAudio(
        checksum=Checksum(audio["stored_sha256"]),
        size_bytes=audio["stored_bytes"],
        milliseconds=round(audio["seconds"] * 1000),
        format=audio["format"],
        sample_rate_hz=audio["sample_rate"],
        channels=audio["channels"],
    )
