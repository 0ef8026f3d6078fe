from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.money import (
    Balance,
    Cost,
    booking_of,
    microusd,
    price_text,
    usd_text,
)

RESERVED = 195_000


@pytest.mark.parametrize(
    ("usd", "micro"),
    [
        ("0", 0),
        ("0.195", 195_000),
        ("3.00", 3_000_000),
        ("0.0000001", 1),
        ("0.1950001", 195_001),
        ("1e-30", 1),
        ("999999999", 999_999_999_000_000),
    ],
)
def test_dollars_become_whole_micro_dollars_and_no_fraction_is_given_away(usd: str, micro: int):
    assert microusd(Decimal(usd)) == micro


@given(st.integers(0, 10**15))
def test_a_sum_survives_its_text(amount: int):
    text = usd_text(amount)
    assert microusd(Decimal(text)) == amount
    assert len(text.partition(".")[2]) == 6
    assert "e" not in text.lower()


@given(st.lists(st.integers(0, 10**9)))
def test_texts_add_up_exactly(amounts: list[int]):
    assert sum((Decimal(usd_text(one)) for one in amounts), Decimal(0)) == Decimal(
        usd_text(sum(amounts))
    )


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "$0.00"),
        (195_000, "$0.195"),
        (3_000_000, "$3.00"),
        (1_500_000, "$1.50"),
        (1, "$0.000001"),
    ],
)
def test_people_see_two_places_and_no_more_than_needed(amount: int, text: str):
    assert price_text(amount) == text


@pytest.mark.parametrize(
    ("cost", "amount", "source"),
    [
        (Cost(usd=Decimal("0.195"), credits=1), 195_000, "answer"),
        (Cost(usd=Decimal("0.1234567")), 123_457, "answer"),
        (Cost(usd=Decimal(0), credits=390_000), 0, "answer"),
        (Cost(credits=390_000), 195_000, "credits"),
        (Cost(credits=1), 1, "credits"),
        (Cost(credits=0), 0, "credits"),
        (Cost(), RESERVED, "estimated"),
    ],
)
def test_what_is_booked_is_the_answers_word_before_any_guess(cost: Cost, amount: int, source: str):
    booking = booking_of(cost, reserved_microusd=RESERVED)
    assert (booking.amount_microusd, booking.source) == (amount, source)


def test_what_was_released_counts_against_no_budget():
    balance = Balance(held=1, charged=2) + Balance(in_doubt=4, released=8)
    assert balance == Balance(held=1, charged=2, in_doubt=4, released=8)
    assert balance.committed == 7
