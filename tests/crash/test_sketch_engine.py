"""The embedded engine lives exactly as long as the run that started it."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builders import songs, write_manifest
from tests.command import Songmake
from tests.crash.scene import JOURNAL, attempts_in, is_alive, kill_9, signalled

DEATH_S = 8.0  # three seconds, on a machine with nothing else to do
START_S = 60.0


@pytest.fixture
def sketches(project: Path) -> Songmake:
    write_manifest(project, songs(3), provider="sketch")
    return Songmake(project=project, environment={})


def descendants(pid: int) -> frozenset[int]:
    """Every process that descends from that one."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except FileNotFoundError:
        return frozenset()
    children = {int(word) for word in text.split()}
    return frozenset(children.union(*(descendants(child) for child in children)))


def wait_until(is_met: Callable[[], bool], *, within_s: float, what: str) -> None:
    deadline = time.monotonic() + within_s
    while not is_met():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def has_begun(running: subprocess.Popen[str], project: Path) -> bool:
    """Whether the engine has taken a request."""
    assert running.poll() is None, "it ended before it began"
    return any(row["state"] != "intent" for row in attempts_in(project / JOURNAL))


def test_no_engine_outlives_a_killed_run_and_the_next_run_finishes(sketches: Songmake) -> None:
    running = sketches.start("render", "--poll-interval", "0.1")
    try:
        wait_until(
            lambda: has_begun(running, sketches.project), within_s=START_S, what="it never began"
        )
        engine = descendants(running.pid)
        assert engine, "no engine was started"
    finally:
        kill_9(running)

    wait_until(
        lambda: not any(is_alive(pid) for pid in engine),
        within_s=DEATH_S,
        what="the engine has outlived its run",
    )
    again = sketches("render", "--poll-interval", "0.1", timeout_s=120)
    assert again.code == 0, again.said
    assert set(sketches.states().values()) == {"published"}
    assert sketches.report()["totals"]["charged_usd"] == "0.000000"


def test_a_signal_ends_the_engine_with_its_run(sketches: Songmake) -> None:
    running = sketches.start("render", "--poll-interval", "0.1")
    try:
        wait_until(
            lambda: has_begun(running, sketches.project), within_s=START_S, what="it never began"
        )
        engine = descendants(running.pid)
        stopped = signalled(running, signal.SIGINT)
    finally:
        kill_9(running)

    assert stopped.code == 130, stopped.said
    wait_until(
        lambda: not any(is_alive(pid) for pid in engine),
        within_s=DEATH_S,
        what="the engine has outlived its run",
    )
