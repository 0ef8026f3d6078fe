"""``kill -9`` at any moment, and what the provider counted when all was done."""

from __future__ import annotations

import re
import shlex
from random import Random

import pytest

from pipeline.errors import ExitCode
from tests.builders import song, songs
from tests.crash.scene import Scene, kill_9, wait_to_end

TAKES = {**songs(4), "coda": song("Coda", prompt="slow piano, almost a whisper", takes=3)}
TAKE_COUNT = 7


def slow_down(scene: Scene, chance: Random) -> None:
    """Spreads the moments of a run, so that a kill can fall between any two of them."""
    scene.vendor.set(
        seconds=chance.uniform(0.0, 0.6),
        post_latency_s=chance.choice((0.0, 0.0, 0.05)),
        answer_latency_s=chance.choice((0.0, 0.05, 0.2)),
        poll_latency_s=chance.choice((0.0, 0.02)),
    )


def rerun_until_done(scene: Scene) -> None:
    """Every run but the last may leave something in doubt, and only what never arrived."""
    for _ in range(6):
        scene.let_time_pass()
        ended = scene.render("-j", "8")
        if ended.code == 0:
            return
        assert ended.code == 3, ended.said
        settle_what_never_arrived(scene)
    raise AssertionError(f"never done:\n{ended.said}")


def settle_what_never_arrived(scene: Scene) -> None:
    arrived = {one.client_request_id for one in scene.ledger.accepted}
    for row in scene.attempts():
        if row["state"] == "in_doubt":
            crid = row["client_request_id"]
            assert crid not in arrived, "the log knows it, and it was not found there"
            settled = scene.songmake("settle", crid, "--not-charged")
            assert settled.code == 0, settled.said


def killed_and_finished(scene: Scene, *, seed: int, kills: int) -> None:
    chance = Random(seed)
    scene.manifest(TAKES)
    for _ in range(kills):
        slow_down(scene, chance)
        scene.kill_at_random(chance, "-j", chance.choice(("1", "8")))
        scene.assert_nothing_was_bought_twice()
    scene.vendor.set(seconds=0.1, post_latency_s=0.0, answer_latency_s=0.0, poll_latency_s=0.0)
    rerun_until_done(scene)
    assert len(scene.ledger.accepted) == TAKE_COUNT
    assert set(scene.songmake.states().values()) == {"published"}
    scene.assert_nothing_was_bought_twice()
    assert scene.songmake("verify").code == 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_song_is_bought_once_however_often_the_run_is_killed(scene: Scene, seed: int) -> None:
    killed_and_finished(scene, seed=seed, kills=2)


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(100, 150))
def test_a_hundred_kills_buy_nothing_twice(scene: Scene, seed: int) -> None:
    killed_and_finished(scene, seed=seed, kills=2)


def test_an_answer_that_a_kill_lost_is_found_in_the_log(scene: Scene) -> None:
    scene.manifest(songs(6))
    scene.vendor.set(answer_latency_s=30.0)
    running = scene.start_and_wait(lambda ledger: len(ledger.accepted) == 4, "-j", "8")
    kill_9(running)
    scene.vendor.set(answer_latency_s=0.0)
    scene.let_time_pass()

    ended = scene.render("-j", "8")

    assert ended.code == 0, ended.said
    assert len(scene.ledger.accepted) == 6
    assert scene.ledger.logs >= 1
    scene.assert_nothing_was_bought_twice()


def test_a_run_right_after_the_kill_waits_for_a_log_that_lags(scene: Scene) -> None:
    scene.manifest(songs(1))
    scene.vendor.set(answer_latency_s=30.0, logs_lag_s=2.0)
    running = scene.start_and_wait(lambda ledger: len(ledger.accepted) == 1)
    kill_9(running)
    scene.vendor.set(answer_latency_s=0.0)

    ended = scene.render()

    assert ended.code == 0, ended.said
    assert len(scene.ledger.accepted) == 1


