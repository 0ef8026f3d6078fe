from typing import Any

import pytest

from pipeline.cli.progress_text import Canvas, rest_text, run_lines, span_text
from pipeline.core.money import Balance
from pipeline.core.purchase.attempt import State, ref_of
from pipeline.core.run.events import RunStarted, TakeChanged, Waiting
from pipeline.core.run.expecting import Kind
from pipeline.core.run.view import RunView
from pipeline.core.wanted.album import AlbumId, Provider

MUSIC = Kind(Provider.AIMLAPI, "minimax/music-2.6")
HISTORY = {MUSIC: (150.0, 190.0, 200.0)}
HOUR_S = 3600.0


def under_way(count: int, *, song: str = "song-{}", **fields: Any) -> RunView:
    """So many songs submitted one after the other, ten seconds apart, the last one just now."""
    begin = RunStarted(
        **{"takes": count, "budgets": {AlbumId("album"): 20_000_000}, "jobs": 50, **fields}
    )
    view = RunView().told(begin, 0.0)
    for number in range(count):
        event = TakeChanged(
            ref=ref_of("album", song.format(number), 1),
            state=State.SUBMITTED,
            balance=Balance(held=195_000),
            client_request_id=f"r{number}",
            payer=AlbumId("album"),
            kind=MUSIC,
            is_bought_now=True,
        )
        view = view.told(event, number * 10.0)
    return view


def drawn(view: RunView, now_s: float, **canvas: Any) -> list[str]:
    return run_lines(view, now_s, Canvas(**canvas), has_several_albums=False)


def test_a_song_in_flight_shows_its_state_its_age_and_what_is_still_expected():
    lines = drawn(under_way(1, history=HISTORY), 130.0)
    assert lines[0].endswith("| 0/1 [02:10, about 1:00 left]")
    assert lines[1] == "  song-0#1  submitted  2:10, about 1:00 left"
    assert lines[2] == "  $0.195 held of $20.00 · this run $0.195"


def test_without_history_nothing_is_promised_but_what_the_profile_knows():
    assert drawn(under_way(1), 130.0)[1] == "  song-0#1  submitted  2:10"
    usual = drawn(under_way(1, usual_waits={MUSIC: "minutes"}), 130.0)
    assert usual[1] == "  song-0#1  submitted  2:10, usually minutes"
    assert usual[0].endswith("[02:10]")


def test_an_overdue_song_says_so_and_the_end_is_promised_no_longer():
    lines = drawn(under_way(1, history=HISTORY), HOUR_S)
    assert lines[0].endswith("[1:00:00]")
    assert lines[1] == "  song-0#1  submitted  1:00:00, longer than usual"


def test_of_fifty_songs_in_flight_the_oldest_few_are_shown():
    lines = drawn(under_way(50), 600.0)
    assert [line.split()[0] for line in lines[1:9]] == [f"song-{n}#1" for n in range(8)]
    assert lines[9] == "  and 42 more"
    assert len(lines) == 11


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5, 6, 10, 12, 24])
def test_a_low_window_keeps_a_free_line_and_says_how_many_songs_it_hides(rows: int):
    lines = drawn(under_way(50), 600.0, rows=rows)
    assert len(lines) <= max(rows - 1, 1)
    assert "0/50" in lines[0]
    shown = sum("submitted" in line for line in lines)
    if rows > 3:
        assert f"  and {50 - shown} more" in lines


@pytest.mark.parametrize("columns", [1, 5, 12, 20, 33, 49, 50, 79, 80, 200])
def test_no_line_is_ever_as_wide_as_the_window(columns: int):
    view = under_way(3, song="a-song-with-a-very-long-name-{}", history=HISTORY)
    view = view.told(Waiting(reason="the provider asks for patience " * 5, wait_s=60.0), 30.0)
    lines = drawn(view, 40.0, columns=columns)
    assert all(len(line) <= max(columns - 1, 1) for line in lines)
    if columns >= 20:
        assert "0/3 [" in lines[0]


def test_takes_of_a_song_with_a_long_name_stay_apart():
    view = under_way(1, song="a" * 64)
    assert drawn(view, 1.0)[1].split()[0] == f"{'a' * 29}…#1"


def test_a_terminal_that_knows_ascii_alone_gets_no_other_sign():
    view = under_way(2, song="a" * 64, history=HISTORY)
    assert all(line.isascii() for line in drawn(view, 130.0, is_ascii=True))


def test_a_free_run_speaks_of_no_money():
    view = RunView().told(RunStarted(takes=1, budgets={AlbumId("album"): 3_000_000}), 0.0)
    assert len(drawn(view, 1.0)) == 1


def test_a_pause_counts_down():
    view = under_way(1).told(Waiting(reason="busy", wait_s=30.0), 10.0)
    assert "  waiting 20 s: busy" in drawn(view, 20.0)
    assert not any("waiting" in line for line in drawn(view, 40.0))


def test_a_limit_of_the_run_stands_beside_the_album_s():
    lines = drawn(under_way(2, limit_microusd=1_000_000), 10.0)
    assert lines[-1] == "  $0.39 held of $20.00 · this run $0.39 of $1.00"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "a few seconds left"), (9, "about 0:10 left"), (61, "about 1:10 left"),
     (91, "about 2:00 left"), (601, "about 11:00 left"), (7000, "about 1:57:00 left")],
)  # fmt: skip
def test_a_rest_is_as_coarse_as_it_is_uncertain(seconds: float, text: str):
    assert rest_text(seconds) == text


def test_spans_are_minutes_and_seconds_until_they_are_hours():
    assert [span_text(seconds) for seconds in (0, 130.9, 3730)] == ["0:00", "2:10", "1:02:10"]
