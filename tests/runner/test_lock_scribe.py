import threading
from concurrent.futures import Future
from concurrent.futures import wait as wait_for

import pytest

from pipeline.runner.locks.scribe import LockScribe


class Slow:
    """A disk whose writes end when the test says so; it counts them and how many overlap."""

    def __init__(self) -> None:
        self.writes: list[str] = []
        self.at_once = 0
        self.most_at_once = 0
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Semaphore(0)

    def write(self, name: str) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.begun.release()
        assert self.may_end.acquire(timeout=10)
        self.writes.append(name)
        self.at_once -= 1


def test_what_comes_while_a_write_is_under_way_shares_the_next():
    disk = Slow()
    scribe = LockScribe(disk.write)
    first = scribe.urge("album")
    assert disk.begun.acquire(timeout=10)
    later = [scribe.urge("album") for _ in range(100)]
    for _ in range(100):
        scribe.note("album")
    assert not first.done()
    disk.may_end.release(2)
    done, waiting = wait_for([first, *later], timeout=10)
    scribe.close()
    assert (len(done), len(waiting)) == (101, 0)
    assert (disk.writes, disk.most_at_once) == (["album", "album"], 1)


def test_an_urgent_write_is_not_done_before_it_is_on_disk():
    disk = Slow()
    scribe = LockScribe(disk.write)
    written = scribe.urge("album")
    assert disk.begun.acquire(timeout=10)
    assert not written.done()
    disk.may_end.release()
    assert written.result(timeout=10) is None
    scribe.close()


def test_what_the_disk_refuses_reaches_whoever_waits_and_the_next_write_is_tried():
    answers: list[OSError | None] = [OSError("full"), None]

    def write(name: str) -> None:
        answer = answers.pop(0)
        if answer is not None:
            raise answer

    scribe = LockScribe(write)
    with pytest.raises(OSError, match="full"):
        scribe.urge("album").result(timeout=10)
    assert scribe.urge("album").result(timeout=10) is None
    scribe.close()
    assert answers == []


def test_closing_waits_for_what_was_noted():
    written: list[str] = []
    scribe = LockScribe(written.append)
    for name in ("one", "two", "one"):
        scribe.note(name)
    scribe.close()
    assert set(written) == {"one", "two"}


def test_a_scribe_without_work_starts_no_thread():
    before = threading.active_count()
    scribe = LockScribe(lambda name: None)
    assert threading.active_count() == before
    scribe.close()


def test_names_are_written_apart():
    failed: list[Future[None]] = []

    def write(name: str) -> None:
        if name == "spoilt":
            raise OSError("read-only")

    scribe = LockScribe(write)
    failed.append(scribe.urge("spoilt"))
    assert scribe.urge("album").result(timeout=10) is None
    with pytest.raises(OSError, match="read-only"):
        failed[0].result(timeout=10)
    scribe.close()
