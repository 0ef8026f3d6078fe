"""Several runs in one project: one works, the others say whose turn it is and touch nothing."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import ExitCode
from tests.builders import songs
from tests.command import Ended
from tests.crash.scene import Scene, ended, kill_9, signalled, tree


def say_who_works(lost: Ended, pid: int) -> None:
    assert lost.code == 4, lost.said
    assert str(pid) in lost.err
    assert socket.gethostname() in lost.err
    assert lost.out == ""


def settled_tree(folder: Path) -> dict[str, str]:
    """The files of a run that only waits: its lock file is written a moment after the journal."""
    seen, now = None, tree(folder)
    while seen != now:
        time.sleep(0.3)
        seen, now = now, tree(folder)
    return now


@pytest.mark.parametrize("others", [1, 5])
def test_while_one_run_works_the_others_name_it_and_change_nothing(
    scene: Scene, others: int
) -> None:
    scene.manifest(songs(1))
    assert scene.render_here() == ExitCode.OK
    scene.manifest(songs(3))
    scene.vendor.set(seconds=300.0)
    holder = scene.start_and_wait(lambda ledger: len(ledger.accepted) == 3 and ledger.polls >= 8)
    before = settled_tree(scene.project)

    late = [scene.start() for _ in range(others)]
    lost = [ended(running, within_s=30) for running in late]

    for one in lost:
        say_who_works(one, holder.pid)
    assert tree(scene.project) == before
    assert scene.ledger.posts == 3
    assert signalled(holder, signal.SIGTERM).code == 143
    scene.vendor.set(seconds=0.0)
    assert scene.render_here() == ExitCode.OK
    assert scene.ledger.posts == 3


@pytest.mark.parametrize("count", [2, 6])
def test_of_runs_that_start_together_one_works(scene: Scene, count: int) -> None:
    scene.manifest(songs(4))
    scene.vendor.set(seconds=300.0)
    started = [scene.start("--jobs", "8") for _ in range(count)]
    wait_until(lambda: sum(running.poll() is None for running in started) <= 1)
    scene.vendor.set(seconds=0.0)
    ends = [ended(running, within_s=60) for running in started]

    assert sorted(one.code for one in ends) == [0] + [4] * (count - 1)
    winner = next(run.pid for run, one in zip(started, ends, strict=True) if one.code == 0)
    for one in ends:
        if one.code == 4:
            say_who_works(one, winner)
    assert len(scene.ledger.accepted) == 4
    assert scene.songmake.document("summary.json")["exit_code"] == 0
    scene.assert_nothing_was_bought_twice()


def test_settle_and_report_wait_for_their_turn_too(scene: Scene) -> None:
    path = scene.manifest(songs(1))
    scene.vendor.set(seconds=300.0)
    holder = scene.start_and_wait(lambda ledger: ledger.polls >= 1)

    say_who_works(scene.songmake("settle", "song-1#1", "--not-charged"), holder.pid)
    say_who_works(scene.songmake("report", str(path)), holder.pid)

    kill_9(holder)


def test_looking_does_not_need_a_turn(scene: Scene) -> None:
    scene.manifest(songs(1))
    scene.vendor.set(seconds=300.0)
    holder = scene.start_and_wait(lambda ledger: ledger.polls >= 1)

    for command in ("plan", "status"):
        looked = scene.songmake(command)
        assert looked.code == 0, looked.said
        assert "submitted" in looked.out

    kill_9(holder)


def test_a_killed_run_leaves_no_lock_behind(scene: Scene) -> None:
    scene.manifest(songs(2))
    scene.vendor.set(seconds=300.0)
    holder = scene.start_and_wait(lambda ledger: ledger.polls >= 2)
    kill_9(holder)
    lock = scene.project / ".songmake/run.lock"
    assert str(holder.pid) in lock.read_text(encoding="utf-8")
    scene.vendor.set(seconds=0.0)

    ended = scene.render()

    assert ended.code == 0, ended.said
    assert scene.ledger.posts == 2


def test_projects_do_not_wait_for_each_other(scene: Scene) -> None:
    scene.manifest(songs(1))
    elsewhere = make_project(scene.project / "elsewhere")
    neighbour = Scene(project=elsewhere, vendor=scene.vendor)
    neighbour.manifest(songs(1), name="other")
    scene.vendor.set(seconds=300.0)
    holder = scene.start_and_wait(lambda ledger: ledger.polls >= 1)

    assert neighbour.render("--no-wait").code == 6

    kill_9(holder)


def wait_until(is_met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_met() and time.monotonic() < deadline:
        time.sleep(0.01)


def make_project(folder: Path) -> Path:
    (folder / ".git").mkdir(parents=True)
    return folder
