"""A journal that another program holds: what is wrong, and what to type."""

import sqlite3
from pathlib import Path

import pytest

from pipeline.adapters.journal.opening import open_journal
from pipeline.adapters.journal.refusals import database_errors
from pipeline.errors import ExitCode, StorageFull


def test_a_journal_that_another_program_holds_is_no_matter_of_disk_space(tmp_path: Path):
    journal = open_journal(tmp_path, at="2026-11-27T09:00:00.000Z")
    holder = sqlite3.connect(journal.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    hurried = sqlite3.connect(journal.path, isolation_level=None, timeout=0)
    try:
        with pytest.raises(StorageFull) as refused, database_errors(journal.path):
            hurried.execute("BEGIN IMMEDIATE")
        holder.execute("ROLLBACK")
        with database_errors(journal.path):
            hurried.execute("BEGIN IMMEDIATE")
    finally:
        for each in (holder, hurried, journal):
            each.close()
    error = refused.value
    assert error.exit_code is ExitCode.FAILED
    assert error.message.startswith(f"{journal.path}: another program holds the journal")
    assert error.hint is not None
    assert f"fuser -v {journal.path}" in error.hint
    assert "songmake render" in error.hint
    assert "space" not in error.hint
