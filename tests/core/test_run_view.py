from typing import Any

from pipeline.core.money import Balance
from pipeline.core.purchase.attempt import State, ref_of
from pipeline.core.run.events import Event, RunStarted, TakeChanged, Waiting
from pipeline.core.run.expecting import Kind
from pipeline.core.run.view import RunView
from pipeline.core.wanted.album import AlbumId, Provider

ALBUM = AlbumId("album")
MUSIC = Kind(Provider.AIMLAPI, "minimax/music-2.6")
PRICE = 195_000


def started(takes: int = 2, **fields: Any) -> RunStarted:
    return RunStarted(**{"takes": takes, "budgets": {ALBUM: 1_000_000}, "jobs": 2, **fields})


def changed(song: str, state: State, request: str | None = "r1", **fields: Any) -> TakeChanged:
    held = state in (State.INTENT, State.SUBMITTED)
    charged = state in (State.READY, State.PUBLISHED)
    made = {
        "ref": ref_of(ALBUM, song, 1),
        "state": state,
        "balance": Balance(held=PRICE * held, charged=PRICE * charged),
        "client_request_id": request,
        "payer": ALBUM,
        "kind": MUSIC,
        "is_bought_now": True,
        "is_settled": state is State.PUBLISHED,
    }
    return TakeChanged(**{**made, **fields})


def seen(*events: Event, every_s: float = 1.0) -> RunView:
    view = RunView()
    for number, event in enumerate(events):
        view = view.told(event, number * every_s)
    return view


def test_takes_that_share_a_purchase_pay_it_once_and_are_both_done():
    view = seen(started(), changed("one", State.PUBLISHED), changed("twin", State.PUBLISHED))
    assert (view.spent, view.lifetime) == (Balance(charged=PRICE), Balance(charged=PRICE))
    assert (len(view.settled), view.total) == (2, 2)


def test_a_request_that_was_refused_for_now_and_sent_again_holds_its_price_once():
    again = changed("one", State.INTENT, "r2")
    view = seen(started(), changed("one", State.INTENT), changed("one", State.PLANNED, "r1"), again)
    assert view.spent == Balance(held=PRICE)
    assert [flight.client_request_id for flight in view.flights] == ["r2"]


def test_money_of_earlier_runs_counts_for_the_album_and_not_for_this_run():
    before = {"r1": Balance(held=PRICE), "r0": Balance(charged=PRICE)}
    collected = changed("one", State.READY, is_bought_now=False)
    view = seen(started(balances=before), collected)
    assert view.spent == Balance()
    assert view.lifetime == Balance(charged=2 * PRICE)


def test_what_another_album_paid_is_not_this_one_s_money():
    shared = changed("one", State.PUBLISHED, payer=AlbumId("other"), is_bought_now=False)
    assert seen(started(), shared).lifetime == Balance()


def test_a_song_that_was_renamed_while_it_was_under_way_lands_under_its_new_name():
    view = seen(started(), changed("old", State.SUBMITTED), changed("new", State.PUBLISHED))
    assert view.flights == ()


def test_what_was_there_before_is_done_from_the_start():
    view = seen(started(3, kept=frozenset({ref_of(ALBUM, "one", 1)})))
    assert (len(view.settled), view.total) == (1, 3)


def test_the_oldest_song_comes_first_though_it_was_told_last():
    view = seen(
        started(),
        changed("new", State.SUBMITTED, "r1"),
        changed("old", State.SUBMITTED, "r2", age_s=400.0),
    )
    assert [flight.ref.song for flight in view.flights] == ["old", "new"]
    assert view.flights[0].age_s(now_s=2.0) == 400.0


def test_songs_of_this_run_tell_how_long_the_next_ones_take():
    events: list[Event] = [started(8)]
    for number in range(3):
        events += [
            changed(f"song-{number}", State.SUBMITTED, f"r{number}"),
            changed(f"song-{number}", State.READY, f"r{number}"),
        ]
    view = seen(*events, changed("last", State.SUBMITTED, "r9"), every_s=60.0)
    (flight,) = [one for one in view.flights if one.state is State.SUBMITTED]
    assert view.rest_s(flight, 7 * 60.0 + 20) == 40.0


def test_a_song_that_an_earlier_run_left_tells_nothing_about_how_long_one_takes():
    old = {"is_bought_now": False, "age_s": 5000.0}
    view = seen(
        started(), changed("one", State.SUBMITTED, **old), changed("one", State.READY, **old)
    )
    assert view.history == {}


def test_a_pause_puts_the_end_off_for_what_is_still_to_be_submitted():
    history = {MUSIC: (60.0, 60.0, 60.0)}
    to_buy = {ref_of(ALBUM, "one", 1): MUSIC}
    view = seen(started(1, history=history, to_buy=to_buy), Waiting(reason="busy", wait_s=30.0))
    assert view.overall_rest_s(1.0) == 90.0


def test_what_is_not_bought_after_all_is_no_longer_waited_for():
    to_buy = {ref_of(ALBUM, "one", 1): MUSIC}
    history = {MUSIC: (60.0, 60.0, 60.0)}
    refused = changed("one", State.PLANNED, None, is_settled=True)
    assert seen(started(1, history=history, to_buy=to_buy)).overall_rest_s(0.0) == 60.0
    assert seen(started(1, history=history, to_buy=to_buy), refused).overall_rest_s(1.0) is None


def test_what_is_told_of_the_rest_is_what_a_look_at_everything_gives():
    history = {MUSIC: (60.0, 60.0, 60.0)}
    view = seen(started(2, history=history), changed("one", State.SUBMITTED, "r1"))
    assert view.recent_rest_s(11.0) == view.overall_rest_s(11.0) == 50.0
    view.told(changed("two", State.SUBMITTED, "r2"), 21.0)
    assert view.recent_rest_s(21.0) == view.overall_rest_s(21.0) == 60.0


def test_among_many_songs_the_rest_grows_shorter_with_every_second_and_ends_with_the_last():
    history = {MUSIC: (60.0, 60.0, 60.0)}
    songs = [f"song-{number}" for number in range(100)]
    old: dict[str, Any] = {"is_bought_now": False}
    flying = [changed(song, State.SUBMITTED, song, **old) for song in songs]
    view = seen(started(100, history=history), *flying, every_s=0.0)
    assert view.recent_rest_s(10.0) == 50.0
    for song in songs[:-1]:
        view.told(changed(song, State.READY, song, **old), 30.0)
        assert view.recent_rest_s(30.0) == 30.0
    view.told(changed(songs[-1], State.READY, songs[-1], **old), 30.0)
    assert view.under_way == 100
    assert view.recent_rest_s(30.0) is None
