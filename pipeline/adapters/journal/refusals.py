"""What SQLite refuses, as errors for the user."""

from __future__ import annotations

import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import JournalDamaged, SongmakeError, StorageFull

STORAGE_CODES = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
    }
)


@contextmanager
def database_errors(path: Path) -> Iterator[None]:
    """Turns errors of the body into ``StorageFull`` or ``JournalDamaged``."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise refused(path, error) from error


def refused(path: Path, error: sqlite3.DatabaseError) -> SongmakeError:
    """What an error of SQLite comes to: ``StorageFull`` or ``JournalDamaged``."""
    match error:
        case sqlite3.IntegrityError():
            return JournalDamaged(
                f"{path}: refused by the journal: {error}",
                hint="see how things stand: songmake status",
            )
        case sqlite3.OperationalError():
            return _operational(path, error)
        case _:
            return damaged(path, str(error))


def _operational(path: Path, error: sqlite3.OperationalError) -> SongmakeError:
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code == sqlite3.SQLITE_BUSY:
        return _held(path)
    if code not in STORAGE_CODES:
        return damaged(path, str(error))
    return StorageFull(
        f"{path}: cannot write the journal: {error}",
        hint="free disk space or mend the folder's permissions, then: songmake render",
    )


def _held(path: Path) -> StorageFull:
    """Runs keep out of each other's way by the run lock, so it is none of them that holds it."""
    return StorageFull(
        f"{path}: another program holds the journal and did not let go of it in time",
        hint=f"see which one: fuser -v {shlex.quote(str(path))}\n"
        "once it is ended (a backup, a database browser): songmake render",
    )


def damaged(path: Path, why: str) -> JournalDamaged:
    """The file is not a journal that can be trusted."""
    return JournalDamaged(
        f"{path}: the journal is damaged: {why}",
        hint=f"restore {path.name} and its -wal file from a backup; nothing is bought until then",
    )
