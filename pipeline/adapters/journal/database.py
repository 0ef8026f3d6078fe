"""One connection to the journal's database: named statements and transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from pipeline.adapters.journal.refusals import database_errors, refused
from pipeline.adapters.journal.statements import statements
from pipeline.adapters.journal.transactions import Transaction
from pipeline.errors import JournalDamaged

_LEAVE_SUMS = frozenset({"insert_intent", "renew_intent", "insert_transition", "insert_move"})


class Database:
    """What every table of the journal is read and written with.

    A commit that returned is on disk. Raises ``StorageFull`` and ``JournalDamaged``.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db = connection
        self._path = path
        self._statements = statements()
        self._writing = Transaction(connection, path)
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

    @property
    def is_spoilt(self) -> bool:
        """Whether an undivided transaction can only be undone as a whole."""
        return self._writing.is_spoilt

    def as_one(self) -> AbstractContextManager[None]:
        """All that the body writes is committed together, or none of it.

        Within another such body it is a part of that one's commit, and is undone alone.
        """
        return self._transaction()

    def as_one_undivided(self) -> AbstractContextManager[None]:
        """The same, quicker, where parts seldom fail.

        Raises ``Indivisible``, and nothing is written, where a part would have to be undone alone.
        """
        return self._whole(is_undivided=True)

    def _all(self, statement: str, **fields: Any) -> list[sqlite3.Row]:
        try:
            return self._db.execute(self._statements[statement], fields).fetchall()
        except sqlite3.DatabaseError as error:
            raise refused(self._path, error) from error

    def _one(self, statement: str, **fields: Any) -> sqlite3.Row:
        rows = self._all(statement, **fields)
        if not rows:
            raise JournalDamaged(
                f"{self._path}: a row of the journal is missing",
                hint="restore the journal from a backup; nothing is bought until then",
            )
        return rows[0]

    def _run(self, statement: str, fields: Mapping[str, Any]) -> int:
        if statement not in _LEAVE_SUMS:
            self._writing.sums_microusd.clear()
        try:
            return self._db.execute(self._statements[statement], fields).rowcount
        except sqlite3.DatabaseError as error:
            raise refused(self._path, error) from error

    def _transaction(self) -> AbstractContextManager[None]:
        if self._db.in_transaction:
            return self._writing.part()
        return self._whole(is_undivided=False)

    @contextmanager
    def _whole(self, *, is_undivided: bool) -> Iterator[None]:
        self._writing.begin(is_undivided=is_undivided)
        try:
            yield
            changed = self._writing.commit()
        except BaseException:
            self._writing.undo()
            raise
        self.tell(changed)