def test_a_request_that_never_arrived_is_bought_after_settle_alone(scene: Scene) -> None:
    scene.manifest(songs(2))
    scene.vendor.fault("post", "hang", match="81 BPM")
    running = scene.start_and_wait(lambda ledger: ledger.posts == 2 and len(ledger.accepted) == 1)
    kill_9(running)
    scene.let_time_pass()

    doubted = scene.render()

    assert doubted.code == 3, doubted.said
    assert len(scene.ledger.accepted) == 1
    assert scene.songmake.states()["song-1#1"] == "in_doubt"
    assert scene.render_here() == ExitCode.IN_DOUBT
    assert len(scene.ledger.accepted) == 1

    assert scene.songmake(*settle_hint(doubted.said), "--not-charged").code == 0
    ended = scene.render()
    assert ended.code == 0, ended.said
    assert len(scene.ledger.accepted) == 2
    scene.assert_nothing_was_bought_twice()


def settle_hint(said: str) -> list[str]:
    """The words of the printed command, up to where a person has to decide."""
    found = re.search(r"songmake (settle \S+)", said)
    assert found is not None, said
    return shlex.split(found[1])


def test_a_reset_and_then_a_kill_stay_in_doubt(scene: Scene) -> None:
    scene.manifest(songs(1))
    rule = scene.vendor.fault("post", "reset_after_read")
    running = scene.start_and_wait(
        lambda ledger: ledger.posts == 1 and scene.vendor.hits(rule) == 1
    )
    kill_9(running)
    scene.let_time_pass()

    assert scene.render_here() == ExitCode.IN_DOUBT
    assert scene.ledger.posts == 1
    scene.assert_nothing_was_bought_twice()


@pytest.mark.parametrize("status", ["404", "500"])
def test_without_the_log_nothing_in_doubt_is_ever_bought_again(scene: Scene, status: str) -> None:
    scene.manifest(songs(2))
    scene.vendor.fault("logs", status, times=None)
    scene.vendor.set(answer_latency_s=30.0)
    running = scene.start_and_wait(lambda ledger: len(ledger.accepted) == 2, "-j", "8")
    kill_9(running)
    scene.vendor.set(answer_latency_s=0.0)
    scene.let_time_pass()

    codes = [scene.render().code, *(scene.render_here() for _ in range(3))]

    assert codes == [3, 3, 3, 3]
    assert scene.ledger.posts == 2
    totals = scene.songmake.report()["totals"]
    assert (totals["in_doubt_usd"], totals["charged_usd"]) == ("0.390000", "0.000000")


def test_what_a_person_finds_in_the_log_is_collected_free(scene: Scene) -> None:
    scene.manifest(songs(1))
    scene.vendor.fault("logs", "404", times=None)
    scene.vendor.set(answer_latency_s=30.0)
    running = scene.start_and_wait(lambda ledger: len(ledger.accepted) == 1)
    kill_9(running)
    scene.vendor.set(answer_latency_s=0.0)
    scene.let_time_pass()
    assert scene.render_here() == ExitCode.IN_DOUBT

    settled = scene.songmake("settle", "song-1#1", "--generation", scene.ledger.ids[0])

    assert settled.code == 0, settled.said
    assert scene.render_here() == ExitCode.OK
    assert scene.ledger.posts == 1


def test_a_kill_while_the_journal_is_made_leaves_one_that_opens(scene: Scene) -> None:
    scene.manifest(songs(1))
    scene.vendor.kill()  # a run that is further than thought buys nothing
    chance = Random(5)
    for _ in range(12):
        running = scene.start("--no-wait")
        while running.poll() is None and not scene.journal.exists():
            pass
        wait_to_end(running, chance.uniform(0.0, 0.01))
        kill_9(running)

    scene.vendor.start()
    assert scene.render_here() == ExitCode.OK
    assert len(scene.ledger.accepted) == 1
