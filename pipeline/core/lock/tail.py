"""What was added to a large lock since it was written whole: one attempt a line, with its request.

Only intents are added, each before its first byte. Whatever the lock itself tells of an attempt
came later and prevails.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from pipeline.core.documents.json_places import JsonWalk, Misplaced
from pipeline.core.lock.document import Lock, LockRow
from pipeline.core.lock.rows import LockLine, attempt_of_line, quoted, refuse_unwritable

TAIL_SCHEMA = "songmake/lock-tail/1"


def tail_header(album: str) -> str:
    """The first line."""
    return f"{json.dumps({'schema': TAIL_SCHEMA, 'album': album})}\n"


def tail_line(line: LockLine, request: str) -> str:
    """One attempt; ``request`` is the canonical JSON of the identity behind its digest."""
    return f'{{"attempt":{line.text},"request":{request}}}\n'


def read_tail(text: str, *, album: str) -> tuple[LockRow, ...]:
    """The attempts of a tail. Raises ``Misplaced`` for a line that cannot be trusted.

    A last line that is not whole was never on disk: nothing was sent for it. One that lacks its end
    alone may have lost that to an editor.
    """
    *lines, last = text.split("\n")
    if _is_whole(last):
        lines.append(last)
    if not lines:
        return ()
    head = _document(lines[0], 1)
    if head != {"schema": TAIL_SCHEMA, "album": album}:
        raise Misplaced(1, f"this is no tail of the lock of {album}: {quoted(head)}")
    return tuple(_row(_document(line, at), at, album) for at, line in enumerate(lines[1:], 2))


def with_tail(lock: Lock, rows: Collection[LockRow]) -> Lock:
    """The lock with what it does not tell of."""
    told = {attempt.client_request_id for attempt in lock.attempts}
    news = {row.attempt.client_request_id: row for row in rows}
    return Lock(
        album=lock.album,
        journal=lock.journal,
        rows=(*lock.rows, *(row for crid, row in news.items() if crid not in told)),
        measurements=lock.measurements,
    )


def _is_whole(line: str) -> bool:
    try:
        return isinstance(_document(line, 1), dict)
    except Misplaced:
        return False


def _document(line: str, at: int) -> Any:
    walk = JsonWalk(line)
    try:
        found = walk.value()
        walk.end()
        refuse_unwritable(found)
    except Misplaced as misplaced:
        raise Misplaced(at, misplaced.reason) from misplaced
    except ValueError as error:
        raise Misplaced(at, str(error)) from error
    return found


def _row(found: Any, at: int, album: str) -> LockRow:
    if not isinstance(found, dict) or found.keys() != {"attempt", "request"}:
        raise Misplaced(at, "expected an attempt and its request")
    row, request = found["attempt"], found["request"]
    if not isinstance(row, dict) or not isinstance(request, dict):
        raise Misplaced(at, "expected an attempt and its request")
    try:
        attempt = attempt_of_line(row, album=album, identities={str(row.get("digest")): request})
    except ValueError as error:
        raise Misplaced(at, str(error)) from error
    return LockRow(line=at, attempt=attempt)
