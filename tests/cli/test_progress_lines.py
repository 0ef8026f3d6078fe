from datetime import UTC, datetime, timedelta

import pytest

from pipeline.cli.progress_lines import Lines
from pipeline.core.purchase.attempt import State, ref_of
from pipeline.core.run.events import RunStarted, TakeChanged, Warned
from pipeline.runner.clock import Clock

BEGIN = datetime(2026, 12, 31, 23, 55, tzinfo=UTC)


class Hours:
    """A clock that is set by hand, in seconds since :data:`BEGIN`."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.clock = Clock(
            now=lambda: BEGIN + timedelta(seconds=self.now_s), steady_s=lambda: self.now_s
        )


def submitted(song: str) -> TakeChanged:
    return TakeChanged(ref=ref_of("album", song, 1), state=State.SUBMITTED, client_request_id=song)


def test_a_night_long_log_names_the_day_and_breaks_a_long_silence(
    capsys: pytest.CaptureFixture[str],
):
    hours = Hours()
    lines = Lines(hours.clock)
    for event in (RunStarted(takes=3), submitted("one"), submitted("two")):
        lines.show(event)
    for minute in range(1, 14):
        hours.now_s = minute * 60.0
        lines.tick()
    assert capsys.readouterr().err.splitlines() == [
        "2026-12-31T23:55:00Z album/one#1 submitted",
        "2026-12-31T23:55:00Z album/two#1 submitted",
        "2027-01-01T00:00:00Z still at work: 0 of 3 done, 2 under way, album/one#1 for 5:00",
        "2027-01-01T00:05:00Z still at work: 0 of 3 done, 2 under way, album/one#1 for 10:00",
    ]


def test_a_change_is_told_once_and_a_warning_has_its_moment_too(
    capsys: pytest.CaptureFixture[str],
):
    lines = Lines(Hours().clock)
    lines.show(Warned(message="said beside the plan"))
    for event in (RunStarted(takes=1), submitted("one"), submitted("one")):
        lines.show(event)
    lines.show(Warned(message="a link is dead", hint="wait"))
    assert capsys.readouterr().err.splitlines() == [
        "warning: said beside the plan",
        "2026-12-31T23:55:00Z album/one#1 submitted",
        "2026-12-31T23:55:00Z warning: a link is dead",
        "hint: wait",
    ]


def test_what_is_not_bought_after_all_is_no_line_of_its_own(capsys: pytest.CaptureFixture[str]):
    lines = Lines(Hours().clock)
    unbought = TakeChanged(ref=ref_of("album", "one", 1), state=State.PLANNED, is_settled=True)
    for event in (RunStarted(takes=1), unbought):
        lines.show(event)
    assert capsys.readouterr().err == ""


def test_a_request_that_was_refused_for_now_is_a_line_once_the_run_is_done_with_it(
    capsys: pytest.CaptureFixture[str],
):
    lines = Lines(Hours().clock)
    intent = TakeChanged(ref=ref_of("album", "one", 1), state=State.INTENT)
    refused = TakeChanged(ref=intent.ref, state=State.PLANNED, note="HTTP 402")
    unbought = TakeChanged(ref=intent.ref, state=State.PLANNED, note="stopped", is_settled=True)
    for event in (RunStarted(takes=1), intent, refused, intent, refused, unbought):
        lines.show(event)
    said = [line.split(maxsplit=1)[1] for line in capsys.readouterr().err.splitlines()]
    assert said == ["album/one#1 intent", "album/one#1 planned: stopped"]
