import contextlib
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.adapters.journal.opening import FILE_NAME, open_journal, read_journal
from pipeline.adapters.journal.sqlite import BudgetRefused, Journal
from pipeline.adapters.journal.statements import SCHEMA_VERSION
from pipeline.core.handover.folder import HandoverRecord
from pipeline.core.handover.tracks import Publication
from pipeline.core.lock.joining import Arrivals
from pipeline.core.purchase.attempt import LIVE, State
from pipeline.core.purchase.budget import Caps
from pipeline.core.sound.measurement import MEASURER_VERSION, Measurement, measurement_document
from pipeline.core.wanted.album import AlbumId, Provider
from pipeline.errors import JournalDamaged, SongmakeError, StorageFull
from tests.adapters.journals import AT, BOOKED, LATER, intend, open_at, store, submit, takes
from tests.builders import an_attempt, an_audio
from tests.command import ROOT
from tests.core.attempts import checksum

ONE, TWO, THREE = takes(3)
RECORD = HandoverRecord(
    path="album/album.cue", album=AlbumId("album"), checksum=checksum("cue"), size_bytes=3,
    mtime_ns=None,
)  # fmt: skip


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with contextlib.closing(open_at(tmp_path)) as opened:
        yield opened


@pytest.fixture
def sql(journal: Journal, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The journal's file as any program sees it."""
    with contextlib.closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as db:
        db.row_factory = sqlite3.Row
        yield db


def transitions(db: sqlite3.Connection) -> list[tuple[str | None, str]]:
    rows = db.execute("SELECT state_before, state_after FROM transitions ORDER BY seq")
    return [(row["state_before"], row["state_after"]) for row in rows]


# --- what is bought is bought once ---


def bring_to(journal: Journal, state: State) -> str:
    crid = intend(journal, ONE)
    if state in (State.SUBMITTED, State.READY, State.STORED, State.PUBLISHED):
        journal.record_submitted(crid, generation_id="g1", booking=BOOKED, credits_used=None, at=AT)
    if state in (State.READY, State.STORED, State.PUBLISHED):
        journal.record_ready(crid, at=AT)
    if state in (State.STORED, State.PUBLISHED):
        journal.record_stored(crid, audio=an_audio(), at=AT)
    if state not in (State.INTENT, State.SUBMITTED, State.READY, State.STORED):
        journal.record_state(crid, state, at=AT, reason=None)
    return crid


@pytest.mark.parametrize("state", sorted(LIVE))
def test_the_database_forbids_a_second_live_attempt_of_a_digest(
    journal: Journal, sql: sqlite3.Connection, state: State
):
    bring_to(journal, state)
    with pytest.raises(JournalDamaged, match=r"refused by the journal: UNIQUE .*digest"):
        intend(journal, ONE, nonce="n1", number=2)
    assert [found.state for found in journal.attempts()] == [state]
    assert transitions(sql)[-1][1] == state.value


def test_the_index_holds_against_any_program(journal: Journal, sql: sqlite3.Connection):
    intend(journal, ONE)
    columns = ", ".join(
        row["name"] for row in sql.execute("PRAGMA table_info(attempts)") if row["name"] != "seq"
    )
    copy = columns.replace("client_request_id", "'another'", 1)
    with pytest.raises(sqlite3.IntegrityError, match="digest"):
        sql.execute(f"INSERT INTO attempts ({columns}) SELECT {copy} FROM attempts")


@pytest.mark.parametrize("state", [State.FAILED, State.REJECTED])
def test_what_charged_nothing_and_is_over_stands_in_nobodys_way(journal: Journal, state: State):
    journal.record_state(intend(journal, ONE), state, at=AT, reason="no")
    intend(journal, ONE, nonce="n1", number=2)
    assert [found.state for found in journal.attempts()] == [state, State.INTENT]


def test_different_digests_are_bought_side_by_side(journal: Journal):
    for take in (ONE, TWO, THREE):
        intend(journal, take)
    assert len(journal.attempts()) == 3


def test_a_generation_id_belongs_to_one_attempt(journal: Journal):
    crid = submit(journal, ONE, "g1")
    other = intend(journal, TWO)
    with pytest.raises(JournalDamaged, match=r"UNIQUE .*generation_id"):
        journal.record_submitted(
            other, generation_id="g1", booking=BOOKED, credits_used=None, at=AT
        )
    assert journal.attempt(other).state is State.INTENT
    assert journal.generation_user("aimlapi", "g1") == crid
    assert journal.generation_user("aimlapi", "g2") is None
    assert journal.generation_user("sketch", "g1") is None


def test_a_client_request_id_is_used_once(journal: Journal):
    crid = intend(journal, ONE)
    with pytest.raises(JournalDamaged, match="client_request_id"):
        intend(journal, TWO, client_request_id=crid)


# --- nothing is forgotten ---


def test_the_generation_that_an_attempt_had_is_named_where_it_gets_another(
    journal: Journal, sql: sqlite3.Connection
):
    crid = submit(journal, ONE, "g1")
    journal.record_generation(crid, generation_id="g1", at=AT)
    journal.record_generation(crid, generation_id="g2", at=AT)
    journal.record_ready(crid, at=AT)
    journal.record_planned(crid, at=AT, reason=None)
    notes = [row["note"] for row in sql.execute("SELECT note FROM transitions ORDER BY seq")]
    assert notes == [None, None, "settled", "settled (generation g1)", None, "(generation g2)"]


def test_what_is_not_in_the_journal_is_not_noted_either(journal: Journal, sql: sqlite3.Connection):
    with pytest.raises(KeyError):
        journal.record_ready("sm1.nobody", at=AT)
    assert transitions(sql) == []


def test_no_attempt_and_no_transition_can_be_deleted(journal: Journal, sql: sqlite3.Connection):
    journal.record_state(intend(journal, ONE), State.FAILED, at=AT, reason=None)
    for statement in (
        "DELETE FROM attempts",
        "DELETE FROM transitions",
        "UPDATE transitions SET state_after = 'planned'",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="the journal keeps every"):
            sql.execute(statement)
    assert len(journal.attempts()) == 1
    assert transitions(sql) == [("planned", "intent"), ("intent", "failed")]


def test_every_change_of_state_is_noted_in_order(journal: Journal, sql: sqlite3.Connection):
    store(journal, ONE, "g1")
    assert transitions(sql) == [
        ("planned", "intent"),
        ("intent", "submitted"),
        ("submitted", "ready"),
        ("ready", "stored"),
    ]


def test_an_intent_says_what_is_about_to_be_sent_where_and_for_how_much(journal: Journal):
    attempt = journal.attempt(intend(journal, ONE))
    assert attempt.body_json == ONE.body_json
    assert attempt.identity_json == ONE.identity_json
    assert (attempt.ref, attempt.title, attempt.digest) == (ONE.ref, ONE.title, ONE.digest)
    assert (attempt.origin, attempt.reserved_microusd) == ("https://api.aimlapi.com", 195_000)
    assert (attempt.state, attempt.intent_at) == (State.INTENT, AT)
    assert attempt.generation_id is None


def test_what_was_refused_for_now_is_intended_again_in_the_same_row(journal: Journal):
    first = intend(journal, ONE)
    journal.record_planned(first, at=AT, reason="HTTP 429")
    again = intend(journal, ONE, nonce="n1", at=LATER)
    (attempt,) = journal.attempts()
    assert (attempt.client_request_id, attempt.number) == (again, 1)
    assert (attempt.state, attempt.error, attempt.intent_at) == (State.INTENT, None, LATER)
    with pytest.raises(KeyError):
        journal.attempt(first)


def test_an_answer_leaves_id_cost_and_time(journal: Journal):
    attempt = journal.attempt(submit(journal, ONE, "g1"))
    assert (attempt.state, attempt.generation_id, attempt.submitted_at) == (
        State.SUBMITTED,
        "g1",
        AT,
    )
    assert (attempt.booked_microusd, attempt.credits, attempt.cost_source) == (
        195_000,
        390_000,
        "answer",
    )


def test_a_generation_that_a_person_names_keeps_the_booked_cost(journal: Journal):
    crid = intend(journal, ONE)
    journal.record_state(crid, State.IN_DOUBT, at=AT, reason="reset")
    journal.record_generation(crid, generation_id="g7", at=LATER)
    attempt = journal.attempt(crid)
    assert (attempt.state, attempt.generation_id) == (State.SUBMITTED, "g7")
    assert (attempt.cost_microusd, attempt.error) == (195_000, None)


def test_a_known_purchase_is_taken_in_as_it_was(journal: Journal, sql: sqlite3.Connection):
    attempt = an_attempt(State.STORED, audio=an_audio(), credits=5, superseded_at=LATER)
    journal.take_in(Arrivals(new=(attempt,)), at=LATER)
    assert journal.attempts() == (attempt,)
    assert transitions(sql) == [(None, "stored")]


# --- money ---


def test_the_budget_is_reserved_in_the_transaction_of_the_intent(journal: Journal):
    caps = Caps(album_microusd={ONE.ref.album: 2 * 195_000}, run_microusd=None)
    for take in (ONE, TWO):
        intend(journal, take, caps=caps)
    with pytest.raises(BudgetRefused, match=r"budget_usd \$0\.39 has no room"):
        intend(journal, THREE, caps=caps)
    assert len(journal.attempts()) == 2
    assert journal.committed_microusd("album") == 390_000


def test_a_runs_cap_is_kept_too(journal: Journal):
    caps = Caps(album_microusd={}, run_microusd=300_000)
    intend(journal, ONE, caps=caps)
    with pytest.raises(BudgetRefused, match=r"--max-cost \$0\.30 has no room"):
        intend(journal, TWO, caps=caps, run_reserved_microusd=195_000)


def test_a_refused_budget_supersedes_nothing(journal: Journal, sql: sqlite3.Connection):
    crid = store(journal, ONE, "g1")
    before = transitions(sql)
    caps = Caps(album_microusd={ONE.ref.album: 195_000}, run_microusd=None)
    with pytest.raises(BudgetRefused):
        intend(journal, ONE, nonce="n1", number=2, replaces=crid, caps=caps)
    assert journal.attempt(crid).superseded_at is None
    assert transitions(sql) == before


@pytest.mark.parametrize(
    ("state", "committed"),
    [
        (State.INTENT, 195_000),
        (State.SUBMITTED, 195_000),
        (State.READY, 195_000),
        (State.STORED, 195_000),
        (State.PUBLISHED, 195_000),
        (State.IN_DOUBT, 195_000),
        (State.LOST, 195_000),
        (State.FAILED, 0),
        (State.REJECTED, 0),
        (State.PLANNED, 0),
    ],
)
def test_the_database_counts_the_money_as_the_core_does(
    journal: Journal, state: State, committed: int
):
    crid = bring_to(journal, state)
    assert journal.committed_microusd("album") == committed
    assert journal.attempt(crid).balance.committed == committed
    assert journal.committed_microusd("another") == 0


def test_what_was_replaced_still_counts_against_the_budget(journal: Journal):
    crid = store(journal, ONE, "g1")
    intend(journal, ONE, nonce="n1", number=2, replaces=crid)
    assert journal.committed_microusd("album") == 390_000


# --- replacing ---


@pytest.mark.parametrize("state", [State.FAILED, State.REJECTED, State.LOST])
def test_a_replacement_is_one_transaction_with_its_intent(journal: Journal, state: State):
    crid = intend(journal, ONE)
    journal.record_state(crid, state, at=AT, reason=None)
    new = intend(journal, ONE, nonce="n1", number=2, replaces=crid, at=LATER)
    assert journal.attempt(crid).superseded_at == LATER
    assert journal.attempt(crid).state is state
    assert journal.attempt(new).state is State.INTENT


def test_a_replacement_that_cannot_be_written_leaves_the_old_one_standing(
    journal: Journal, sql: sqlite3.Connection
):
    crid = store(journal, ONE, "g1")
    taken = intend(journal, TWO)
    before = transitions(sql)
    with pytest.raises(JournalDamaged):
        intend(journal, ONE, number=2, replaces=crid, client_request_id=taken)
    assert journal.attempt(crid).superseded_at is None
    assert transitions(sql) == before
    intend(journal, ONE, nonce="n1", number=2, replaces=crid)


@pytest.mark.parametrize(
    "state", [State.INTENT, State.SUBMITTED, State.READY, State.IN_DOUBT, State.PLANNED]
)
def test_what_is_under_way_cannot_be_replaced(journal: Journal, state: State):
    crid = bring_to(journal, state)
    with pytest.raises(JournalDamaged, match="cannot be replaced"):
        intend(journal, ONE, nonce="n1", number=2, replaces=crid)
    assert journal.attempt(crid).superseded_at is None
    assert len(journal.attempts()) == 1


def test_an_attempt_is_replaced_once(journal: Journal):
    crid = store(journal, ONE, "g1")
    second = intend(journal, ONE, nonce="n1", number=2, replaces=crid)
    journal.record_state(second, State.FAILED, at=AT, reason=None)
    with pytest.raises(JournalDamaged, match="cannot be replaced"):
        intend(journal, ONE, nonce="n2", number=3, replaces=crid)


# --- what the file is ---


def test_commits_are_flushed_to_the_disk(journal: Journal, sql: sqlite3.Connection):
    own = journal._db
    assert own.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert own.execute("PRAGMA synchronous").fetchone()[0] == 2  # FULL
    assert sql.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_every_table_is_strict_and_states_are_checked(journal: Journal, sql: sqlite3.Connection):
    tables = sql.execute("PRAGMA table_list").fetchall()
    own = [row for row in tables if not row["name"].startswith("sqlite_")]
    assert {row["name"] for row in own} == {
        "identity",
        "attempts",
        "transitions",
        "publications",
        "locks",
        "lock_shares",
        "handover_files",
        "measurements",
        "known_albums",
    }
    assert all(row["strict"] for row in own)
    intend(journal, ONE)
    for statement in (
        "UPDATE attempts SET reserved_microusd = 0.195",
        "UPDATE attempts SET reserved_microusd = -1",
        "UPDATE attempts SET state = 'superseded'",
        "UPDATE attempts SET state = 'submitted'",
        "UPDATE attempts SET state = 'stored', generation_id = 'g'",
        "UPDATE attempts SET digest = 'short'",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            sql.execute(statement)


def test_a_journal_has_a_name_of_its_own_that_stays(tmp_path: Path):
    names = []
    for _ in range(2):
        with contextlib.closing(open_at(tmp_path)) as journal:
            names.append(journal.id)
    assert names[0] == names[1]
    (tmp_path / "other").mkdir()
    with contextlib.closing(open_at(tmp_path / "other")) as other:
        assert other.id != names[0]


def test_a_new_journal_is_migrated_and_an_old_one_is_left_alone(
    journal: Journal, sql: sqlite3.Connection, tmp_path: Path
):
    assert sql.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
    crid = intend(journal, ONE)
    with contextlib.closing(open_at(tmp_path)) as again:
        assert again.attempt(crid).state is State.INTENT


def test_an_older_journal_is_read_as_it_is_and_migrated_when_it_is_written(tmp_path: Path):
    open_at(tmp_path).close()
    with contextlib.closing(sqlite3.connect(tmp_path / FILE_NAME)) as db:
        for table in (
            "handover_files", "locks", "lock_shares", "measurements", "known_albums",
        ):  # fmt: skip
            db.execute(f"DROP TABLE {table}")
        db.execute("PRAGMA user_version=1")
    older = read_journal(tmp_path)
    assert older is not None
    with contextlib.closing(older):
        assert older.handover_records("outputs") == ()
        assert older.measurements() == {}
        assert older.known_albums() == {}
        assert older.form == 1
    with contextlib.closing(open_at(tmp_path)) as journal:
        journal.put_handover_records("outputs", [RECORD])
        assert journal.handover_records("outputs") == (RECORD,)
        journal.put_lock_path("album", "../manifests/album.lock.json")
        assert journal.lock_paths() == {"album": "../manifests/album.lock.json"}


def test_hand_over_files_are_remembered_for_one_outputs_folder_and_forgotten(journal: Journal):
    written = replace(RECORD, mtime_ns=5)
    second = replace(RECORD, path="album/album.m3u8")
    journal.put_handover_records("outputs", [RECORD, second])
    journal.put_handover_records("outputs", [written])
    assert journal.handover_records("outputs") == (written, second)
    assert journal.handover_records("elsewhere") == ()
    journal.drop_handover_record("outputs", second.path)
    assert journal.handover_records("outputs") == (written,)


def test_what_a_manifest_said_last_is_remembered_by_album(journal: Journal):
    journal.put_known_albums({"one": {"title": "One"}, "two": {"title": "Two"}})
    journal.put_known_albums({"two": {"title": "Two or Three"}})
    assert journal.known_albums() == {"one": {"title": "One"}, "two": {"title": "Two or Three"}}


def test_what_was_measured_is_kept_by_checksum(journal: Journal):
    silence = measurement_document(Measurement(is_decodable=True, milliseconds=500))
    journal.put_measurements({checksum("one"): silence})
    assert journal.measurements() == {checksum("one"): silence}


def test_a_later_version_of_a_measurement_is_not_lost_to_an_earlier_one(journal: Journal):
    ours = measurement_document(Measurement(is_decodable=True))
    later = {"version": MEASURER_VERSION + 1, "wider": [1, 2]}
    for document in (ours, later, ours):
        journal.put_measurements({checksum("one"): document})
    assert journal.measurements() == {checksum("one"): later}


def test_all_journals_keep_the_same_of_two_measurements(tmp_path: Path):
    documents = [
        measurement_document(Measurement(is_decodable=True, true_peak=Decimal(peak)))
        for peak in ("0.500001", "0.500000")
    ]
    kept = []
    for name, order in (("a", documents), ("b", documents[::-1])):
        (tmp_path / name).mkdir()
        with contextlib.closing(open_at(tmp_path / name)) as journal:
            for document in order:
                journal.put_measurements({checksum("one"): document})
            kept.append(journal.measurements())
    assert kept[0] == kept[1]


def test_what_is_no_measurement_is_not_kept(journal: Journal):
    good = measurement_document(Measurement(is_decodable=True))
    bad = {**good, "true_peak": "1e9"}
    journal.put_measurements({checksum("a"): good, checksum("b"): bad, checksum("c"): {}})
    assert journal.measurements() == {checksum("a"): good}


def test_what_a_killed_migration_left_is_no_reason_to_fail(tmp_path: Path):
    sqlite3.connect(tmp_path / FILE_NAME).close()
    (tmp_path / FILE_NAME).write_bytes(b"")
    assert read_journal(tmp_path) is None
    with contextlib.closing(open_at(tmp_path)) as journal:
        assert journal.attempts() == ()


def test_a_journal_of_a_newer_songmake_is_refused(tmp_path: Path):
    open_at(tmp_path).close()
    with contextlib.closing(sqlite3.connect(tmp_path / FILE_NAME)) as db:
        db.execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    for opening in (open_at, read_journal):
        with pytest.raises(JournalDamaged, match="written by a newer songmake"):
            opening(tmp_path)


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path):
    path = tmp_path / FILE_NAME
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(JournalDamaged, match="another program's database"):
        open_at(tmp_path)
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert [row[0] for row in db.execute("SELECT name FROM sqlite_schema")] == ["recipes"]


@pytest.mark.parametrize("content", [b"not a database at all, but text" * 100, b"\x00" * 5000])
def test_a_file_that_is_no_journal_is_damaged_and_kept(tmp_path: Path, content: bytes):
    path = tmp_path / FILE_NAME
    path.write_bytes(content)
    for opening in (open_at, read_journal):
        with pytest.raises(JournalDamaged, match="the journal is damaged") as caught:
            opening(tmp_path)
        assert caught.value.exit_code == 7
        assert caught.value.hint is not None
        assert "restore journal.sqlite3" in caught.value.hint
    assert path.read_bytes() == content


def test_a_page_of_garbage_in_the_middle_is_found_on_opening(tmp_path: Path):
    with contextlib.closing(open_at(tmp_path)) as journal:
        for take in takes(40):
            intend(journal, take)
    path = tmp_path / FILE_NAME
    whole = path.read_bytes()
    middle = len(whole) // 2 // 4096 * 4096
    path.write_bytes(whole[:middle] + b"\xff" * 4096 + whole[middle + 4096 :])
    for opening in (open_at, read_journal):
        with pytest.raises(JournalDamaged):
            opening(tmp_path)


def test_a_journal_that_was_cut_short_is_found_on_opening(tmp_path: Path):
    with contextlib.closing(open_at(tmp_path)) as journal:
        for take in takes(40):
            intend(journal, take)
    path = tmp_path / FILE_NAME
    path.write_bytes(path.read_bytes()[: 5 * 4096])
    with pytest.raises(JournalDamaged):
        open_at(tmp_path)


def test_a_folder_that_cannot_be_written_is_no_damage(tmp_path: Path):
    missing = tmp_path / "nowhere"
    with pytest.raises(StorageFull, match="cannot write the journal"):
        open_at(missing)
    assert not missing.exists()


def test_reading_creates_nothing(tmp_path: Path):
    assert read_journal(tmp_path / "nowhere") is None
    assert read_journal(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_a_reader_cannot_write(journal: Journal, tmp_path: Path):
    crid = intend(journal, ONE)
    reader = read_journal(tmp_path)
    assert reader is not None
    with contextlib.closing(reader):
        assert reader.attempt(crid).state is State.INTENT
        with pytest.raises(StorageFull):
            reader.record_state(crid, State.FAILED, at=AT, reason=None)
    assert journal.attempt(crid).state is State.INTENT


# --- publications ---


def publication(path: str, *, mtime_ns: int | None = 1) -> Publication:
    return Publication(
        path=path,
        ref=ONE.ref,
        provider=Provider.AIMLAPI,
        digest=ONE.digest,
        recipe="r",
        checksum=checksum("x"),
        size_bytes=3,
        mtime_ns=mtime_ns,
    )


def test_files_are_remembered_for_each_outputs_folder_alone(journal: Journal):
    for path in ("album/02-b.mp3", "album/01-a.mp3"):
        journal.put_publication("../outputs", publication(path))
    found = journal.publications("../outputs")
    assert [one.path for one in found] == ["album/01-a.mp3", "album/02-b.mp3"]
    assert journal.publication("../outputs", "album/01-a.mp3") == found[0]
    assert journal.publications("../elsewhere") == ()
    journal.drop_publication("../outputs", "album/01-a.mp3")
    assert journal.publication("../outputs", "album/01-a.mp3") is None


def test_a_file_counts_as_published_once_it_lies_there(journal: Journal):
    journal.put_publication("../outputs", publication("album/01-a.mp3", mtime_ns=None))
    assert journal.published_digests() == frozenset()
    journal.put_publication("../outputs", publication("album/01-a.mp3"))
    assert journal.published_digests() == {ONE.digest}


# --- two processes ---

WRITER = """
import sys
from pathlib import Path
from pipeline.errors import JournalDamaged
from tests.adapters.journals import intend, open_at, takes
journal = open_at(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.readline()
won = 0
for take in takes(25):
    try:
        intend(journal, take, nonce=sys.argv[2])
        won += 1
    except JournalDamaged as error:
        assert "UNIQUE" in str(error), error
journal.close()
print(won)
"""


def test_two_processes_buy_each_digest_once_between_them(tmp_path: Path):
    open_at(tmp_path).close()
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), nonce],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for nonce in ("left", "right")
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "open\n"
    outs = []
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        out, _ = writer.communicate(timeout=30)
        assert writer.returncode == 0
        outs.append(int(out))
    assert sum(outs) == 25
    reader = read_journal(tmp_path)
    assert reader is not None
    with contextlib.closing(reader):
        assert len(reader.attempts()) == 25


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.adapters.journals import intend, open_at, takes
journal = open_at(Path(sys.argv[1]))
one, two = takes(2)
intend(journal, one)
with journal._transaction():
    journal._run("set_state", {"client_request_id": journal.attempts()[0].client_request_id,
                               "state": "lost", "error": "half done"})
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_process_leaves_what_it_committed_and_nothing_else(tmp_path: Path):
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
        timeout=30,
    )
    assert ended.returncode == -9
    with contextlib.closing(open_at(tmp_path)) as journal:
        (attempt,) = journal.attempts()
        assert (attempt.state, attempt.error) == (State.INTENT, None)


def test_a_writer_that_holds_the_file_for_a_moment_is_waited_for(journal: Journal, tmp_path: Path):
    blocker = subprocess.Popen(
        [
            sys.executable,
            "-S",
            "-c",
            "import sqlite3, sys, time\n"
            "db = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
            "db.execute('BEGIN IMMEDIATE')\nprint('held', flush=True)\ntime.sleep(0.3)\n"
            "db.execute('COMMIT')\ndb.close()\n",
            str(tmp_path / FILE_NAME),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert blocker.stdout is not None
    assert blocker.stdout.readline() == "held\n"
    began_s = time.monotonic()
    intend(journal, ONE)
    assert time.monotonic() - began_s > 0.1
    assert blocker.wait(10) == 0
    blocker.stdout.close()


def test_errors_of_the_database_are_errors_of_songmake(journal: Journal):
    journal._db.execute("DROP TABLE publications")
    with pytest.raises(SongmakeError):
        journal.publications("../outputs")


def test_opening_twice_at_once_makes_one_journal(tmp_path: Path):
    with (
        contextlib.closing(open_journal(tmp_path, at=AT)) as first,
        contextlib.closing(open_journal(tmp_path, at=LATER)) as second,
    ):
        assert first.id == second.id
