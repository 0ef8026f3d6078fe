from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.purchase.budget import Caps, over_budget, refusal
from pipeline.core.purchase.plan import Buy, Keep
from pipeline.core.wanted.album import AlbumId, Provider
from tests.builders import a_request, a_song, an_album, an_attempt, takes_of

PRICE = 195_000
ALBUM = AlbumId("album")


def asked(**fields):
    asking = {
        "price_microusd": PRICE,
        "album_committed_microusd": 0,
        "album_cap_microusd": None,
        "run_reserved_microusd": 0,
        "run_cap_microusd": None,
    }
    return refusal(**{**asking, **fields})


def purchases(count: int, **fields):
    songs = [
        a_song(f"s{number}", number=number, request=a_request(prompt=f"waltz number {number}"))
        for number in range(1, count + 1)
    ]
    takes = takes_of(an_album(songs, **fields))
    return [Buy(take=take, number=1, reason="new") for take in takes]


def test_without_caps_everything_fits():
    assert asked(album_committed_microusd=10**12, run_reserved_microusd=10**12) is None


def test_a_budget_that_is_met_exactly_is_not_passed():
    assert asked(album_committed_microusd=PRICE, album_cap_microusd=2 * PRICE) is None
    assert asked(run_reserved_microusd=PRICE, run_cap_microusd=2 * PRICE) is None


def test_one_micro_dollar_too_much_is_refused_with_the_cap_and_the_price():
    said = asked(album_committed_microusd=PRICE + 1, album_cap_microusd=2 * PRICE)
    assert said is not None
    assert "budget_usd $0.39 has no room" in said
    assert "one more costs $0.195" in said
    said = asked(run_reserved_microusd=1, run_cap_microusd=PRICE)
    assert said is not None
    assert "--max-cost $0.195 has no room" in said


def test_a_budget_of_nothing_buys_nothing_but_sketches():
    assert asked(album_cap_microusd=0) is not None
    assert asked(album_cap_microusd=0, run_cap_microusd=0, price_microusd=0) is None


def test_what_is_free_fits_beside_a_budget_that_is_overspent():
    assert asked(price_microusd=0, album_committed_microusd=10, album_cap_microusd=1) is None


def test_a_plan_shows_which_of_its_purchases_find_no_room():
    actions = purchases(4)
    caps = Caps(album_microusd={ALBUM: 3 * PRICE}, run_microusd=None)
    stopped = over_budget(actions, {ALBUM: PRICE}, caps)
    assert stopped == {actions[2].take.ref, actions[3].take.ref}


def test_a_runs_cap_counts_over_albums_and_an_albums_own_apart():
    first = purchases(1)
    second = purchases(2, id=AlbumId("other"))
    caps = Caps(album_microusd={ALBUM: None, AlbumId("other"): PRICE}, run_microusd=10 * PRICE)
    assert over_budget([*first, *second], {}, caps) == {second[1].take.ref}
    caps = Caps(album_microusd={}, run_microusd=2 * PRICE)
    assert over_budget([*first, *second], {}, caps) == {second[1].take.ref}


def test_what_is_not_bought_takes_no_room():
    (buy,) = purchases(1)
    keep = Keep(take=buy.take, attempt=an_attempt())
    caps = Caps(album_microusd={ALBUM: PRICE}, run_microusd=PRICE)
    assert over_budget([keep, keep, buy], {ALBUM: 0}, caps) == frozenset()


def test_sketches_never_stop_at_a_budget():
    actions = purchases(3, provider=Provider.SKETCH)
    caps = Caps(album_microusd={ALBUM: 0}, run_microusd=0)
    assert over_budget(actions, {ALBUM: 10**9}, caps) == frozenset()


@given(st.integers(0, 8), st.integers(0, 10 * PRICE), st.integers(0, 10 * PRICE))
def test_what_a_plan_leaves_in_never_passes_a_cap(count: int, committed: int, cap: int):
    actions = purchases(count)
    caps = Caps(album_microusd={ALBUM: cap}, run_microusd=cap)
    bought = count - len(over_budget(actions, {ALBUM: committed}, caps))
    assert bought == 0 or committed + bought * PRICE <= cap
