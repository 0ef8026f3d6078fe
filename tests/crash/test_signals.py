"""Ctrl-C and SIGTERM: the first stops buying and loses nothing, the second leaves at once."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.tagged_copy import WrittenCopy, write_tagged_copy
from pipeline.core.run.events import Event, TakeChanged
from pipeline.errors import ExitCode
from pipeline.runner.outputs import publishing
from tests.builders import songs
from tests.crash.scene import SOON_S, Scene, ended, signalled

WAV = {"model": "minimax/music-2.6", "audio": {"format": "wav", "sample_rate": 44100}}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_while_polling_ends_the_run_and_keeps_what_is_paid(
    scene: Scene, number: signal.Signals, code: int
) -> None:
    scene.manifest(songs(2))
    scene.vendor.set(seconds=300.0)
    running = scene.start_and_wait(lambda ledger: ledger.polls >= 4)

    stopped = signalled(running, number)

    assert stopped.code == code, stopped.said
    assert set(scene.songmake.states().values()) == {"submitted"}
    assert scene.songmake.report()["totals"]["held_usd"] == "0.390000"
    assert scene.songmake.document("summary.json")["exit_code"] == code
    scene.vendor.set(seconds=0.0)
    assert scene.render_here() == ExitCode.OK
    assert scene.ledger.posts == 2
    scene.assert_nothing_was_bought_twice()


def test_a_signal_while_downloading_ends_the_run_and_the_next_fetches_the_file(
    scene: Scene,
) -> None:
    scene.manifest(songs(1), defaults=WAV)
    scene.vendor.set(audio_seconds=3.0)
    scene.vendor.fault("cdn", "slow", bytes_per_s=8192)
    running = scene.start_and_wait(lambda ledger: ledger.cdn == 1)

    stopped = signalled(running, signal.SIGINT)

    assert stopped.code == 130, stopped.said
    assert scene.songmake.states() == {"song-1#1": "ready"}
    assert scene.songmake.report()["totals"]["charged_usd"] == "0.195000"
    assert scene.render_here() == ExitCode.OK
    assert scene.ledger.posts == 1
    scene.assert_nothing_was_bought_twice()


def test_a_signal_while_the_provider_asks_for_patience_ends_the_run(scene: Scene) -> None:
    scene.manifest(songs(3))
    scene.vendor.fault("post", "429", retry_after="120", times=None)
    running = scene.start_and_wait(lambda ledger: ledger.posts >= 1)
    time.sleep(0.3)

    stopped = signalled(running, signal.SIGTERM)

    assert stopped.code == 143, stopped.said
    assert scene.songmake.report()["totals"]["held_usd"] == "0.000000"
    scene.vendor.clear_faults()
    assert scene.render_here() == ExitCode.OK
    assert len(scene.ledger.accepted) == 3
    scene.assert_nothing_was_bought_twice()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_waits_for_the_paid_requests_that_are_out(
    scene: Scene, number: signal.Signals, code: int
) -> None:
    scene.manifest(songs(7))
    scene.vendor.set(answer_latency_s=2.0)
    running = scene.start_and_wait(lambda ledger: len(ledger.accepted) == 4, "--jobs", "8")

    running.send_signal(number)
    stopped = ended(running, within_s=2.0 + SOON_S)

    assert stopped.code == code, stopped.said
    assert "4 paid requests" in stopped.err
    rows = scene.songmake.report()["takes"]
    assert {row["generation_id"] for row in rows} == set(scene.ledger.ids)
    assert {row["state"] for row in rows} == {"submitted"}
    assert scene.ledger.posts == 4
    scene.vendor.set(answer_latency_s=0.0)
    assert scene.render_here() == ExitCode.OK
    assert len(scene.ledger.accepted) == 7
    assert scene.ledger.logs == 0
    scene.assert_nothing_was_bought_twice()


def test_a_signal_as_takes_begin_ends_those_that_have_not_begun(scene: Scene) -> None:
    scene.manifest(songs(400))
    scene.vendor.fault("post", "403", times=None)
    told: list[Event] = []

    def interrupt_once(event: Event) -> None:
        if isinstance(event, TakeChanged) and event.is_settled and not told:
            told.append(event)
            signal.raise_signal(signal.SIGINT)

    assert scene.render_here(jobs=100, emit=interrupt_once) == ExitCode.INTERRUPTED
    assert scene.ledger.accepted == ()
    gc.collect()  # a task that was lost on the way complains when it is collected


def test_a_signal_while_many_are_published_together_ends_after_the_one_at_hand(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.manifest(songs(10))
    copied: list[Path] = []

    def copy_slowly(source: Path, *words: Any, **options: Any) -> WrittenCopy:
        copied.append(source)
        while [row["state"] for row in scene.attempts()].count("submitted"):
            time.sleep(0.01)
        if len(copied) == 2:
            os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.2)  # the others have come to wait by then, and the signal has arrived
        return write_tagged_copy(source, *words, **options)

    monkeypatch.setattr(publishing, "write_tagged_copy", copy_slowly)
    assert scene.render_here(jobs=10) == ExitCode.INTERRUPTED
    assert len(copied) < 6
    monkeypatch.undo()
    assert scene.render_here() == ExitCode.OK
    assert set(scene.songmake.states().values()) == {"published"}
    assert scene.ledger.posts == 10


def test_a_second_signal_leaves_at_once_and_the_next_run_finds_the_answer(scene: Scene) -> None:
    scene.manifest(songs(1))
    scene.vendor.set(answer_latency_s=25.0)
    running = scene.start_and_wait(lambda ledger: len(ledger.accepted) == 1)
    running.send_signal(signal.SIGINT)
    read_until(running, "waiting for the answers")

    left = signalled(running, signal.SIGINT)

    assert left.code == 130, left.said
    assert [row["state"] for row in scene.attempts()] == ["intent"]
    scene.vendor.set(answer_latency_s=0.0)
    assert scene.render_here() == ExitCode.OK
    assert (len(scene.ledger.accepted), scene.ledger.posts) == (1, 1)
    assert scene.ledger.logs >= 1


def test_a_second_signal_for_what_the_log_does_not_know_is_left_in_doubt(scene: Scene) -> None:
    scene.manifest(songs(1))
    scene.vendor.fault("post", "hang")
    running = scene.start_and_wait(lambda ledger: ledger.posts == 1)
    running.send_signal(signal.SIGTERM)
    read_until(running, "waiting for the answers")
    assert signalled(running, signal.SIGTERM).code == 143
    scene.let_time_pass()

    assert scene.render_here() == ExitCode.IN_DOUBT
    assert scene.ledger.posts == 1


def read_until(running: subprocess.Popen[str], words: str) -> None:
    """Reads what a run says on standard error until it says that."""
    assert running.stderr is not None
    overdue = threading.Timer(SOON_S, running.kill)
    overdue.start()
    try:
        said = ""
        for line in running.stderr:
            said += line
            if words in line:
                return
    finally:
        overdue.cancel()
    raise AssertionError(f"it never said '{words}':\n{said}")


def test_a_signal_before_anything_is_agreed_sends_nothing(scene: Scene) -> None:
    scene.manifest(songs(1))
    running = scene.start()
    deadline = time.monotonic() + SOON_S
    while not (scene.project / ".songmake/run.lock").exists() and time.monotonic() < deadline:
        time.sleep(0.001)

    stopped = signalled(running, signal.SIGTERM)

    assert stopped.code == 143, stopped.said
    assert scene.ledger.posts <= 1
    assert scene.render_here() == ExitCode.OK
    assert len(scene.ledger.accepted) == 1
    scene.assert_nothing_was_bought_twice()


def test_at_most_four_paid_requests_are_out_whatever_jobs_says(scene: Scene) -> None:
    scene.manifest(songs(14))
    scene.vendor.set(answer_latency_s=0.15, seconds=0.0)

    assert scene.render("--jobs", "64").code == 0

    assert scene.ledger.peak_posts == 4
    assert len(scene.ledger.accepted) == 14


def test_jobs_limits_the_generations_that_are_not_finished(scene: Scene) -> None:
    scene.manifest(songs(6))
    scene.vendor.set(seconds=0.3, active_limit=2)

    ended = scene.render("--jobs", "2")

    assert ended.code == 0, ended.said
    assert scene.ledger.posts == 6, "a request beyond the limit was refused"
