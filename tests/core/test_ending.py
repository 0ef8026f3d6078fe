import pytest

from pipeline.core.purchase.attempt import State
from pipeline.core.run.ending import counted_states, ending_of
from pipeline.core.run.events import Warned
from pipeline.errors import ExitCode

DISK = Warned(message="the disk is full", hint="make room", code=ExitCode.FAILED)


@pytest.mark.parametrize("code", [code for code in ExitCode if code not in (0, 2, 4)])
def test_every_unhappy_end_has_a_reason_and_a_next_step(code: ExitCode):
    ending = ending_of(code, states=[State.PUBLISHED])
    assert ending.reason == ending.reason.strip() != ""
    assert ending.next
    assert "songmake " in ending.next


def test_a_happy_end_leaves_nothing_to_do():
    assert ending_of(ExitCode.OK, states=[State.PUBLISHED]).next is None


@pytest.mark.parametrize(
    ("states", "reason", "step"),
    [
        ([State.FAILED], "a song failed", "to buy again: songmake render --replace state:failed"),
        ([State.REJECTED], "a song was rejected", "changes; to see why: songmake status"),
        ([State.LOST], "a song was lost", "to buy again: songmake render --replace state:lost"),
        ([State.LOST, State.FAILED], "a song failed or was lost",
         "render --replace state:failed --replace state:lost"),
    ],
)  # fmt: skip
def test_a_song_that_came_to_a_bad_end_is_bought_again_only_by_name(
    states: list[State], reason: str, step: str
):
    ending = ending_of(ExitCode.FAILED, states=states)
    assert ending.reason == reason
    assert ending.next is not None
    assert ending.next.endswith(step)


def test_what_stopped_the_run_goes_before_the_songs_that_it_stopped():
    ending = ending_of(ExitCode.FAILED, states=[State.FAILED], blames=[DISK, DISK])
    assert (ending.reason, ending.next) == ("the disk is full", "make room")


def test_a_warning_that_led_to_another_end_is_not_blamed_for_this_one():
    ending = ending_of(ExitCode.IN_DOUBT, states=[State.IN_DOUBT], blames=[DISK])
    assert "disk" not in ending.reason
    assert ending.next is not None
    assert ending.next.endswith(": songmake status")


@pytest.mark.parametrize(
    ("state", "word"), [(State.SUBMITTED, "paid for"), (State.PLANNED, "not everything was begun")]
)
def test_an_unfinished_run_says_whether_what_is_missing_is_paid_for(state: State, word: str):
    assert word in ending_of(ExitCode.UNFINISHED, states=[state]).reason


def test_states_are_counted_in_words():
    states = [State.READY, State.FAILED, State.SUBMITTED, State.PUBLISHED, State.PLANNED]
    assert counted_states(states) == "1 failed, 2 under way, 1 not begun"
