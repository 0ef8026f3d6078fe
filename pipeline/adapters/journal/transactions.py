"""A connection's transaction, and the parts of it that are undone alone where they fail.

An undivided transaction has no savepoints, which cost as much as what they guard. A part of it that
fails before it wrote anything leaves nothing behind; one that fails later spoils the whole, which
is then undone, and can be written again in parts.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import TracebackType

from pipeline.adapters.journal.refusals import refused


class Indivisible(Exception):
    """A part of an undivided transaction failed after it had written; all of it was undone."""


class Transaction:
    """What a connection is writing. Raises ``StorageFull`` and ``JournalDamaged``.

    ``changed`` are the client request ids of what was written, ``sums_microusd`` what was added up
    of albums since then: nobody else writes meanwhile.
    """

    __slots__ = ("changed", "connection", "is_spoilt", "is_undivided", "path", "sums_microusd")

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection = connection
        self.path = path
        self.changed: list[str] = []
        self.sums_microusd: dict[str, int] = {}
        self.is_undivided = False
        self.is_spoilt = False

    def begin(self, *, is_undivided: bool) -> None:
        """Waits for the right to write."""
        self.is_undivided, self.is_spoilt = is_undivided, False
        self.execute("BEGIN IMMEDIATE")

    def commit(self) -> frozenset[str]:
        """Makes it durable; returns what changed. Raises ``Indivisible`` too."""
        if self.is_spoilt:
            raise Indivisible
        self.execute("COMMIT")
        changed = frozenset(self.changed)
        self._forget()
        return changed

    def undo(self) -> None:
        """Nothing of it is written."""
        self._forget()
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")

    def undo_part(self, changed_before: int) -> None:
        """Undoes what came after the savepoint; where that cannot be, the whole transaction."""
        del self.changed[changed_before:]
        self.sums_microusd.clear()
        try:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK TO part")
                self.connection.execute("RELEASE part")
        except sqlite3.Error:
            self.undo()

    def part(self) -> Part | UndividedPart:
        """What is undone alone if it fails."""
        return UndividedPart(self) if self.is_undivided else Part(self)

    def execute(self, sql: str) -> None:
        """One statement without fields."""
        try:
            self.connection.execute(sql)
        except sqlite3.DatabaseError as error:
            raise refused(self.path, error) from error

    def _forget(self) -> None:
        self.changed.clear()
        self.sums_microusd.clear()


class Part:
    """A savepoint."""

    __slots__ = ("_changed_before", "_transaction")

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._changed_before = len(transaction.changed)

    def __enter__(self) -> None:
        self._transaction.execute("SAVEPOINT part")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._transaction.undo_part(self._changed_before)
            return
        try:
            self._transaction.execute("RELEASE part")
        except BaseException:
            self._transaction.undo_part(self._changed_before)
            raise


class UndividedPart:
    """No savepoint: a failure counts on the whole being undone, or on nothing being written yet."""

    __slots__ = ("_changed_before", "_rows_before", "_transaction")

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._changed_before = len(transaction.changed)
        self._rows_before = transaction.connection.total_changes

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            return
        transaction, connection = self._transaction, self._transaction.connection
        if connection.total_changes != self._rows_before or not connection.in_transaction:
            transaction.is_spoilt = True
        del transaction.changed[self._changed_before :]
