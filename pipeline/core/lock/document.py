"""The lock file as a document: which audio belongs to which request, one attempt a line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.core.documents.json_places import JsonWalk, Misplaced
from pipeline.core.lock.rows import (
    HEX_64,
    ID,
    LockLine,
    attempt_of_line,
    one_line,
    quoted,
    refuse_unwritable,
)
from pipeline.core.purchase.attempt import Attempt
from pipeline.core.wanted.digest import canonical_json

SCHEMA = "songmake/lock/1"
SCHEMA_FAMILY = "songmake/lock/"
JOURNAL_ID = re.compile(r"[0-9a-f]{32}")
MARKER = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?: .*)?\r?$", re.MULTILINE)
KINSHIP = re.compile(r'"schema"\s*:\s*"' + re.escape(SCHEMA_FAMILY))
HINT = "restore it: git checkout -- {file}\nor remove it, if the journal is complete: rm {file}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockRow:
    """An attempt as a lock tells of it, and the line (1-based) that does."""

    line: int
    attempt: Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """What a lock file says. ``journal`` is the id of the journal that buys for this album.

    ``measurements`` are by checksum and are carried along as they are.
    """

    album: str
    journal: str
    rows: tuple[LockRow, ...]
    measurements: Mapping[str, Any] = field(default_factory=dict)

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Every attempt, in the order of the lines."""
        return tuple(row.attempt for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class LockRefusal:
    """Why a text is no lock that can be trusted. ``hint`` may hold ``{file}``."""

    line: int
    reason: str
    hint: str = HINT


def is_lock_text(text: str) -> bool:
    """Whether a document calls itself a lock, of whatever version."""
    return KINSHIP.search(text[:4096]) is not None


def lock_text(
    *,
    album: str,
    journal: str,
    lines: Iterable[LockLine],
    requests: Mapping[str, str],
    measurements: Mapping[str, Any],
) -> str:
    """The file's text: sorted, and the same bytes for the same attempts.

    ``requests`` gives the canonical JSON of the identity behind each digest; ``measurements``
    what was measured of each checksum.
    """
    parts = lock_parts(
        album=album,
        journal=journal,
        lines=lines,
        request_of=requests.__getitem__,
        measurements=measurements,
    )
    return "".join(parts)


def lock_parts(
    *,
    album: str,
    journal: str,
    lines: Iterable[LockLine],
    request_of: Callable[[str], str],
    measurements: Mapping[str, Any],
) -> Iterator[str]:
    """:func:`lock_text` piece by piece: the whole of a large lock is never in memory."""
    attempts = sorted(lines, key=lambda line: line.place)
    digests = sorted({line.digest for line in attempts})
    yield f'{{\n  "schema": {one_line(SCHEMA)},\n  "album": {one_line(album)},\n'
    yield f'  "journal": {one_line(journal)},\n'
    yield from _block("requests", "{}", (f'"{each}": {request_of(each)}' for each in digests))
    yield ",\n"
    yield from _block("attempts", "[]", (line.text for line in attempts))
    if measurements:
        yield ",\n"
        measured = (
            f'"{name}": {canonical_json(measurements[name])}' for name in sorted(measurements)
        )
        yield from _block("measurements", "{}", measured)
    yield "\n}\n"


def _block(name: str, brackets: str, lines: Iterable[str]) -> Iterator[str]:
    yield f'  "{name}": {brackets[0]}'
    before = "\n"
    for line in lines:
        yield f"{before}    {line}"
        before = ",\n"
    yield brackets[1] if before == "\n" else f"\n  {brackets[1]}"


def read_lock(text: str) -> Lock | LockRefusal:
    """The lock that a text is, or why it is none. It may be laid out in any way."""
    marker = MARKER.search(text)
    if marker is not None:
        return LockRefusal(
            line=text.count("\n", 0, marker.start()) + 1,
            reason="a merge conflict is not resolved",
            hint="keep the lines of both sides, without the markers: every one is a purchase\n"
            "or have it done: songmake verify --repair",
        )
    try:
        return _read(JsonWalk(text))
    except NewerSchema as newer:
        return LockRefusal(line=newer.line, reason=newer.reason, hint="install the newer songmake")
    except Misplaced as misplaced:
        return LockRefusal(line=misplaced.line, reason=misplaced.reason)


class NewerSchema(Misplaced):
    """The document is of a form that this songmake does not know."""


def _read(walk: JsonWalk) -> Lock:
    said: dict[str, str] = {}
    identities: dict[str, Mapping[str, Any]] = {}
    rows: list[tuple[int, Any]] = []
    measurements: dict[str, Any] = {}
    for name, line in walk.members():
        match name:
            case "schema" | "album" | "journal":
                said[name] = _head(name, walk.value(), line)
            case "requests":
                identities = _objects(walk, of="request")
            case "attempts":
                rows = [(at, walk.value()) for at in walk.elements()]
            case "measurements":
                measurements = _objects(walk, of="measurement")
            case _:
                raise Misplaced(line, f"{name!r} is unknown to this songmake")
    walk.end()
    for name in ("schema", "album", "journal"):
        if name not in said:
            raise Misplaced(1, f"{name} is missing")
    return Lock(
        album=said["album"],
        journal=said["journal"],
        rows=_rows(rows, said["album"], identities),
        measurements=measurements,
    )


def _head(name: str, found: Any, line: int) -> str:
    if name == "schema" and found != SCHEMA:
        if isinstance(found, str) and found.startswith(SCHEMA_FAMILY):
            raise NewerSchema(line, f"written by a newer songmake (form {quoted(found)})")
        raise Misplaced(line, f"its schema is {quoted(found)}, not {SCHEMA}")
    pattern = {"schema": None, "album": ID, "journal": JOURNAL_ID}[name]
    if not isinstance(found, str) or (pattern is not None and not pattern.fullmatch(found)):
        raise Misplaced(line, f"{name} cannot be {quoted(found)}")
    return found


def _objects(walk: JsonWalk, *, of: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, line in walk.members():
        document = walk.value()
        if not HEX_64.fullmatch(name) or not isinstance(document, dict):
            raise Misplaced(line, f"this is no {of}")
        _refuse_broken_text(document, line)
        found[name] = document
    return found


def _rows(
    rows: Iterable[tuple[int, Any]], album: str, identities: Mapping[str, Mapping[str, Any]]
) -> tuple[LockRow, ...]:
    found: list[LockRow] = []
    first_at: dict[tuple[str, str], int] = {}
    for line, row in rows:
        _refuse_broken_text(row, line)
        try:
            attempt = attempt_of_line(row, album=album, identities=identities)
        except ValueError as error:
            raise Misplaced(line, str(error)) from error
        for mark in _marks(attempt):
            if first_at.setdefault(mark, line) != line:
                raise Misplaced(line, f"its {mark[0]} is that of line {first_at[mark]} too")
        found.append(LockRow(line=line, attempt=attempt))
    return tuple(found)


def _marks(attempt: Attempt) -> Iterable[tuple[str, str]]:
    """What no two attempts have in common."""
    yield "client_request_id", attempt.client_request_id
    if attempt.generation_id is not None:
        yield "generation_id", f"{attempt.provider}:{attempt.generation_id}"


def _refuse_broken_text(document: Any, line: int) -> None:
    try:
        refuse_unwritable(document)
    except ValueError as error:
        raise Misplaced(line, str(error)) from error
