"""Codes that say "never": rejected, free, and bought again by a person's word alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.answers.shop import NOTHING, PRICE, Shop, mark, open_shop
from tests.command import Ended

CODES = ("400", "404", "405", "409", "410", "413", "415", "422", "451")
NAMES = {f"code-{code}": code for code in CODES}


@pytest.fixture(scope="module")
def rejected() -> Iterator[tuple[Shop, Ended]]:
    with open_shop() as shop:
        shop.offer("fine", *NAMES)
        for name, code in NAMES.items():
            shop.vendor.fault("post", code, match=mark(name), message="never like this")
        yield shop, shop.songmake.render("-j", "10")


@pytest.mark.parametrize("name", NAMES)
def test_a_request_refused_for_good_is_rejected_and_free(
    rejected: tuple[Shop, Ended], name: str
) -> None:
    shop, ended = rejected
    row = shop.row(name)
    assert row["state"] == "rejected"
    assert row["error"] == f"HTTP {NAMES[name]}: never like this"
    assert shop.money(name) == (NOTHING, NOTHING, NOTHING)
    assert len(shop.posts(name)) == 1
    assert f"album/{name}#1 rejected: HTTP {NAMES[name]}: never like this" in ended.err


def test_the_other_songs_are_bought_and_the_run_ends_with_1(rejected: tuple[Shop, Ended]) -> None:
    shop, ended = rejected
    assert ended.code == 1
    assert shop.row("fine")["state"] == "published"
    assert shop.songmake.report()["totals"]["charged_usd"] == PRICE


def test_only_replace_sends_it_again(rejected: tuple[Shop, Ended]) -> None:
    shop, _ = rejected
    before = shop.vendor.ledger()
    ended = shop.songmake.render()
    assert ended.code == 1
    assert f"album/{next(iter(NAMES))}#1 rejected" in ended.err
    assert shop.vendor.ledger() == before

    assert shop.songmake.render("--replace", "state:rejected").code == 0
    ledger = shop.vendor.ledger()
    assert ledger.posts == before.posts + len(CODES)
    for name in NAMES:
        states = [(row["attempt"], row["state"]) for row in shop.rows(name)]
        assert states == [(1, "superseded"), (2, "published")]
    assert ledger.violations == ()
