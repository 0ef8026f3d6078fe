"""What a song's writes cost in a journal that knows many others, counted in SQLite's own steps."""

import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from pipeline.adapters.journal.opening import FILE_NAME
from pipeline.adapters.journal.sqlite import Journal
from pipeline.adapters.journal.statements import SCHEMA_VERSION, migration
from pipeline.core.handover.tracks import Publication
from pipeline.core.purchase.attempt import State
from pipeline.core.sound.measurement import Measurement, measurement_document
from pipeline.core.wanted.takes import WantedTake
from pipeline.errors import JournalDamaged
from tests.adapters.journals import AT, intend, open_at, submit, takes
from tests.builders import an_audio

SONGS = 300
SILENCE = measurement_document(Measurement(is_decodable=True, milliseconds=500))


def carry(journal: Journal, take: WantedTake) -> str:
    """All that is written of a song: each has other bytes."""
    crid = submit(journal, take, f"generation-{take.digest}")
    journal.record_ready(crid, at=AT)
    journal.record_stored(crid, audio=an_audio(checksum=take.digest), at=AT)
    journal.put_measurements({take.digest: SILENCE})
    journal.put_publication("outputs", published(take))
    journal.record_state(crid, State.PUBLISHED, at=AT, reason=None)
    return crid


def published(take: WantedTake) -> Publication:
    return Publication(
        path=f"album/{take.ref.song}.mp3",
        ref=take.ref,
        provider=take.provider,
        digest=take.digest,
        recipe="recipe",
        checksum=take.digest,
        size_bytes=1000,
        mtime_ns=None,
    )


def steps_of(journal: Journal, take: WantedTake) -> int:
    """How many instructions of SQLite's virtual machine a song takes."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    journal._db.set_progress_handler(count, 1)
    carry(journal, take)
    journal._db.set_progress_handler(None, 1)
    return steps


def steps_alone_and_among_many(journal: Journal, songs: Sequence[WantedTake]) -> tuple[int, int]:
    first, *others, last = songs
    alone = steps_of(journal, first)
    with journal.as_one():
        for take in others:
            carry(journal, take)
    return alone, steps_of(journal, last)


def test_a_song_is_written_in_as_many_steps_whatever_the_journal_knows_already(tmp_path: Path):
    with contextlib.closing(open_at(tmp_path)) as journal:
        alone, among_many = steps_alone_and_among_many(journal, takes(SONGS))
    assert alone > 100
    assert among_many < 1.1 * alone


def test_a_journal_of_form_6_is_the_same_afterwards_and_then_keeps_to_its_steps(tmp_path: Path):
    one, *others = takes(SONGS)
    with contextlib.closing(of_form(6, tmp_path)) as older:
        carry(older, one)
        known = older.attempts(), older.known_ids(), older.measurements()
    with contextlib.closing(open_at(tmp_path)) as journal:
        assert journal.form == SCHEMA_VERSION
        assert (journal.attempts(), journal.known_ids(), journal.measurements()) == known
        with pytest.raises(JournalDamaged, match="UNIQUE"):
            intend(journal, one, nonce="n1")
        for forbidden in ("DELETE FROM attempts", "UPDATE attempts SET state = 'sold'"):
            with pytest.raises(sqlite3.IntegrityError):
                journal._db.execute(forbidden)
        alone, among_many = steps_alone_and_among_many(journal, others)
    assert among_many < 1.1 * alone


def of_form(form: int, folder: Path) -> Journal:
    """A new journal as a songmake of that form made it."""
    db = sqlite3.connect(folder / FILE_NAME, isolation_level=None)
    db.row_factory = sqlite3.Row
    for step in range(1, form + 1):
        db.executescript(migration(step))
    db.execute(f"PRAGMA user_version={form}")
    return Journal(db, folder / FILE_NAME)
