"""Journal rows as the core's types, and back."""

from __future__ import annotations

import sqlite3
import sys
from typing import Any

from pipeline.core.handover.folder import HandoverRecord
from pipeline.core.handover.tracks import Publication
from pipeline.core.purchase.attempt import Attempt, State, StoredAudio, ref_of
from pipeline.core.wanted.album import AlbumId, Checksum, Digest, Provider


def attempt_of(row: sqlite3.Row) -> Attempt:
    """One row of ``attempts``. What rows have in common, and what names them, is held once."""
    intern = sys.intern
    return Attempt(
        client_request_id=intern(row["client_request_id"]),
        digest=Digest(intern(row["digest"])),  # the wanted take has the same
        number=row["number"],
        ref=ref_of(intern(row["album"]), row["song"], row["take"]),
        title=row["title"],
        provider=Provider(row["provider"]),
        origin=intern(row["origin"]),
        model=intern(row["model"]),
        state=State(row["state"]),
        identity_json=row["identity_json"],
        body_json=row["body_json"],
        reserved_microusd=row["reserved_microusd"],
        intent_at=row["intent_at"],
        generation_id=_interned(row["generation_id"]),
        booked_microusd=row["booked_microusd"],
        credits=row["credits"],
        cost_source=_interned(row["cost_source"]),
        submitted_at=row["submitted_at"],
        completed_at=row["completed_at"],
        audio=_audio_of(row),
        error=row["error"],
        superseded_at=row["superseded_at"],
    )


def _interned(text: str | None) -> str | None:
    return None if text is None else sys.intern(text)


def _audio_of(row: sqlite3.Row) -> StoredAudio | None:
    if row["audio_checksum"] is None:
        return None
    return StoredAudio(
        checksum=Checksum(row["audio_checksum"]),
        size_bytes=row["audio_bytes"],
        milliseconds=row["audio_milliseconds"],
        format=row["audio_format"],
        sample_rate_hz=row["audio_sample_rate_hz"],
        channels=row["audio_channels"],
    )


def row_of(attempt: Attempt, *, digest_version: int) -> dict[str, Any]:
    """The parameters of ``insert_known``."""
    audio = attempt.audio
    return {
        "client_request_id": attempt.client_request_id,
        "digest": attempt.digest,
        "digest_version": digest_version,
        "number": attempt.number,
        "album": attempt.ref.album,
        "song": attempt.ref.song,
        "take": attempt.ref.number,
        "title": attempt.title,
        "provider": attempt.provider.value,
        "origin": attempt.origin,
        "model": attempt.model,
        "state": attempt.state.value,
        "identity_json": attempt.identity_json,
        "body_json": attempt.body_json,
        "reserved_microusd": attempt.reserved_microusd,
        "booked_microusd": attempt.booked_microusd,
        "credits": attempt.credits,
        "cost_source": attempt.cost_source,
        "intent_at": attempt.intent_at,
        "submitted_at": attempt.submitted_at,
        "completed_at": attempt.completed_at,
        "generation_id": attempt.generation_id,
        "audio_checksum": audio.checksum if audio else None,
        "audio_bytes": audio.size_bytes if audio else None,
        "audio_milliseconds": audio.milliseconds if audio else None,
        "audio_format": audio.format if audio else None,
        "audio_sample_rate_hz": audio.sample_rate_hz if audio else None,
        "audio_channels": audio.channels if audio else None,
        "error": attempt.error,
        "superseded_at": attempt.superseded_at,
    }


def publication_of(row: sqlite3.Row) -> Publication:
    """One row of ``publications``."""
    return Publication(
        path=row["path"],
        ref=ref_of(row["album"], row["song"], row["take"]),
        provider=Provider(row["provider"]),
        digest=Digest(row["digest"]),
        recipe=row["recipe"],
        checksum=Checksum(row["checksum"]),
        size_bytes=row["size_bytes"],
        mtime_ns=row["mtime_ns"],
    )


def handover_record_of(row: sqlite3.Row) -> HandoverRecord:
    """One row of ``handover_files``."""
    return HandoverRecord(
        path=row["path"],
        album=AlbumId(row["album"]),
        checksum=Checksum(row["checksum"]),
        size_bytes=row["size_bytes"],
        mtime_ns=row["mtime_ns"],
    )
