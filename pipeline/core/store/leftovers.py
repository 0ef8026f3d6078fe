"""Which files of a state folder nothing refers to any more. In every doubt, a file is kept."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from pipeline.core.purchase.attempt import COLLECTABLE, DOUBTFUL, Attempt, State
from pipeline.core.purchase.standing import sounding_of
from pipeline.core.wanted.album import Checksum, Digest

IN_FLIGHT = COLLECTABLE | DOUBTFUL
BLOB_NAME = re.compile(r"([0-9a-f]{2})/(\1[0-9a-f]{62})\.[a-z0-9]{1,16}")


class Place(StrEnum):
    """The folders that are looked at."""

    STORE = "store"
    PARTIAL = "partial"  # downloads under way
    WAITING = "waiting"  # whole files that the store has not taken yet
    QUARANTINE = "quarantine"  # bytes that failed a check


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """One file. ``name`` is POSIX, relative to its place; ``modified_at`` is aware.

    ``shown`` is how people find it.
    """

    place: Place
    name: str
    shown: str
    size_bytes: int
    modified_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """What refers to audio.

    ``latest`` says when each attempt changed last, by client request id, as the journal writes it;
    ``wanted`` and ``published`` are digests, ``locked`` checksums that lock files stand for.
    """

    attempts: Sequence[Attempt]
    latest: Mapping[str, str]
    wanted: Collection[Digest]
    published: Collection[Digest]
    locked: Collection[Checksum] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """A file that nothing refers to, and why. A foreign one is in no journal row.

    One that is not ``is_removable`` is too young, or may be somebody else's.
    """

    file: KeptFile
    why: str
    is_foreign: bool = False
    is_removable: bool = True


def leftovers(
    files: Iterable[KeptFile],
    known: References,
    *,
    now: datetime,
    keep: timedelta,
    is_shared: bool = False,
) -> Iterator[Leftover]:
    """What nothing refers to. ``keep`` is how long history counts as a reference.

    ``is_shared``: other journals may use the place, so what this one does not know may be theirs.
    A time in the future, or one that cannot be read, never makes a file older.
    """
    judge = _Judge(known, now=now, keep=keep, is_shared=is_shared)
    for file in files:
        match file.place:
            case Place.STORE:
                found = judge.blob(file)
            case Place.PARTIAL | Place.WAITING:
                found = judge.download(file)
            case Place.QUARANTINE:
                found = judge.set_aside(file)
        if found is not None:
            yield found


class _Judge:
    def __init__(
        self, known: References, *, now: datetime, keep: timedelta, is_shared: bool
    ) -> None:
        self._known = known
        self._is_shared = is_shared
        self._now = now
        self._keep = keep
        self._users: dict[str, list[Attempt]] = {}
        self._by_digest: dict[Digest, list[Attempt]] = {}
        for attempt in known.attempts:
            self._by_digest.setdefault(attempt.digest, []).append(attempt)
            if attempt.audio is not None:
                self._users.setdefault(attempt.audio.checksum, []).append(attempt)
        self._ids = frozenset(attempt.client_request_id for attempt in known.attempts)
        self._in_flight = tuple(
            attempt.client_request_id for attempt in known.attempts if attempt.state in IN_FLIGHT
        )
        self._heard = frozenset(
            sounding.client_request_id
            for digest, found in self._by_digest.items()
            if digest in known.wanted or digest in known.published
            if (sounding := sounding_of(found)) is not None
        )

    def blob(self, file: KeptFile) -> Leftover | None:
        named = BLOB_NAME.fullmatch(file.name)
        checksum = Checksum(named[2]) if named else None
        if checksum in self._known.locked:
            return None
        users = self._users.get(checksum, []) if checksum else []
        if not users:
            return self._foreign(file)
        if any(self._is_needed(attempt) for attempt in users):
            return None
        latest = max(users, key=lambda attempt: self._moments(attempt)[-1])
        fate = "replaced" if latest.superseded_at else "wanted by no manifest"
        when = self._moments(latest)[-1][:10]
        why = f"{latest.ref} attempt {latest.number}: {fate}, last used {when}"
        return Leftover(file=file, why=why)

    def download(self, file: KeptFile) -> Leftover | None:
        if self._is_in_flight(file):
            return None
        if file.name in self._ids:
            return Leftover(file=file, why="a download that was not finished")
        return self._foreign(file)

    def set_aside(self, file: KeptFile) -> Leftover | None:
        if self._is_in_flight(file) or not self._is_old(file.modified_at):
            return None
        day = file.modified_at.astimezone(UTC).date()
        return Leftover(file=file, why=f"failed a check, set aside {day}")

    def _foreign(self, file: KeptFile) -> Leftover:
        day = file.modified_at.astimezone(UTC).date()
        why = f"no attempt of this journal, written {day}"
        return Leftover(
            file=file,
            why=f"{why}: it may be another journal's" if self._is_shared else why,
            is_foreign=True,
            is_removable=not self._is_shared and self._is_old(file.modified_at),
        )

    def _is_in_flight(self, file: KeptFile) -> bool:
        return any(file.name.startswith(name) for name in self._in_flight)

    def _is_needed(self, attempt: Attempt) -> bool:
        if attempt.state in IN_FLIGHT or attempt.client_request_id in self._heard:
            return True
        is_current = attempt.superseded_at is None and attempt.state is not State.PLANNED
        if is_current and attempt.digest in self._known.wanted:
            return True
        return not all(self._is_old(_moment(text)) for text in self._moments(attempt))

    def _moments(self, attempt: Attempt) -> list[str]:
        found = (
            attempt.intent_at,
            attempt.submitted_at,
            attempt.completed_at,
            attempt.superseded_at,
            self._known.latest.get(attempt.client_request_id),
        )
        return sorted(text for text in found if text is not None)

    def _is_old(self, moment: datetime | None) -> bool:
        return moment is not None and self._now - moment >= self._keep


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
