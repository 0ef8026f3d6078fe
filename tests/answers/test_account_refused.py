"""401, 402 and 403: buying stops, what is paid is collected, and nothing is used up."""

from __future__ import annotations

import pytest

from tests.answers.shop import NOTHING, PRICE, Shop, mark
from tests.command import Songmake


@pytest.mark.parametrize("code", ["401", "402", "403"])
def test_buying_stops_and_what_is_paid_is_collected(shop: Shop, code: str) -> None:
    shop.offer("paid")
    if code == "403":
        assert shop.songmake.render("--no-wait").code == 6
    shop.offer("paid", "one", "two", "three")
    refusal = shop.vendor.fault("post", code, times=None, message="not with this account")
    ended = shop.songmake.render("-j", "1")
    assert ended.code == 1
    assert f"the account was refused: HTTP {code}: not with this account" in ended.err
    assert "hint: check AIMLAPI_KEY" in ended.err
    assert shop.vendor.hits(refusal) == 1
    if code == "403":
        assert shop.row("paid")["state"] == "published"
    (refused,) = [row for row in shop.songmake.report()["takes"] if row["state"] == "planned"]
    assert shop.money(refused["song"]) == (NOTHING, NOTHING, NOTHING)

    shop.vendor.clear_faults()
    assert shop.songmake.render().code == 0
    assert set(shop.songmake.states().values()) == {"published"}
    assert {row["attempt"] for row in shop.songmake.report()["takes"]} == {1}
    assert len(shop.vendor.ledger().accepted) == 4


def test_credits_that_run_out_stop_buying_after_what_they_covered(shop: Shop) -> None:
    shop.vendor.set(balance_usd=0.4)
    shop.offer("one", "two", "three", "four")
    ended = shop.songmake.render("-j", "1")
    assert ended.code == 1
    assert "run out of credits" in ended.err
    ledger = shop.vendor.ledger()
    assert (len(ledger.accepted), ledger.posts) == (2, 3)
    assert sorted(shop.songmake.states().values()) == ["planned", "published", "published"]


def test_a_wrong_key_buys_nothing(shop: Shop) -> None:
    shop.offer("one")
    wrong = {**shop.vendor.environment, "AIMLAPI_KEY": "not-the-key"}
    ended = Songmake(project=shop.project, environment=wrong).render()
    assert ended.code == 1
    assert "the account was refused: HTTP 401" in ended.err
    assert shop.songmake.states() == {"one#1": "planned"}
    assert "not-the-key" not in ended.said


def test_a_key_that_is_refused_at_every_poll_leaves_the_song_for_later(shop: Shop) -> None:
    shop.offer("one", "two")
    refusal = shop.vendor.fault("poll", "401", times=None, match=mark("one"))
    ended = shop.songmake.render("-j", "1")
    assert ended.code == 1
    assert "the account was refused: HTTP 401" in ended.err
    assert 1 <= shop.vendor.hits(refusal) <= 6
    assert shop.row("one")["state"] == "submitted"
    assert shop.money("one") == (NOTHING, PRICE, NOTHING)
    assert shop.vendor.ledger().posts == 1

    shop.vendor.clear_faults()
    assert shop.songmake.render().code == 0
    assert shop.vendor.ledger().posts == 2


def test_a_key_that_is_refused_at_one_poll_does_not_lose_the_song(shop: Shop) -> None:
    shop.offer("one")
    shop.vendor.fault("poll", "403")
    assert shop.songmake.render().code == 1
    assert shop.row("one")["state"] == "published"
    assert shop.songmake.render().code == 0
    assert shop.vendor.ledger().posts == 1
