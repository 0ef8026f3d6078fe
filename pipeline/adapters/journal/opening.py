"""Opening the journal: for writing, created or migrated if need be, or for reading only."""

from __future__ import annotations

import sqlite3
import uuid
from pathlib import Path

from pipeline.adapters.durable import fsync_folder
from pipeline.adapters.journal.refusals import damaged, database_errors
from pipeline.adapters.journal.sqlite import Journal
from pipeline.adapters.journal.statements import (
    SCHEMA_VERSION,
    migration,
    statements,
)
from pipeline.errors import JournalDamaged

FILE_NAME = "journal.sqlite3"


def open_journal(state_dir: Path, *, at: str) -> Journal:
    """Opens the journal for writing, creating or migrating it.

    Raises ``JournalDamaged`` if the file is no journal, is corrupt, or is newer than this songmake;
    ``StorageFull`` if it cannot be written.
    """
    path = state_dir / FILE_NAME
    is_new = not path.exists()
    db = _connect(f"{path.resolve().as_uri()}?mode=rwc", path)
    try:
        with database_errors(path):
            _check(db, path)
            db.execute("PRAGMA journal_mode=WAL").fetchall()
            db.execute("PRAGMA synchronous=FULL")
            _migrate(db, path, at=at)
    except BaseException:
        db.close()
        raise
    if is_new:
        fsync_folder(state_dir)
    return Journal(db, path)


def open_beside(journal: Journal) -> Journal:
    """Another connection to a journal that is open for writing, for the thread that calls this."""
    path = journal.path
    db = _connect(f"{path.resolve().as_uri()}?mode=rw", path)
    try:
        with database_errors(path):
            db.execute("PRAGMA synchronous=FULL")
    except BaseException:
        db.close()
        raise
    return Journal(db, path)


def read_journal(state_dir: Path) -> Journal | None:
    """Opens the journal for reading only; None if there is none. Same errors as for writing."""
    path = state_dir / FILE_NAME
    if not path.exists():
        return None
    db = _connect(f"{path.resolve().as_uri()}?mode=ro", path)
    try:
        with database_errors(path):
            _check(db, path)
            version = db.execute("PRAGMA user_version").fetchone()[0]
    except BaseException:
        db.close()
        raise
    if version == 0:
        db.close()
        return None
    return Journal(db, path)


def _connect(uri: str, path: Path) -> sqlite3.Connection:
    with database_errors(path):
        db = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=10)
    db.row_factory = sqlite3.Row
    return db


def _check(db: sqlite3.Connection, path: Path) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise JournalDamaged(
            f"{path}: written by a newer songmake (form {version}, this one knows "
            f"{SCHEMA_VERSION})",
            hint="install the newer songmake",
        )
    if version < 0 or _is_foreign(db, version):
        raise damaged(path, "it is another program's database")
    findings = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if findings != "ok":
        raise damaged(path, findings)


def _is_foreign(db: sqlite3.Connection, version: int) -> bool:
    tables = {row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    return "attempts" not in tables if version else bool(tables)


def _migrate(db: sqlite3.Connection, path: Path, *, at: str) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    for step in range(version + 1, SCHEMA_VERSION + 1):
        db.executescript(f"BEGIN IMMEDIATE;\n{migration(step)}\nPRAGMA user_version={step};COMMIT;")
    db.execute(statements()["create_identity"], {"journal_id": uuid.uuid4().hex, "at": at})
