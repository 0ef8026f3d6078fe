"""429: planned again, one shared pause for every song, up to the time-out."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.answers.shop import NOTHING, Shop, open_shop

SONGS = tuple(f"song-{number}" for number in range(1, 9))
IN_FLIGHT_S = 0.5  # a POST that was connecting when the refusal came may still arrive


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A ``Retry-After`` and the shortest wait that honours it."""

    header: str | None
    wait_s: float


ASKED = {
    "seconds": Asked(header="3", wait_s=3.0),
    "a date": Asked(header="date:4", wait_s=2.9),
    "negative": Asked(header="-5", wait_s=2.0),
    "absent": Asked(header=None, wait_s=2.0),
    "nonsense": Asked(header="soon", wait_s=2.0),
    "a past date": Asked(header="date:-60", wait_s=2.0),
}


@pytest.fixture(scope="module")
def refused() -> Iterator[dict[str, tuple[Shop, subprocess.Popen[str]]]]:
    """One run for each header, side by side; its very first POST is refused."""
    with ExitStack() as stack:
        runs = {}
        for name, asked in ASKED.items():
            shop = stack.enter_context(open_shop(post_latency_s=0.7))
            shop.offer(*SONGS)
            wish = {} if asked.header is None else {"retry_after": asked.header}
            shop.vendor.fault("post", "429", **wish)
            words = ("render", "--yes", "--poll-interval", "0.05", "-j", "8")
            runs[name] = (shop, stack.enter_context(shop.songmake.start(*words)))
        yield runs


@pytest.mark.parametrize("name", ASKED)
def test_everybody_waits_as_asked_and_then_each_song_is_bought_once(
    refused: dict[str, tuple[Shop, subprocess.Popen[str]]], name: str
) -> None:
    shop, process = refused[name]
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "asks for patience (HTTP 429" in said

    ledger = shop.vendor.ledger()
    posts = ledger.of("post")
    first = next(post for post in posts if post.status == 429)
    assert first.answered_at is not None
    silent_from = first.answered_at + IN_FLIGHT_S
    silent_until = first.answered_at + ASKED[name].wait_s - 0.1
    assert [post for post in posts if silent_from < post.at < silent_until] == []
    assert [post for post in posts if post.at >= silent_until] != []

    assert len(ledger.accepted) == len(SONGS)
    assert ledger.posts == len(SONGS) + 1
    assert ledger.violations == ()
    assert {row["attempt"] for row in shop.songmake.report()["takes"]} == {1}


def test_a_pause_beyond_the_time_out_is_left_for_the_next_run(shop: Shop) -> None:
    shop.offer("one", "two")
    shop.vendor.fault("post", "429", retry_after="20", times=None)
    began_s = time.monotonic()
    ended = shop.songmake.render("--poll-timeout", "1")
    assert ended.code == 6
    assert time.monotonic() - began_s < 12
    assert shop.vendor.ledger().accepted == ()
    for name in ("one", "two"):
        assert shop.row(name)["state"] == "planned"
        assert shop.money(name) == (NOTHING, NOTHING, NOTHING)

    shop.vendor.clear_faults()
    assert shop.songmake.render().code == 0
    assert len(shop.vendor.ledger().accepted) == 2
    assert {row["attempt"] for row in shop.songmake.report()["takes"]} == {1}


def test_refusals_until_the_time_out_leave_the_song_planned(shop: Shop) -> None:
    shop.offer("one")
    refusal = shop.vendor.fault("post", "429", retry_after="0.2", times=None)
    ended = shop.songmake.render("--poll-timeout", "0.8")
    assert ended.code == 6
    assert 1 <= shop.vendor.hits(refusal) <= 9
    assert shop.row("one")["state"] == "planned"


def test_a_vendor_with_few_places_gets_every_song_in_the_end(shop: Shop) -> None:
    shop.vendor.set(active_limit=2)
    shop.offer(*SONGS[:4])
    shop.vendor.fault("post", "429", retry_after="0.3", skip=1, times=2)
    assert shop.songmake.render("-j", "2").code == 0
    assert len(shop.vendor.ledger().accepted) == 4
    assert shop.vendor.ledger().bought_twice == ()
