"""Ledger, balance and catalogue in songmake's words, whatever the provider says."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.adapters.aimlapi.account import balance_answer, ledger_answer, ledger_query
from pipeline.adapters.aimlapi.asking import Asker, Reply
from pipeline.adapters.aimlapi.bodies import parse_object
from pipeline.adapters.aimlapi.catalogue import catalogue_answer, retirements_answer
from pipeline.core.ledger.account_answers import (
    Balance,
    Catalogue,
    LedgerPage,
    NotOffered,
    Rate,
    Retirements,
    Retiring,
)
from pipeline.core.purchase.answers import Throttled, Unreachable
from tests.answers.answering import answering, http_answer

NOW = datetime(2026, 8, 1, 9, 30, tzinfo=UTC)
LAST = {"has_more": False, "next_cursor": None}
ROW = {
    "created_at": "2026-08-01T09:30:00.000Z",
    "direction": "CHARGE",
    "type": "MODEL_USAGE",
    "amount": {"usd": Decimal("0.195"), "credits": 390_000},
    "model": "minimax/music-2.6",
    "reference_id": "NDxdQ2xZY1L6PYQNkJgbA",
}


def ledger(*rows: Any, pagination: Any = LAST, status: int = 200) -> Any:
    body = {"data": list(rows), "pagination": pagination}
    return ledger_answer(status, {}, body, now=NOW)


def replied(body: Any, status: int = 200) -> Reply:
    return Reply(status=status, headers={}, body=body)


def listed(**fields: Any) -> Any:
    row = {"id": "minimax/music-2.6", "aliases": ["music-2.6", 7, ""], **fields}
    answer = catalogue_answer(replied({"object": "list", "data": [row, None, {"id": 7}]}))
    assert isinstance(answer, Catalogue)
    (listing,) = answer.listings
    return listing


def test_a_charge_is_above_zero_and_what_was_given_back_is_below() -> None:
    page = ledger(ROW, {**ROW, "direction": "TOPUP", "type": "REFUND"})
    assert [entry.amount_microusd for entry in page.entries] == [195_000, -195_000]
    assert [entry.credits for entry in page.entries] == [390_000, -390_000]


@pytest.mark.parametrize(
    ("amount", "microusd", "spent"),
    [
        ('{"usd": 0.19500000000000001, "credits": 390000}', 195_000, 390_000),
        ('{"usd": 0.1949999999999999, "credits": 390000}', 195_000, 390_000),
        ('{"credits": 390000}', 195_000, 390_000),
        ('{"usd": 0.195}', 195_000, 390_000),
        ('{"usd": 1e-7, "credits": 0}', 0, 0),
    ],
)
def test_noise_of_floating_point_is_no_money(amount: str, microusd: int, spent: int) -> None:
    page = ledger({**ROW, "amount": parse_object(amount.encode())})
    (entry,) = page.entries
    assert (entry.amount_microusd, entry.credits) == (microusd, spent)


def test_a_row_that_refers_to_nothing_is_left_out_and_one_without_sense_is_named() -> None:
    page = ledger(
        ROW,
        {**ROW, "reference_id": None},
        {**ROW, "reference_id": "odd", "direction": "SIDEWAYS"},
        {**ROW, "reference_id": "worse", "amount": {"usd": -1}},
        {**ROW, "reference_id": "two words"},
        7,
    )
    assert isinstance(page, LedgerPage)
    assert (page.row_count, len(page.entries)) == (6, 1)
    assert page.unreadable == ("odd", "worse", "", "")


@pytest.mark.parametrize(
    ("pagination", "cursor"),
    [
        (LAST, None),
        ({"has_more": True, "next_cursor": "abc"}, "abc"),
        ({"has_more": False, "next_cursor": "abc"}, None),
        ({"has_more": True, "next_cursor": None}, None),
        ({"next_cursor": "abc"}, "abc"),
    ],
)
def test_a_cursor_is_followed_as_it_was_issued(pagination: Any, cursor: str | None) -> None:
    assert ledger(ROW, pagination=pagination).next_cursor == cursor
    query = ledger_query("a", "b", cursor=cursor)
    assert query.get("cursor") == cursor


@pytest.mark.parametrize("cursor", [7, "", "x" * 5000, "ü", "a\nb", ["abc"]])
def test_a_cursor_that_is_none_ends_the_reading(cursor: Any) -> None:
    answer = ledger(ROW, pagination={"has_more": True, "next_cursor": cursor})
    assert isinstance(answer, NotOffered)


@pytest.mark.parametrize(
    "body", [{}, {"data": {}}, {"data": [7], "pagination": LAST}, {"data": []}]
)
def test_a_ledger_of_another_form_is_not_offered(body: Any) -> None:
    assert isinstance(ledger_answer(200, {}, body, now=NOW), NotOffered)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(429, Throttled), (401, NotOffered), (403, NotOffered), (404, NotOffered), (500, Unreachable),
     (301, Unreachable), (204, Unreachable)],
)  # fmt: skip
def test_a_status_means_the_same_at_every_question(status: int, kind: type[object]) -> None:
    assert type(ledger(status=status)) is kind
    other = Unreachable if kind is Throttled else kind
    assert type(balance_answer(status, {})) is other
    assert type(catalogue_answer(replied({}, status))) is other
    assert type(retirements_answer(replied(None, status))) is other


@pytest.mark.parametrize(
    ("body", "usd"),
    [
        ({"current_balance": Decimal("123.45"), "currency": "USD"}, "123.45"),
        ({"current_balance": -3, "currency": "USD"}, "-3"),
        ({"current_balance": 5, "currency": "EUR"}, None),
        ({"current_balance": 5}, None),
        ({"current_balance": "5", "currency": "USD"}, None),
        ({"current_balance": True, "currency": "USD"}, None),
        ({"current_balance": Decimal("1E+999999"), "currency": "USD"}, None),
    ],
)
def test_a_balance_is_dollars_or_nothing(body: Any, usd: str | None) -> None:
    answer = balance_answer(200, body)
    if usd is None:
        assert isinstance(answer, NotOffered)
    else:
        assert answer == Balance(usd=Decimal(usd))


@pytest.mark.parametrize(
    ("pricing", "rates"),
    [
        ({"kind": "fixed", "units": [{"unit": "generation", "price": 195, "per": 1000}]},
         [("0.195", "generation")]),
        ({"units": [{"name": "Song", "price": Decimal("0.2"), "per": 1}]}, [("0.2", "song")]),
        ({"kind": "variants", "variants": [
            {"when": {"q": "a"}, "unit": "second", "price": 1, "per": 1},
            {"when": {"q": "b"}, "unit": "second", "price": 2, "per": 1}]},
         [("1", "second"), ("2", "second")]),
        ({"kind": "variable"}, []),
        ({"kind": "fixed", "units": [{"unit": "song", "price": 1, "per": 0}]}, []),
        ({"kind": "fixed", "units": [{"unit": "song", "price": 1}]}, []),
        ({"kind": "fixed", "units": [{"unit": "song", "price": -1, "per": 1}]}, []),
        ({"kind": "fixed", "units": [{"unit": "song", "price": 10**9, "per": 1}]}, []),
        ({"kind": "fixed", "units": [{"unit": "<b>", "price": 1, "per": 1}]}, []),
        ({"kind": "fixed", "units": "all"}, []),
        (None, []),
        ("cheap", []),
    ],
)  # fmt: skip
def test_a_price_counts_for_its_units_or_not_at_all(pricing: Any, rates: Any) -> None:
    expected = tuple(Rate(usd=Decimal(usd), unit=unit) for usd, unit in rates)
    assert listed(pricing=pricing).rates == expected


def test_a_model_is_known_by_its_aliases_too() -> None:
    assert listed().aliases == {"music-2.6"}
    feed = {"data": [{"id": "a", "aliases": ["b"], "status": "withdrawn", "shutdown_at": "soon"},
                     {"id": "c", "status": "resting"}, 7]}  # fmt: skip
    answer = retirements_answer(replied(feed))
    assert isinstance(answer, Retirements)
    (retired,) = answer.models
    assert (retired.names, retired.how) == ({"a", "b"}, Retiring.WITHDRAWN)
    assert (retired.shutdown_on, retired.replaced_by) == (None, None)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8)
    | st.decimals(allow_nan=True, allow_infinity=True),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["data", "pagination", "next_cursor", "has_more", "amount", "usd",
                         "credits", "direction", "reference_id", "id", "aliases", "pricing",
                         "units", "price", "per", "unit", "status", "current_balance"]),
        inner, max_size=5),
    max_leaves=12,
)  # fmt: skip


@given(body=st.dictionaries(st.sampled_from(["data", "pagination", "current_balance"]), JSON))
def test_no_json_is_an_error(body: dict[str, Any]) -> None:
    page = ledger_answer(200, {}, body, now=NOW)
    assert isinstance(page, (LedgerPage, NotOffered))
    assert isinstance(balance_answer(200, body), (Balance, NotOffered))
    assert isinstance(catalogue_answer(replied(body)), (Catalogue, NotOffered))
    assert isinstance(retirements_answer(replied(body)), (Retirements, NotOffered))


async def _asked(body: bytes, key: str) -> Any:
    async with answering(http_answer(body)) as url, Asker(url, key=key, trust_env=False) as asker:
        return await asker.get("/v2/logs", {}, deadline_s=5)


def test_a_key_that_an_answer_echoes_does_not_get_further() -> None:
    key = "vk0123456789abcdef0123456789"
    body = f'{{"reference_id": "{key}", "deep": ["Bearer {key}"]}}'.encode()
    reply = asyncio.run(_asked(body, key))
    assert reply.body == {"reference_id": "…", "deep": ["Bearer …"]}
    assert ledger(ROW, {**ROW, "reference_id": "…"}).unreadable == ("",)
