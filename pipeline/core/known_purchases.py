"""Purchases that an album's cost report knows and the journal does not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from pipeline.core.album import Checksum, Digest, Provider
from pipeline.core.attempt import DOUBTFUL, HAS_AUDIO, Attempt, State, StoredAudio, ref_of
from pipeline.core.money import microusd

UNKNOWN_IDENTITY = "{}"  # a cost report does not repeat what was asked for


def unknown_purchases(
    report: Mapping[str, Any], known: Collection[str]
) -> tuple[Mapping[str, Any], ...]:
    """The report's own paid rows whose client request id is not in ``known``.

    Sketches never count, nor does what was shared, refused or released.
    """
    return tuple(
        row for row in report["takes"] if _is_paid(row) and row["client_request_id"] not in known
    )


def _is_paid(row: Mapping[str, Any]) -> bool:
    if row["provider"] == Provider.SKETCH or row.get("shared_with"):
        return False
    money = ("charged_usd", "held_usd", "in_doubt_usd")
    return any(Decimal(row[name]) > 0 for name in money) or row["state"] in (
        "intent", "submitted", "ready", "stored", "published", "in_doubt", "lost",
    )  # fmt: skip


def attempt_of_row(
    row: Mapping[str, Any],
    *,
    album: str,
    stored: Collection[str],
    is_live_elsewhere: bool,
    at: str,
) -> Attempt:
    """A cost report's row as an attempt of the journal.

    ``stored`` are the checksums that the store holds. An attempt whose audio is not there becomes
    ready, to be collected again for free. ``is_live_elsewhere`` says that the journal has a live
    purchase of the same digest already: the row is kept for its money alone.
    """
    audio = _audio(row, stored)
    is_history = is_live_elsewhere or row["state"] == State.SUPERSEDED
    amount = sum(Decimal(row[name]) for name in ("charged_usd", "held_usd", "in_doubt_usd"))
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
        identity_json=UNKNOWN_IDENTITY,
        body_json=UNKNOWN_IDENTITY,
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
    if not audio or audio.get("stored_sha256") not in stored or not row["generation_id"]:
        return None
    return StoredAudio(
        checksum=Checksum(audio["stored_sha256"]),
        size_bytes=audio["stored_bytes"],
        milliseconds=round(audio["seconds"] * 1000),
        format=audio["format"],
        sample_rate_hz=audio["sample_rate"],
        channels=audio["channels"],
    )
