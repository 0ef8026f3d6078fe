"""One connection to the journal's database: named statements and transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
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
    def path(self) -> Path:
        """Where the database lies."""
        return self._path

    @property
    def form(self) -> int:
        """The version of its tables; a journal that is only read may be of an older one."""
        with database_errors(self._path):
            return int(self._db.execute("PRAGMA user_version").fetchone()[0])

    @property
    def edition(self) -> tuple[int, int]:
        """Differs as soon as anything was written, by this connection or by another one."""
        with database_errors(self._path):
            others = int(self._db.execute("PRAGMA data_version").fetchone()[0])
        return others, self._db.total_changes

    def close(self) -> None:
        """Ends the connection; everything committed is on disk already."""
        self._db.close()

    def watch(self, watcher: Callable[[frozenset[str]], None] | None) -> None:
        """Calls ``watcher`` after each commit with the client request ids whose attempts changed.

        An id that an attempt no longer has is among them.
        """
        self._watcher = watcher

    def tell(self, client_request_ids: frozenset[str]) -> None:
        """Calls the watcher for what another connection of this command has committed."""
        if client_request_ids and self._watcher is not None:
            self._watcher(client_request_ids)

    @property
    def is_writing(self) -> bool:
        """Whether a transaction is under way; a disk that refuses may end one by itself."""
        return self._db.in_transaction

    def as_one(self) -> AbstractContextManager[None]:
        """All that the body writes is committed together, or none of it.

        Within another such body it is a part of that one's commit, and is undone alone.
        """
        return self._transaction()

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
        if self._db.in_transaction:
            with self._part():
                yield
            return
        with database_errors(self._path):
            self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            with database_errors(self._path):
                self._db.execute("COMMIT")
        except BaseException:
            self._changed.clear()
            self._undo()
            raise
        changed = frozenset(self._changed)
        self._changed.clear()
        self.tell(changed)

    @contextmanager
    def _part(self) -> Iterator[None]:
        changed = set(self._changed)
        with database_errors(self._path):
            self._db.execute("SAVEPOINT part")
        try:
            yield
            with database_errors(self._path):
                self._db.execute("RELEASE part")
        except BaseException:
            self._changed = changed
            self._undo_part()
            raise

    def _undo(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def _undo_part(self) -> None:
        """What cannot be undone alone takes the whole transaction with it."""
        try:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK TO part")
                self._db.execute("RELEASE part")
        except sqlite3.Error:
            self._undo()
