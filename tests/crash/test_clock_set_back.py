"""A wall clock that jumps. The run has its clock as an argument."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from pipeline.errors import ExitCode
from pipeline.runner.clock import Clock, utc_now
from tests.builders import songs
from tests.crash.scene import Scene, kill_9


def off_by(hours: float) -> Clock:
    return Clock(now=lambda: utc_now() + timedelta(hours=hours))


def jumping(*, after_calls: int, hours: float) -> Callable[[], datetime]:
    """Right at first, and off from the n-th look at it."""
    looks = 0

    def now() -> datetime:
        nonlocal looks
        looks += 1
        return utc_now() + timedelta(hours=hours if looks > after_calls else 0)

    return now


@pytest.mark.parametrize("hours", [-5.0, 5.0])
@pytest.mark.parametrize("after_calls", [1, 6])
def test_a_clock_that_jumps_in_a_run_changes_nothing(
    scene: Scene, hours: float, after_calls: int
) -> None:
    scene.manifest(songs(2))

    code = scene.render_here(Clock(now=jumping(after_calls=after_calls, hours=hours)))

    assert code == ExitCode.OK
    assert scene.render_here() == ExitCode.OK
    assert (scene.ledger.posts, scene.ledger.logs) == (2, 0)
    scene.assert_nothing_was_bought_twice()


@pytest.mark.parametrize(("first", "second"), [(3.0, 0.0), (0.0, -3.0), (-20.0, 0.0)])
def test_a_lost_answer_is_found_though_the_clock_was_wrong_when_it_was_asked(
    scene: Scene, first: float, second: float
) -> None:
    scene.manifest(songs(1))
    scene.vendor.fault("post", "accept_then_reset")
    missing = scene.vendor.fault("logs", "404", times=None)
    assert scene.render_here(off_by(first)) == ExitCode.IN_DOUBT
    assert scene.vendor.hits(missing) >= 1
    scene.vendor.clear_faults()

    assert scene.render_here(off_by(second)) == ExitCode.OK

    assert scene.ledger.posts == 1
    scene.assert_nothing_was_bought_twice()


def test_a_lost_answer_beyond_any_window_is_never_bought_again(scene: Scene) -> None:
    scene.manifest(songs(1))
    scene.vendor.fault("post", "accept_then_reset")
    scene.vendor.fault("logs", "404", times=1)
    assert scene.render_here(off_by(24 * 365)) == ExitCode.IN_DOUBT

    assert [scene.render_here() for _ in range(3)] == [ExitCode.IN_DOUBT] * 3
    assert scene.ledger.posts == 1


def test_a_pause_until_a_date_that_has_passed_here_already_ends(scene: Scene) -> None:
    scene.manifest(songs(1))
    scene.vendor.fault("post", "429", retry_after="date:1")

    assert scene.render_here(off_by(1.0)) == ExitCode.OK

    assert len(scene.ledger.accepted) == 1


def test_a_run_of_a_process_after_one_of_the_future_goes_on(scene: Scene) -> None:
    scene.manifest(songs(2))
    scene.vendor.set(seconds=300.0)
    running = scene.start_and_wait(lambda ledger: ledger.polls >= 2)
    kill_9(running)
    scene.vendor.set(seconds=0.0)

    assert scene.render_here(off_by(-24 * 30)) == ExitCode.OK
    assert scene.ledger.posts == 2
