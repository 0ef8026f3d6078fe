"""Attempts at wanted takes, for tests about what is planned, published and reported."""

from __future__ import annotations

from typing import Any

from pipeline.core.handover.tracks import Publication
from pipeline.core.purchase.attempt import HAS_AUDIO, Attempt, State
from pipeline.core.wanted.album import Checksum
from pipeline.core.wanted.digest import client_request_id
from pipeline.core.wanted.takes import WantedTake
from tests.builders import an_attempt, an_audio


def attempt_at(take: WantedTake, state: State = State.PUBLISHED, **fields: Any) -> Attempt:
    """An attempt at ``take``; numbers make client request ids, generations and audio differ."""
    number = fields.get("number", 1)
    name = f"{take.ref.song}{take.ref.number}{number}"
    made = {
        "client_request_id": client_request_id(take.digest, attempt=number, nonce=name),
        "digest": take.digest,
        "ref": take.ref,
        "title": take.title,
        "provider": take.provider,
        "model": take.model,
        "identity_json": take.identity_json,
        "body_json": take.body_json,
        "reserved_microusd": take.price_microusd,
        "generation_id": f"generation-{name}",
        "audio": an_audio(checksum=checksum(name)) if state in HAS_AUDIO else None,
    }
    return an_attempt(state, **{**made, **fields})


def checksum(name: str) -> Checksum:
    """A checksum that looks like one and is another for each name."""
    return Checksum(name.encode().hex().ljust(64, "0")[:64])


def publication_of(attempt: Attempt, path: str) -> Publication:
    """A file that was written for ``attempt`` and is there."""
    return Publication(
        path=path,
        ref=attempt.ref,
        provider=attempt.provider,
        digest=attempt.digest,
        recipe="r",
        checksum=Checksum("a" * 64),
        size_bytes=1,
        mtime_ns=1,
    )
