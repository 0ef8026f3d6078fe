import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.adapters.journal.sqlite import Journal
from pipeline.adapters.journal.writer import JournalWriter
from pipeline.adapters.lock_file import LockFile
from pipeline.core.lock.joining import Arrivals
from pipeline.core.purchase.attempt import Attempt, State
from pipeline.core.wanted.album import Album, AlbumId
from pipeline.errors import JournalDamaged, LockDamaged, StorageFull
from pipeline.runner.locks.keeping import LockKeeper, kept_locks
from pipeline.runner.locks.reading import FoundLock, FoundLocks
from pipeline.runner.workspace import Folders, Workspace
from tests.adapters.journals import AT, LATER, intend, open_at, store, submit, takes
from tests.builders import PROFILE, a_request, a_song, an_album, takes_of
from tests.core.test_lock_document import JOURNAL

ONE, TWO = takes(2)
ALBUM = an_album(
    [a_song(f"s{n}", number=n, request=a_request(prompt=f"waltz number {n}")) for n in (1, 2)]
)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with closing(open_at(tmp_path)) as opened:
        yield opened


def found_at(folder: Path) -> FoundLocks:
    file = LockFile(folder / "album.lock.json")
    return FoundLocks(found=(FoundLock(album=AlbumId("album"), file=file, lock=file.read()),))


def workspace_at(folder: Path, album: Album = ALBUM) -> Workspace:
    return Workspace(
        albums=(album,),
        takes=takes_of(album),
        folders=Folders(state=folder, outputs=folder / "outputs"),
        profiles={PROFILE.key: PROFILE},
    )


@pytest.fixture
def keeper(journal: Journal, tmp_path: Path) -> Iterator[LockKeeper]:
    """At work on an album without a lock so far."""
    with kept_locks(journal, tmp_path, workspace_at(tmp_path), found_at(tmp_path)) as opened:
        opened.begin()
        yield opened


def told(folder: Path) -> list[Attempt]:
    """What the file says now."""
    return list(found_at(folder).told)


def test_every_change_of_the_journal_reaches_the_file(
    journal: Journal, keeper: LockKeeper, tmp_path: Path
):
    store(journal, ONE, "g1")
    submit(journal, TWO, "g2", nonce="n2")
    keeper.flush()
    assert [(one.ref.song, one.state) for one in told(tmp_path)] == [
        ("s1", State.STORED),
        ("s2", State.SUBMITTED),
    ]


def test_an_attempt_that_is_sent_again_has_one_line_under_its_new_name(
    journal: Journal, keeper: LockKeeper, tmp_path: Path
):
    first = intend(journal, ONE, nonce="n1")
    journal.record_planned(first, at=AT, reason="HTTP 429")
    keeper.flush()
    assert [one.error for one in told(tmp_path)] == ["HTTP 429"]
    second = intend(journal, ONE, nonce="n2")
    keeper.flush()
    assert [one.client_request_id for one in told(tmp_path)] == [second]


def test_a_secured_intent_is_on_disk_at_once(journal: Journal, keeper: LockKeeper, tmp_path: Path):
    crid = intend(journal, ONE)
    asyncio.run(keeper.secure(crid))
    (line,) = told(tmp_path)
    assert (line.client_request_id, line.state) == (crid, State.INTENT)


def test_an_intent_that_cannot_be_secured_is_an_error_and_a_later_one_is_tried(
    journal: Journal, keeper: LockKeeper, tmp_path: Path
):
    obstacle = tmp_path / ".album.lock.json.part"
    obstacle.mkdir()
    with pytest.raises(StorageFull, match="cannot write the lock file"):
        asyncio.run(keeper.secure(intend(journal, ONE)))
    with pytest.raises(StorageFull):
        keeper.flush()
    obstacle.rmdir()
    asyncio.run(keeper.secure(intend(journal, TWO, nonce="n2")))
    assert len(told(tmp_path)) == 2


def test_nothing_is_written_before_a_command_may_begin(journal: Journal, tmp_path: Path):
    """A run that is refused must not overwrite a lock that it has not understood."""
    with kept_locks(journal, tmp_path, workspace_at(tmp_path), found_at(tmp_path)):
        store(journal, ONE, "g1")
    assert not (tmp_path / "album.lock.json").exists()


def test_an_album_without_attempts_gets_no_file(keeper: LockKeeper, tmp_path: Path):
    keeper.flush()
    assert not (tmp_path / "album.lock.json").exists()


def test_the_thread_ends_with_the_command(journal: Journal, tmp_path: Path):
    before = threading.active_count()
    with kept_locks(journal, tmp_path, workspace_at(tmp_path), found_at(tmp_path)) as keeper:
        keeper.begin()
        store(journal, ONE, "g1")
    assert threading.active_count() == before
    assert len(told(tmp_path)) == 1


