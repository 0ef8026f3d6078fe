"""A large lock: intents are added beside it, and it is not written whole for each."""

import asyncio
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.adapters import lock_file
from pipeline.adapters.lock_file import LockFile
from pipeline.core.purchase.attempt import State
from pipeline.errors import LockDamaged
from pipeline.runner.locks.keeping import kept_locks
from pipeline.runner.locks.lines import KeptLock
from pipeline.runner.locks.mending import LockMender
from tests.adapters.journals import AT, intend, open_at, submit, takes
from tests.runner.test_lock_keeping import ALBUM, found_at, told, workspace_at

ONE, TWO = takes(2)


@pytest.fixture(autouse=True)
def every_lock_is_large(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lock_file, "TAIL_FROM_BYTES", 1)


def buy_two_and_die(folder: Path) -> None:
    """One is in the lock; of two, only the intent is secured before the process is gone."""
    with closing(open_at(folder)) as journal:
        lock = KeptLock("album", LockFile(folder / "album.lock.json"), None, journal=journal.id)
        lock.put(journal.attempt(submit(journal, ONE, "g1", nonce="n1")))
        lock.urge()
        lock.write()
        crid = intend(journal, TWO, nonce="n2")
        lock.put(journal.attempt(crid))
        lock.urge(crid)
        lock.write()


def buy_two(folder: Path) -> None:
    with (
        closing(open_at(folder)) as journal,
        kept_locks(journal, folder, workspace_at(folder), found_at(folder)) as keeper,
    ):
        keeper.begin()
        submit(journal, ONE, "g1", nonce="n1")
        keeper.flush()
        asyncio.run(keeper.secure(intend(journal, TWO, nonce="n2")))
        assert [one.ref.song for one in told(folder)] == ["s1", "s2"]


def tail_of(folder: Path) -> Path:
    return folder / "album.lock.json.tail"


def without_two(folder: Path) -> str:
    text = (folder / "album.lock.json").read_text()
    assert '"s2"' not in text
    return text


def test_an_intent_is_on_disk_beside_a_large_lock_that_is_not_written_again(tmp_path: Path):
    buy_two_and_die(tmp_path)
    without_two(tmp_path)
    assert tail_of(tmp_path).read_text().count("\n") == 2
    states = [(one.ref.song, one.state) for one in told(tmp_path)]
    assert states == [("s1", State.SUBMITTED), ("s2", State.INTENT)]


def test_a_run_that_ends_leaves_one_file_that_tells_of_everything(tmp_path: Path):
    buy_two(tmp_path)
    assert not tail_of(tmp_path).exists()
    assert [one.ref.song for one in told(tmp_path)] == ["s1", "s2"]


def test_the_next_command_folds_in_what_a_killed_run_had_added(tmp_path: Path):
    buy_two_and_die(tmp_path)
    with (
        closing(open_at(tmp_path)) as journal,
        kept_locks(journal, tmp_path, workspace_at(tmp_path), found_at(tmp_path)) as keeper,
    ):
        keeper.begin()
    assert not tail_of(tmp_path).exists()
    assert [one.ref.song for one in told(tmp_path)] == ["s1", "s2"]


def test_what_the_lock_tells_of_an_attempt_prevails_over_what_was_added(tmp_path: Path):
    buy_two_and_die(tmp_path)
    added = tail_of(tmp_path).read_bytes()
    with (
        closing(open_at(tmp_path)) as journal,
        kept_locks(journal, tmp_path, workspace_at(tmp_path), found_at(tmp_path)) as keeper,
    ):
        keeper.begin()
        two = next(each for each in journal.attempts() if each.ref.song == "s2")
        journal.record_state(two.client_request_id, State.REJECTED, at=AT, reason="no")
    tail_of(tmp_path).write_bytes(added)
    assert [one.state for one in told(tmp_path)] == [State.SUBMITTED, State.REJECTED]


def test_half_a_line_was_never_sent_and_a_spoilt_one_stops_buying(tmp_path: Path):
    buy_two_and_die(tmp_path)
    whole = tail_of(tmp_path).read_text()
    tail_of(tmp_path).write_text(f'{whole}{{"attempt":{{"so')
    assert [one.ref.song for one in told(tmp_path)] == ["s1", "s2"]
    tail_of(tmp_path).write_text(whole.rstrip("\n"))
    assert [one.ref.song for one in told(tmp_path)] == ["s1", "s2"]
    tail_of(tmp_path).write_text(whole.replace('"intent"', '"intended"'))
    with pytest.raises(LockDamaged, match=r"album\.lock\.json:2: state cannot be"):
        LockFile(tmp_path / "album.lock.json").read()


def test_a_lock_reads_the_same_whether_its_requests_are_held_or_made_anew(tmp_path: Path):
    with closing(open_at(tmp_path)) as journal:
        bought = journal.attempt(submit(journal, ONE, "g1", nonce="n1"))
        file = LockFile(tmp_path / "album.lock.json")
        texts = set()
        for wanted in ({}, {ONE.digest: ONE}):
            lock = KeptLock("album", file, None, journal=journal.id, wanted=wanted)
            lock.put(bought)
            texts.add(lock.text())
    assert len(texts) == 1
    assert ONE.identity_json in texts.pop()


def test_a_tail_whose_lock_is_gone_still_stops_buying(tmp_path: Path):
    buy_two_and_die(tmp_path)
    (tmp_path / "album.lock.json").unlink()
    with pytest.raises(LockDamaged, match=r"is gone, and album\.lock\.json\.tail"):
        found_at(tmp_path)


def test_a_lock_that_somebody_removes_meanwhile_is_written_whole(tmp_path: Path):
    with closing(open_at(tmp_path)) as journal:
        lock = KeptLock("album", LockFile(tmp_path / "album.lock.json"), None, journal=journal.id)
        lock.put(journal.attempt(submit(journal, ONE, "g1", nonce="n1")))
        lock.write()
        (tmp_path / "album.lock.json").unlink()
        crid = intend(journal, TWO, nonce="n2")
        lock.put(journal.attempt(crid))
        lock.urge(crid)
        lock.write()
    assert not tail_of(tmp_path).exists()
    assert [one.ref.song for one in told(tmp_path)] == ["s1", "s2"]


def test_mending_that_a_spoilt_tail_forbids_leaves_no_copies(tmp_path: Path):
    buy_two_and_die(tmp_path)
    tail_of(tmp_path).write_text("spoilt\n")
    file = LockFile(tmp_path / "album.lock.json")
    with pytest.raises(LockDamaged) as damage:
        file.read()
    with pytest.raises(LockDamaged, match="expecting value"):
        LockMender("a journal")(ALBUM, file, damage.value)
    assert not list(tmp_path.glob("*.damaged-*"))
