from datetime import UTC, datetime, timedelta

import pytest

from pipeline.core.purchase.attempt import Attempt, State
from pipeline.core.run.expecting import (
    MOST_REMEMBERED,
    OLDEST_S,
    Kind,
    age_s,
    history_of,
    is_overdue,
    overall_rest_s,
    rest_s,
)
from pipeline.core.wanted.album import Provider
from tests.builders import an_album, takes_of
from tests.core.attempts import attempt_at

BEGIN = datetime(2026, 8, 1, 9, tzinfo=UTC)
MUSIC = Kind(Provider.AIMLAPI, "minimax/music-2.6")
(TAKE,) = takes_of(an_album())


def at(minute: float) -> str:
    return (BEGIN + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def waited(seconds: float | None, *, number: int = 1, **fields: object) -> Attempt:
    ready = None if seconds is None else at(number + seconds / 60)
    return attempt_at(
        TAKE,
        State.PUBLISHED,
        number=number,
        **{"intent_at": at(number), "submitted_at": at(number), "completed_at": ready, **fields},
    )


def test_the_history_of_a_model_is_how_long_its_songs_were_rendered():
    found = history_of([waited(90, number=2), waited(60), waited(None, number=3)])
    assert found == {MUSIC: (60, 90)}


def test_each_provider_and_model_has_a_history_of_its_own():
    other = waited(5, number=2, provider=Provider.SKETCH)
    assert history_of([waited(60), other]) == {
        MUSIC: (60,),
        Kind(Provider.SKETCH, MUSIC.model): (5,),
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"cost_source": "adopted"},
        {"completed_at": at(1 + 61)},
        {"completed_at": at(0)},
        {"intent_at": at(0.4)},
    ],
)
def test_what_nobody_waited_for_is_no_history(fields: dict[str, object]):
    assert history_of([waited(60, **fields)]) == {}


def test_a_song_is_as_old_as_its_submission():
    asked = waited(None, submitted_at=at(2), intent_at=at(1.9))
    assert age_s(asked, BEGIN + timedelta(minutes=3)) == 60


def test_one_that_a_look_up_found_is_as_old_as_its_intent():
    found = waited(None, submitted_at=at(60), intent_at=at(1))
    assert age_s(found, BEGIN + timedelta(minutes=61)) == 3600
    assert age_s(waited(None, submitted_at=None, intent_at=at(1)), BEGIN) == 0


@pytest.mark.parametrize(("days", "credible_s"), [(-400, 0), (400, OLDEST_S)])
def test_a_wall_clock_that_was_set_makes_no_song_older_than_a_day(days: int, credible_s: float):
    assert age_s(waited(None), BEGIN + timedelta(days=days)) == credible_s


def test_what_was_long_ago_is_forgotten():
    attempts = [waited(number, number=number) for number in range(1, MOST_REMEMBERED + 6)]
    assert history_of(attempts)[MUSIC][0] == 6


@pytest.mark.parametrize("waits_s", [(), (60,), (60, 90)])
def test_a_short_history_promises_nothing(waits_s: tuple[float, ...]):
    assert rest_s(waits_s, 10) is None
    assert not is_overdue(waits_s, 10_000)


WAITS_S = (60, 80, 90, 100, 120)


@pytest.mark.parametrize(
    ("elapsed_s", "left_s"),
    [(0, 90), (30, 60), (85, 15), (105, 15), (112, 8)],
)
def test_the_rest_is_that_of_songs_that_took_longer_than_this_one_already(
    elapsed_s: float, left_s: float
):
    assert rest_s(WAITS_S, elapsed_s) == left_s


def test_what_takes_longer_than_nine_in_ten_is_overdue_and_no_longer_promised():
    assert not is_overdue(WAITS_S, 112)
    assert is_overdue(WAITS_S, 113)
    assert rest_s(WAITS_S, 113) is None


def test_waits_that_hardly_differ_leave_a_little_tolerance():
    assert not is_overdue((60, 60, 60), 74)
    assert is_overdue((60, 60, 60), 76)


ALIKE_S = (60, 60, 60)


def test_the_overall_rest_fills_every_free_place_as_soon_as_it_is_free():
    flying = [(ALIKE_S, 10), (ALIKE_S, 20)]  # done in 50 and 40 seconds
    assert overall_rest_s(flying, [ALIKE_S] * 3, jobs=2) == 160
    assert overall_rest_s(flying, [], jobs=2) == 50
    assert overall_rest_s([], [ALIKE_S] * 3, jobs=4) == 60


def test_nobody_promises_an_end_with_a_song_of_a_kind_that_nobody_knows():
    assert overall_rest_s([(ALIKE_S, 10), ((60,), 10)], [], jobs=2) is None
    assert overall_rest_s([(ALIKE_S, 10)], [()], jobs=2) is None


def test_nobody_promises_an_end_when_all_that_is_under_way_is_overdue():
    assert overall_rest_s([(ALIKE_S, 500)], [ALIKE_S], jobs=2) is None
    assert overall_rest_s([(ALIKE_S, 500), (ALIKE_S, 50)], [], jobs=2) == 10
