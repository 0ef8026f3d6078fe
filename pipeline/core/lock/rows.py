"""One attempt as one line of a lock file, and back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pipeline.core.lock.known_purchases import UNKNOWN_BODY
from pipeline.core.money import microusd_of, usd_text
from pipeline.core.purchase.attempt import HAS_AUDIO, Attempt, State, StoredAudio, ref_of
from pipeline.core.wanted.album import Checksum, Digest, Provider
from pipeline.core.wanted.digest import canonical_json

ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
HEX_64 = re.compile(r"[0-9a-f]{64}")
CLIENT_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
GENERATION_ID = re.compile(r"[!-~]{1,512}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
USD = re.compile(r"[0-9]{1,7}\.[0-9]{6}")
MOST = 1_000_000_000_000
DEEPEST = 64  # no request nests deeper than a handful
STATES = frozenset(State) - {State.PUBLISHED, State.SUPERSEDED}
NEEDS_GENERATION = frozenset({State.SUBMITTED, State.READY, State.STORED})

Check = Callable[[Any], bool]


def _text(pattern: re.Pattern[str] | None = None, *, most: int = 100_000) -> Check:
    return lambda found: (
        isinstance(found, str)
        and len(found) <= most
        and (pattern is None or pattern.fullmatch(found) is not None)
    )


def _whole(least: int) -> Check:
    return lambda found: type(found) is int and least <= found <= MOST


def _or_null(check: Check) -> Check:
    return lambda found: found is None or check(found)


def _moment(found: Any) -> bool:
    if not isinstance(found, str) or MOMENT.fullmatch(found) is None:
        return False
    datetime.fromisoformat(found.replace("Z", "+00:00"))
    return True


def _seconds(found: Any) -> bool:
    return type(found) in (int, float) and 0 <= found < MOST


FORM: Mapping[str, Check] = {
    "song": _text(ID, most=64),
    "take": _whole(1),
    "attempt": _whole(1),
    "state": lambda found: isinstance(found, str) and found in STATES,
    "title": _text(),
    "provider": lambda found: found in tuple(Provider),
    "origin": _or_null(_text(most=2000)),
    "model": _text(most=200),
    "digest": _text(HEX_64),
    "client_request_id": _text(CLIENT_REQUEST_ID),
    "generation_id": _or_null(_text(GENERATION_ID)),
    "reserved_usd": _text(USD),
    "booked_usd": _or_null(_text(USD)),
    "credits_used": _or_null(_whole(0)),
    "cost_source": _or_null(_text(most=100)),
    "intent_at": _moment,
    "submitted_at": _or_null(_moment),
    "completed_at": _or_null(_moment),
    "superseded_at": _or_null(_moment),
    "audio": _or_null(lambda found: isinstance(found, dict)),
    "error": _or_null(_text()),
}
AUDIO_FORM: Mapping[str, Check] = {
    "sha256": _text(HEX_64),
    "bytes": _whole(1),
    "seconds": _seconds,
    "format": _text(re.compile(r"[a-z0-9]{1,16}")),
    "sample_rate": _whole(1),
    "channels": _whole(1),
}
OPTIONAL = {"album": _text(ID, most=64)}  # whose purchase it is, if it is another album's


@dataclass(frozen=True, slots=True, kw_only=True)
class LockLine:
    """One attempt as the lock of ``album`` has it; its text is made when it is asked for."""

    attempt: Attempt
    album: str

    @property
    def place(self) -> tuple[str, int, int, str]:
        """What lines are sorted by."""
        ref, attempt = self.attempt.ref, self.attempt
        return ref.song, ref.number, attempt.number, attempt.client_request_id

    @property
    def digest(self) -> str:
        """Of the request that it refers to."""
        return self.attempt.digest

    @property
    def text(self) -> str:
        """The line, without what stands between it and the next."""
        attempt, ref = self.attempt, self.attempt.ref
        row = {
            "song": ref.song,
            "take": ref.number,
            "attempt": attempt.number,
            **({} if ref.album == self.album else {"album": ref.album}),
            "state": attempt.state,
            "title": attempt.title,
            "provider": attempt.provider,
            "origin": attempt.origin if attempt.provider is Provider.AIMLAPI else None,
            "model": attempt.model,
            "digest": attempt.digest,
            "client_request_id": attempt.client_request_id,
            "generation_id": attempt.generation_id,
            "reserved_usd": usd_text(attempt.reserved_microusd),
            "booked_usd": _usd_or_none(attempt.booked_microusd),
            "credits_used": attempt.credits,
            "cost_source": attempt.cost_source,
            "intent_at": attempt.intent_at,
            "submitted_at": attempt.submitted_at,
            "completed_at": attempt.completed_at,
            "superseded_at": attempt.superseded_at,
            "audio": _audio_row(attempt.audio),
            "error": attempt.error,
        }
        return one_line(row)


def lock_line(attempt: Attempt, *, album: str) -> LockLine:
    """An attempt as the lock of ``album`` has it."""
    return LockLine(attempt=as_locked(attempt), album=album)


def as_locked(attempt: Attempt) -> Attempt:
    """What a lock's line tells of an attempt; its request stands elsewhere in the lock.

    Published is written as stored: where files lie differs from one machine to the next.
    """
    is_published = attempt.state is State.PUBLISHED
    return replace(
        attempt,
        state=State.STORED if is_published else attempt.state,
        identity_json="",
        body_json="",
    )


def one_line(document: Any) -> str:
    """JSON without a line break and without sorting: names in the order in which they are given."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def attempt_of_line(
    row: Mapping[str, Any], *, album: str, identities: Mapping[str, Mapping[str, Any]]
) -> Attempt:
    """The inverse of :func:`lock_line`; raises ``ValueError`` for what no lock may hold."""
    _check(row, FORM, OPTIONAL)
    if row["digest"] not in identities:
        raise ValueError(f"requests has no {row['digest']}")
    state = State(row["state"])
    if state in NEEDS_GENERATION and row["generation_id"] is None:
        raise ValueError(f"it is {state} and has no generation_id")
    if state in HAS_AUDIO and row["audio"] is None:
        raise ValueError(f"it is {state} and has no audio")
    return Attempt(
        client_request_id=row["client_request_id"],
        digest=Digest(row["digest"]),
        number=row["attempt"],
        ref=ref_of(row.get("album", album), row["song"], row["take"]),
        title=row["title"],
        provider=Provider(row["provider"]),
        origin=row["origin"] or "",
        model=row["model"],
        state=state,
        identity_json=canonical_json(identities[row["digest"]]),
        body_json=UNKNOWN_BODY,
        reserved_microusd=microusd_of(row["reserved_usd"]),
        intent_at=row["intent_at"],
        generation_id=row["generation_id"],
        booked_microusd=_microusd_or_none(row["booked_usd"]),
        credits=row["credits_used"],
        cost_source=row["cost_source"],
        submitted_at=row["submitted_at"],
        completed_at=row["completed_at"],
        audio=_audio_of(row["audio"]),
        error=row["error"],
        superseded_at=row["superseded_at"],
    )


