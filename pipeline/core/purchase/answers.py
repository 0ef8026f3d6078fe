"""What a provider can answer, in songmake's words. The API adapter translates into these."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.core.money import Cost
from pipeline.core.wanted.album import Checksum


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The request was taken: it costs money now."""

    generation_id: str
    cost: Cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """No byte of the request left this machine; trying again costs nothing."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttled:
    """Refused for now: too many requests. ``wait_s`` is what the provider asked for, if it did."""

    reason: str
    wait_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRefused:
    """Refused for now: the key or the account's money."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """Refused for good; nothing was charged."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """The request may have been received and billed; the answer was lost."""

    reason: str


SubmitAnswer = Accepted | Unsent | Throttled | AccountRefused | Rejected | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Still being rendered. ``is_known`` is False for a status nobody has documented."""

    status: str
    is_known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """Rendered; the link is a credential and is never logged or stored."""

    link: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The provider gave up on it; nothing is charged."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFound:
    """The provider does not know the generation (yet, or any more)."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreachable:
    """No usable answer; asking again is free."""

    reason: str


PollAnswer = Running | Finished | Failed | NotFound | Throttled | AccountRefused | Unreachable


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """One request in the provider's log; it names the request, the generation, or both."""

    client_request_id: str | None
    generation_id: str | None
    has_failed: bool
    cost: Cost


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPage:
    """One page of the log, newest first."""

    rows: tuple[LogRow, ...]
    row_count: int
    has_more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LogMissing:
    """This provider has no log to ask, or will not let this key read it."""

    reason: str


LogAnswer = LogPage | LogMissing | Throttled | Unreachable


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """The whole file is on disk; its bytes are not checked yet.

    ``checksum`` is that of the bytes as they were written, where one answer brought them all.
    """

    size_bytes: int
    checksum: Checksum | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLink:
    """The link does not lead to the file; a fresh one may."""

    reason: str


FetchAnswer = Fetched | DeadLink | Unreachable
