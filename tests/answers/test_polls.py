"""Polls are free: whatever they answer, the paid song is asked for again until it is there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.answers.shop import NOTHING, PRICE, Shop, mark, open_shop
from tests.command import Ended

PASSING: dict[str, dict[str, Any]] = {
    "unknown-status": {"do": "unknown_status", "value": "humming", "times": 3},
    "not-known-yet": {"do": "404", "times": 3},
    "no-link": {"do": "completed_without_url", "times": 2},
    "file-link": {"do": "bad_url_scheme", "times": 2},
    "odd-link": {"do": "bad_url_scheme", "value": "//host/song.mp3", "times": 2},
    "html": {"do": "html200"},
    "empty": {"do": "empty200"},
    "bad-json": {"do": "bad_json"},
    "cut-short": {"do": "truncate"},
    "code-500": {"do": "500", "times": 2},
    "code-502": {"do": "502", "body": "html"},
    "code-408": {"do": "408"},
    "code-400": {"do": "400"},
    "redirect": {"do": "redirect"},
    "reset": {"do": "reset_after_read"},
    "late": {"do": "delay", "seconds": 0.5},
    "throttled": {"do": "429", "retry_after": "0.2"},
    "bomb": {"do": "gzip_bomb"},
    "huge": {"do": "huge"},
}


@pytest.fixture(scope="module")
def polled() -> Iterator[tuple[Shop, Ended]]:
    with open_shop() as shop:
        shop.offer("refused", *PASSING)
        shop.vendor.fault("poll", "error_status", match=mark("refused"), message="too rude")
        for name, fault in PASSING.items():
            shop.vendor.fault("poll", match=mark(name), **fault)
        yield shop, shop.songmake.render("-j", "30")


@pytest.mark.parametrize("name", PASSING)
def test_a_poll_that_goes_wrong_is_asked_again(polled: tuple[Shop, Ended], name: str) -> None:
    shop, ended = polled
    assert shop.row(name)["state"] == "published", ended.err
    assert shop.money(name) == (PRICE, NOTHING, NOTHING)
    at_least = PASSING[name].get("times", 1) + (PASSING[name]["do"] != "delay")
    assert len(shop.requests("poll", name)) >= at_least
    assert len(shop.posts(name)) == 1


def test_every_fault_was_met(polled: tuple[Shop, Ended]) -> None:
    shop, _ = polled
    assert [rule for rule in shop.vendor.faults() if rule["hits"] != rule["times"]] == []
    assert shop.vendor.ledger().violations == ()


def test_an_unknown_status_is_told_once(polled: tuple[Shop, Ended]) -> None:
    _, ended = polled
    assert ended.err.count("unknown status 'humming' is taken as still running") == 1


def test_an_error_status_fails_the_song_and_releases_its_money(polled: tuple[Shop, Ended]) -> None:
    shop, ended = polled
    assert ended.code == 1
    assert shop.row("refused")["state"] == "failed"
    assert "too rude" in shop.row("refused")["error"]
    assert "too rude" in ended.err
    assert shop.money("refused") == (NOTHING, NOTHING, NOTHING)
    totals = shop.songmake.report()["totals"]
    assert totals["released_usd"] == PRICE
    assert totals["charged_usd"] == f"{shop.vendor.ledger().charged_usd:.6f}"


def test_a_failed_song_is_bought_again_by_replace_alone(polled: tuple[Shop, Ended]) -> None:
    shop, _ = polled
    before = shop.vendor.ledger().posts
    assert shop.songmake.render().code == 1
    assert shop.vendor.ledger().posts == before
    assert shop.songmake.render("--replace", "state:failed").code == 0
    assert shop.vendor.ledger().posts == before + 1
    assert [row["state"] for row in shop.rows("refused")] == ["superseded", "published"]


def test_songs_that_do_not_come_in_time_are_left_for_the_next_run(shop: Shop) -> None:
    faults = {
        "linkless": "completed_without_url",
        "file-link": "bad_url_scheme",
        "endless": "generating",
        "unknown": "404",
        "unwell": "500",
        "silent": "hang",
    }
    shop.offer(*faults)
    for name, fault in faults.items():
        shop.vendor.fault("poll", fault, match=mark(name), times=None)
    began_s = time.monotonic()
    ended = shop.songmake.render("-j", "6", "--poll-timeout", "1.5")
    assert time.monotonic() - began_s < 20
    assert ended.code == 6
    assert "completed without a usable link" in ended.err
    for name in faults:
        assert shop.row(name)["state"] == "submitted"
        assert shop.money(name) == (NOTHING, PRICE, NOTHING)
        assert f"album/{name}#1 submitted" in ended.err
    assert ended.err.count("left for the next run") == len(faults)

    shop.vendor.clear_faults()
    assert shop.songmake.render().code == 0
    assert shop.vendor.ledger().posts == len(faults)


def test_polls_that_are_throttled_beyond_the_time_out_are_left_for_the_next_run(
    shop: Shop,
) -> None:
    shop.offer("song")
    shop.vendor.fault("poll", "429", retry_after="30", times=None)
    began_s = time.monotonic()
    ended = shop.songmake.render("--poll-timeout", "1")
    assert time.monotonic() - began_s < 15
    assert ended.code == 6
    assert "left for the next run" in ended.err
    assert shop.money("song") == (NOTHING, PRICE, NOTHING)


def test_what_the_journal_knows_of_waits_tells_the_next_run_when_to_ask() -> None:
    with open_shop() as shop:
        shop.offer("quick", "quicker")
        assert shop.songmake.render().code == 0
        shop.vendor.set(seconds=2.0)
        shop.offer("quick", "quicker", "slow")

        assert shop.songmake("render", "--yes").code == 0

        # three seconds are thought of whoever is unknown: about eight polls in two
        assert len(shop.requests("poll", "slow")) > 15