def test_a_lock_that_no_manifest_names_follows_where_it_was_last(journal: Journal, tmp_path: Path):
    with kept_locks(journal, tmp_path, workspace_at(tmp_path), found_at(tmp_path)) as keeper:
        keeper.begin()
        crid = submit(journal, ONE, "g1")
    with kept_locks(journal, tmp_path, None, FoundLocks()) as keeper:
        keeper.begin()
        journal.record_state(crid, State.LOST, at=LATER, reason="settled")
        keeper.flush()
    assert [one.state for one in told(tmp_path)] == [State.LOST]


def test_a_lock_that_no_manifest_names_and_that_knows_more_is_left_alone(
    journal: Journal, tmp_path: Path
):
    with kept_locks(journal, tmp_path, workspace_at(tmp_path), found_at(tmp_path)) as keeper:
        keeper.begin()
        crid = submit(journal, ONE, "g1")
    path = tmp_path / "album.lock.json"
    path.write_text(path.read_text(encoding="utf-8").replace(crid, "sm1.other"), encoding="utf-8")
    before = path.read_bytes()
    with kept_locks(journal, tmp_path, None, FoundLocks()) as keeper:
        keeper.begin()
        journal.record_state(crid, State.LOST, at=LATER, reason="settled")
        keeper.flush()
        (note,) = keeper.notes
    assert path.read_bytes() == before
    assert isinstance(note, LockDamaged)
    assert note.hint == f"songmake report --import {path}"


def test_another_journals_name_stays_until_it_is_taken_over(journal: Journal, tmp_path: Path):
    with kept_locks(journal, tmp_path, workspace_at(tmp_path), found_at(tmp_path)) as keeper:
        keeper.begin()
        crid = submit(journal, ONE, "g1")
    path = tmp_path / "album.lock.json"
    path.write_text(path.read_text("utf-8").replace(journal.id, JOURNAL), encoding="utf-8")
    for is_taking_over in (False, True):
        found = found_at(tmp_path)
        with kept_locks(journal, tmp_path, workspace_at(tmp_path), found) as keeper:
            keeper.begin(is_taking_over=is_taking_over)
            if not is_taking_over:
                journal.record_ready(crid, at=LATER)
        lock = found_at(tmp_path).found[0].lock
        assert lock is not None
        assert lock.journal == (journal.id if is_taking_over else JOURNAL)
        assert [one.state for one in lock.attempts] == [State.READY]


def test_what_was_shared_once_stays_in_the_lock(journal: Journal, tmp_path: Path):
    """A purchase of another album, for a song that this one has changed since."""
    other = an_album([a_song("old", request=a_request(prompt="waltz number 1"))], id="other")
    with kept_locks(journal, tmp_path, workspace_at(tmp_path), found_at(tmp_path)) as keeper:
        keeper.begin()
        store(journal, takes_of(other)[0], "g1")
    before = (tmp_path / "album.lock.json").read_bytes()
    changed = an_album([a_song("s1", request=a_request(prompt="something else"))])
    (tmp_path / "album.lock.json").unlink()
    workspace = workspace_at(tmp_path, changed)
    with kept_locks(journal, tmp_path, workspace, found_at(tmp_path)) as keeper:
        keeper.begin()
    assert (tmp_path / "album.lock.json").read_bytes() == before
    assert [str(one.ref) for one in told(tmp_path)] == ["other/old#1"]


def test_no_purchase_is_secured_before_it_is_remembered_who_shares_it(
    journal: Journal, tmp_path: Path
):
    other = an_album([a_song("old", request=a_request(prompt="waltz number 1"))], id="other")
    may_write = asyncio.Event()

    async def secured(keeper: LockKeeper) -> None:
        async with JournalWriter(journal) as writer:

            async def write(what: Callable[[Journal], None]) -> None:
                await may_write.wait()
                await writer.write(what)

            async with keeper.writing_through(write):
                (shared,) = takes_of(other)
                crid = await writer.write(lambda journal: intend(journal, shared))
                securing = asyncio.create_task(keeper.secure(crid))
                while not told(tmp_path):  # noqa: ASYNC110 - it is on disk when it is there
                    await asyncio.sleep(0.01)
                was_early = securing.done() or journal.lock_shares()
                may_write.set()
                await securing
            assert not was_early
            assert journal.lock_shares() == {("album", shared.digest)}

    with kept_locks(journal, tmp_path, workspace_at(tmp_path), found_at(tmp_path)) as keeper:
        keeper.begin()
        asyncio.run(secured(keeper))


def test_taking_in_what_a_lock_knows_is_all_or_nothing(journal: Journal, tmp_path: Path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with closing(open_at(elsewhere)) as there:
        crids = [store(there, ONE, "g1"), store(there, TWO, "g2", nonce="n2")]
        first, second = (there.attempt(crid) for crid in crids)
    clash = Arrivals(new=(first, second, first))
    with pytest.raises(JournalDamaged, match="UNIQUE"):
        journal.take_in(clash, at=LATER)
    assert journal.attempts() == ()
    journal.take_in(Arrivals(new=(first, second)), at=LATER)
    assert journal.attempts() == (first, second)
