"""One connection to the journal's database: named statements and transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.adapters.journal.refusals import database_errors
from pipeline.adapters.journal.statements import statements
from pipeline.errors import JournalDamaged


class Database:
    """What every table of the journal is read and written with.

    A commit that returned is on disk. Raises ``StorageFull`` and ``JournalDamaged``.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db = connection
        self._path = path
        self._changed: set[str] = set()
        self._watcher: Callable[[frozenset[str]], None] | None = None

    @property
    def form(self) -> int:
        """The version of its tables; a journal that is only read may be of an older one."""
        with database_errors(self._path):
            return int(self._db.execute("PRAGMA user_version").fetchone()[0])

    def close(self) -> None:
        """Ends the connection; everything committed is on disk already."""
        self._db.close()

    def watch(self, watcher: Callable[[frozenset[str]], None] | None) -> None:
        """Calls ``watcher`` after each commit with the client request ids whose attempts changed.

        An id that an attempt no longer has is among them.
        """
        self._watcher = watcher

    def _all(self, statement: str, **fields: Any) -> list[sqlite3.Row]:
        with database_errors(self._path):
            return self._db.execute(statements()[statement], fields).fetchall()

    def _one(self, statement: str, **fields: Any) -> sqlite3.Row:
        rows = self._all(statement, **fields)
        if not rows:
            raise JournalDamaged(
                f"{self._path}: a row of the journal is missing",
                hint="restore the journal from a backup; nothing is bought until then",
            )
        return rows[0]

    def _run(self, statement: str, fields: Mapping[str, Any]) -> int:
        with database_errors(self._path):
            return self._db.execute(statements()[statement], fields).rowcount

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with database_errors(self._path):
            self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            with database_errors(self._path):
                self._db.execute("COMMIT")
        except BaseException:
            self._changed.clear()
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        changed = frozenset(self._changed)
        self._changed.clear()
        if changed and self._watcher is not None:
            self._watcher(changed)
