"""What the double counted: written before each answer, readable by any process at any time."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TABLES = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS generations (
    id TEXT PRIMARY KEY, accepted_at REAL NOT NULL, body TEXT NOT NULL,
    client_request_id TEXT, request_id TEXT NOT NULL, headers TEXT NOT NULL,
    has_key INTEGER NOT NULL, connection INTEGER NOT NULL, usd_micros INTEGER NOT NULL,
    polls INTEGER NOT NULL DEFAULT 0, first_link_expires INTEGER,
    error_name TEXT, error_message TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS requests (
    seq INTEGER PRIMARY KEY, at REAL NOT NULL, kind TEXT NOT NULL, method TEXT NOT NULL,
    path TEXT NOT NULL, connection INTEGER NOT NULL, nth INTEGER NOT NULL, whole INTEGER NOT NULL,
    headers TEXT NOT NULL, has_key INTEGER NOT NULL, client_request_id TEXT, generation_id TEXT,
    fault TEXT, status INTEGER, answered_at REAL
) STRICT;
CREATE TABLE IF NOT EXISTS violations (
    seq INTEGER PRIMARY KEY, at REAL NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL
) STRICT;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One accepted, and so paid, generation. Times are Unix seconds of the real clock.

    ``client_request_id`` is None when none came or the one that came was dropped as invalid;
    ``headers`` are those of the POST in lower case, without Authorization; ``has_key`` says
    whether the right key came with it. ``error_name`` is set when it failed (and cost nothing).
    """

    id: str
    accepted_at: float
    body: dict[str, Any]
    client_request_id: str | None
    request_id: str
    headers: dict[str, str]
    has_key: bool
    connection: int
    usd_micros: int
    polls: int
    error_name: str | None
    error_message: str | None

    @property
    def inference_id(self) -> str:
        """The log's name for the generation id."""
        return self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request; ``path`` never has the query (a poll's id is in ``generation_id``).

    ``kind`` is post, poll, logs, billing, transactions, models, deprecations, cdn, connect or
    other; ``whole`` is False when the peer left before the request's end. ``fault`` names what was
    done to it; ``status`` is that of the answer and None where there was none.
    """

    seq: int
    at: float
    kind: str
    method: str
    path: str
    connection: int
    nth: int
    whole: bool
    headers: dict[str, str]
    has_key: bool
    client_request_id: str | None
    generation_id: str | None
    fault: str | None
    status: int | None
    answered_at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """Something that no well-behaved client does; ``kind`` is listed in README.md."""

    seq: int
    at: float
    kind: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The whole account, each part in the order in which it happened."""

    accepted: tuple[Generation, ...]
    requests: tuple[Received, ...]
    violations: tuple[Violation, ...]
    peak_posts: int

    def of(self, kind: str) -> tuple[Received, ...]:
        """The whole requests of a kind."""
        return tuple(one for one in self.requests if one.kind == kind and one.whole)

    @property
    def posts(self) -> int:
        """POSTs that arrived whole, accepted or not."""
        return len(self.of("post"))

    @property
    def polls(self) -> int:
        return len(self.of("poll"))

    @property
    def logs(self) -> int:
        return len(self.of("logs"))

    @property
    def cdn(self) -> int:
        return len(self.of("cdn"))

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the accepted generations."""
        return tuple(one.id for one in self.accepted)

    @property
    def charged_usd(self) -> float:
        """The bill: every accepted generation that has not failed."""
        return sum(one.usd_micros for one in self.accepted if one.error_name is None) / 1_000_000

    @property
    def violation_kinds(self) -> tuple[str, ...]:
        """The kinds that occurred, sorted, each once."""
        return tuple(sorted({one.kind for one in self.violations}))

    def purchases(self) -> Counter[str]:
        """Accepted generations by client request id up to its last dot (its nonce left out)."""
        return Counter((one.client_request_id or "").rpartition(".")[0] for one in self.accepted)

    def bodies(self) -> Counter[str]:
        """Accepted generations by canonical JSON of the body."""
        return Counter(
            json.dumps(one.body, sort_keys=True, separators=(",", ":")) for one in self.accepted
        )

    @property
    def bought_twice(self) -> tuple[str, ...]:
        """Client request ids (without nonce) under which more than one was accepted."""
        return tuple(sorted(name for name, count in self.purchases().items() if count > 1))


def ledger_of(document: dict[str, Any]) -> Ledger:
    """The ledger of a document as ``GET /ledger`` gives it."""
    return Ledger(
        accepted=tuple(Generation(**row) for row in document["accepted"]),
        requests=tuple(Received(**row) for row in document["requests"]),
        violations=tuple(Violation(**row) for row in document["violations"]),
        peak_posts=document["peak_posts"],
    )


def read_ledger(path: Path) -> Ledger:
    """The ledger in a file, whether or not a double is running on it."""
    book = Book(path)
    try:
        return ledger_of(book.document())
    finally:
        book.close()


class Book:
    """The ledger's file. Committed at each call: it outlives any kill of a process."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=10)
        self._connection.row_factory = sqlite3.Row
        # Processes are killed here, machines are not: commits need not reach the disk.
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.executescript(_TABLES)

    def close(self) -> None:
        self._connection.close()

    def clear(self) -> None:
        """Forgets everything but the facts that other processes may hold on to."""
        for table in ("generations", "requests", "violations"):
            self._connection.execute(f"DELETE FROM {table}")
        self.set_fact("peak_posts", "0")

    def fact(self, name: str) -> str | None:
        row = self._connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row["value"])

    def set_fact(self, name: str, value: str) -> None:
        self._connection.execute(
            "INSERT INTO facts VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            (name, value),
        )

    def insert(self, table: str, **columns: Any) -> int:
        """One new row; dicts become JSON text. Returns its rowid."""
        values = [json.dumps(one) if isinstance(one, dict) else one for one in columns.values()]
        marks = ", ".join("?" * len(values))
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
        return self._connection.execute(sql, values).lastrowid or 0

    def update_request(self, seq: int, **columns: Any) -> None:
        self._update("requests", "seq", seq, columns)

    def update_generation(self, generation_id: str, **columns: Any) -> None:
        self._update("generations", "id", generation_id, columns)

    def _update(self, table: str, name: str, which: int | str, columns: dict[str, Any]) -> None:
        sets = ", ".join(f"{column} = ?" for column in columns)
        self._connection.execute(
            f"UPDATE {table} SET {sets} WHERE {name} = ?", (*columns.values(), which)
        )

    def generations(self) -> list[dict[str, Any]]:
        """Rows of the accepted generations, private columns included."""
        return self._rows("SELECT * FROM generations ORDER BY accepted_at, rowid")

    def document(self) -> dict[str, Any]:
        """The whole ledger as JSON-able rows."""
        self._connection.execute("BEGIN")
        try:
            accepted = self.generations()
            for row in accepted:
                del row["first_link_expires"]
            return {
                "accepted": accepted,
                "requests": self._rows("SELECT * FROM requests ORDER BY seq"),
                "violations": self._rows("SELECT * FROM violations ORDER BY seq"),
                "peak_posts": int(self.fact("peak_posts") or 0),
            }
        finally:
            self._connection.execute("COMMIT")

    def _rows(self, sql: str) -> list[dict[str, Any]]:
        rows = [dict(row) for row in self._connection.execute(sql)]
        for row in rows:
            for name in ("body", "headers"):
                if name in row:
                    row[name] = json.loads(row[name])
            for name in ("has_key", "whole"):
                if name in row:
                    row[name] = bool(row[name])
        return rows