def _check(row: Any, form: Mapping[str, Check], optional: Mapping[str, Check]) -> None:
    if not isinstance(row, dict):
        raise ValueError("expected an object")
    for name in form:
        if name not in row:
            raise ValueError(f"{name} is missing")
    known = {**form, **optional}
    for name, found in row.items():
        if name not in known:
            raise ValueError(f"{name!r} is unknown to this songmake")
        if not known[name](found):
            raise ValueError(f"{name} cannot be {quoted(found)}")


def quoted(found: Any) -> str:
    """The beginning of a value as a message may hold it, whatever it is: ASCII and no controls."""
    return json.dumps(found)[:80].replace("\x7f", "\\u007f")


def refuse_unwritable(document: Any) -> None:
    """Raises ``ValueError`` for what was read as JSON and cannot be written back as such."""
    level, depth = [document], 0
    while level:
        if depth == DEEPEST:
            raise ValueError("it is nested too deeply")
        level, depth = [part for found in level for part in _parts_of(found)], depth + 1
    try:
        canonical_json(document).encode()
    except UnicodeEncodeError as error:
        raise ValueError("a text holds half a character") from error


def _parts_of(found: Any) -> Iterable[Any]:
    if isinstance(found, dict):
        return found.values()
    return found if isinstance(found, list) else ()


def _audio_row(audio: StoredAudio | None) -> dict[str, Any] | None:
    if audio is None:
        return None
    return {
        "sha256": audio.checksum,
        "bytes": audio.size_bytes,
        "seconds": audio.milliseconds / 1000,
        "format": audio.format,
        "sample_rate": audio.sample_rate_hz,
        "channels": audio.channels,
    }


def _audio_of(row: Mapping[str, Any] | None) -> StoredAudio | None:
    if row is None:
        return None
    _check(row, AUDIO_FORM, {})
    return StoredAudio(
        checksum=Checksum(row["sha256"]),
        size_bytes=row["bytes"],
        milliseconds=round(row["seconds"] * 1000),
        format=row["format"],
        sample_rate_hz=row["sample_rate"],
        channels=row["channels"],
    )


def _usd_or_none(amount_microusd: int | None) -> str | None:
    return None if amount_microusd is None else usd_text(amount_microusd)


def _microusd_or_none(amount: str | None) -> int | None:
    return None if amount is None else microusd_of(amount)
