"""What an answer says that it costs, and what is booked for it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from pipeline.core.money import Booking, Cost, booking_of
from tests.answers.shop import NOTHING, PRICE, Shop, mark, open_shop


def test_a_dearer_answer_is_booked_and_stops_buying(shop: Shop) -> None:
    shop.offer("dear", "next", "last", budget_usd=0.6)
    shop.vendor.fault("post", "dearer", usd=0.5)
    ended = shop.songmake.render("-j", "1")
    assert ended.code == 5
    assert "album/dear#1 cost $0.50, not $0.195: buying stops" in ended.err
    assert shop.money("dear") == ("0.500000", NOTHING, NOTHING)
    assert shop.row("dear")["credits_used"] == 1_000_000
    assert shop.songmake.states() == {"dear#1": "published"}
    assert shop.vendor.ledger().posts == 1

    ended = shop.songmake.render("-j", "1")
    assert ended.code == 5
    assert "budget_usd $0.60 has no room" in ended.err
    assert shop.vendor.ledger().posts == 1


@pytest.fixture(scope="module")
def cheap() -> Iterator[Shop]:
    """Songs at another price than the profile's, and answers that tell it in part."""
    with open_shop(price_usd=0.123457) as shop:
        shop.offer("told", "absent", "null", "usage-null", "credits", "slashed")
        for value in ("absent", "null", "usage_null"):
            name = mark(value.replace("_", "-"))
            shop.vendor.fault("post", "no_usage", value=value, match=name)
        shop.vendor.fault("post", "usage_credits_only", match=mark("credits"))
        shop.vendor.fault("post", "slashed_id", match=mark("slashed"))
        assert shop.songmake.render("-j", "6").code == 0
        yield shop


@pytest.mark.parametrize("name", ["absent", "null", "usage-null"])
def test_an_answer_without_a_cost_is_booked_at_the_price_and_says_so(
    cheap: Shop, name: str
) -> None:
    row = cheap.row(name)
    assert (row["cost_source"], row["credits_used"]) == ("estimated", None)
    assert cheap.money(name) == (PRICE, NOTHING, NOTHING)


@pytest.mark.parametrize(("name", "source"), [("told", "answer"), ("credits", "credits")])
def test_what_the_answer_says_is_booked(cheap: Shop, name: str, source: str) -> None:
    row = cheap.row(name)
    assert (row["cost_source"], row["credits_used"]) == (source, 246_914)
    assert cheap.money(name) == ("0.123457", NOTHING, NOTHING)


def test_an_id_with_a_slash_and_a_colon_is_polled_and_names_no_file(cheap: Shop) -> None:
    (sold,) = cheap.sold("slashed")
    assert {":", "/"} < set(sold.id)
    assert cheap.row("slashed")["generation_id"] == sold.id
    assert cheap.row("slashed")["state"] == "published"
    assert cheap.vendor.ledger().violations == ()


@pytest.mark.parametrize(
    ("cost", "amount_microusd", "source"),
    [
        (Cost(usd=Decimal("0.1950001")), 195_001, "answer"),
        (Cost(usd=Decimal("0")), 0, "answer"),
        (Cost(usd=Decimal("1E-30")), 1, "answer"),
        (Cost(credits=390_001), 195_001, "credits"),
        (Cost(credits=1), 1, "credits"),
        (Cost(usd=Decimal("0.2"), credits=1), 200_000, "answer"),
        (Cost(), 195_000, "estimated"),
    ],
)
def test_fractions_of_a_micro_dollar_are_rounded_up(
    cost: Cost, amount_microusd: int, source: str
) -> None:
    expected = Booking(amount_microusd=amount_microusd, source=source)
    assert booking_of(cost, reserved_microusd=195_000) == expected


def test_a_cheaper_answer_frees_its_room_in_the_budget(shop: Shop) -> None:
    shop.vendor.set(price_usd=0.1)
    shop.offer("one", "two", "three", budget_usd=0.4)
    assert shop.songmake.render("-j", "1").code == 0
    assert shop.songmake.report()["totals"]["charged_usd"] == "0.300000"


def test_one_generation_id_is_never_given_to_two_songs(shop: Shop) -> None:
    shop.offer("first", "second")
    shop.vendor.fault("post", "same_id", match=mark("second"))
    shop.vendor.fault("logs", "404", times=None)
    ended = shop.songmake.render("-j", "1")
    assert ended.code == 3
    assert shop.songmake.states() == {"first#1": "published", "second#1": "in_doubt"}
    assert "a generation that another take already has" in ended.err
    assert shop.vendor.ledger().posts == 2
