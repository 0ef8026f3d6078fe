"""A person's word about a take in doubt, and what the next render makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.answers.shop import NOTHING, PRICE, Shop, mark, open_shop
from tests.command import Ended, Songmake

PAID = ("found", "charged", "unasked", "removed")
UNPAID = ("never", "offline")
NAMES = ("fine", *PAID, *UNPAID)


@pytest.fixture(scope="module")
def doubtful() -> Iterator[Shop]:
    """One published song; the others are in doubt, for there is no log to ask."""
    with open_shop() as shop:
        shop.offer(*NAMES)
        shop.vendor.fault("logs", "404", times=None)
        for name in PAID:
            shop.vendor.fault("post", "accept_then_500", match=mark(name))
        for name in UNPAID:
            shop.vendor.fault("post", "500", match=mark(name))
        assert shop.songmake.render("-j", "9").code == 3
        yield shop


def test_a_generation_that_another_take_has_is_refused(doubtful: Shop) -> None:
    used = doubtful.row("fine")["generation_id"]
    ended = doubtful.songmake("settle", "unasked#1", "--generation", used)
    assert ended.code == 2
    assert "belongs to album/fine#1 already" in ended.err


@pytest.mark.parametrize("generation_id", ["nobody-knows-this-id", "two\nlines"])
def test_a_generation_that_the_provider_does_not_know_is_refused(
    doubtful: Shop, generation_id: str
) -> None:
    ended = doubtful.songmake("settle", "unasked#1", "--generation", generation_id)
    assert ended.code == 2
    assert "hint:" in ended.err


def test_a_generation_that_cannot_be_checked_now_is_refused(doubtful: Shop) -> None:
    (sold,) = doubtful.sold("unasked")
    keyless = {"AIMLAPI_BASE_URL": doubtful.vendor.api_url}
    words = ("settle", "unasked#1", "--generation", sold.id)
    ended = Songmake(project=doubtful.project, environment=keyless)(*words)
    assert ended.code == 2
    assert "AIMLAPI_KEY is not set" in ended.err
    doubtful.vendor.fault("poll", "503", match=mark("unasked"))
    ended = doubtful.songmake(*words)
    assert ended.code == 2
    assert "does not confirm" in ended.err


@pytest.mark.parametrize(
    "words",
    [
        ("fine#1", "--charged"),
        ("no-such-song#1", "--not-charged"),
        ("unasked#2", "--not-charged"),
        ("unasked#1",),
        ("unasked#1", "--charged", "--not-charged"),
        ("unasked#1", "--charged", "--generation", "x"),
        ("*", "--charged"),
    ],
)
def test_what_cannot_be_settled_is_a_usage_error(doubtful: Shop, words: tuple[str, ...]) -> None:
    ended = doubtful.songmake("settle", *words)
    assert ended.code == 2
    assert "error:" in ended.err.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What each word was answered with, and the render after all of them."""

    shop: Shop
    words: dict[str, Ended]
    render: Ended


@pytest.fixture(scope="module")
def settled(doubtful: Shop) -> Settled:
    """Every doubt decided; the refusals above must have changed nothing, or a word fails here."""
    (found,), (removed,) = doubtful.sold("found"), doubtful.sold("removed")
    crid = doubtful.row("removed")["client_request_id"]
    doubtful.offer(*(name for name in NAMES if name != "removed"))
    settle = doubtful.songmake
    offline = Songmake(project=doubtful.project, environment={})
    words = {
        "found": settle("settle", "found#1", "--generation", found.id),
        "removed": settle("settle", crid, "--generation", removed.id),
        "charged": settle("settle", "charged#1", "--charged"),
        "unasked": settle("settle", "album/unasked#1", "--charged"),
        "never": settle("settle", "never#1", "--not-charged"),
        "offline": offline("settle", "offline#1", "--charged"),
    }
    return Settled(shop=doubtful, words=words, render=settle.render())


def test_a_named_generation_is_collected_and_not_bought_again(settled: Settled) -> None:
    shop = settled.shop
    (sold,) = shop.sold("found")
    assert settled.words["found"].out == "album/found#1: submitted ($0.195)\n"
    row = shop.row("found")
    assert (row["state"], row["generation_id"], row["attempt"]) == ("published", sold.id, 1)
    assert shop.money("found") == (PRICE, NOTHING, NOTHING)
    assert len(shop.posts("found")) == 1


def test_a_removed_song_is_settled_by_its_client_request_id(settled: Settled) -> None:
    shop = settled.shop
    (sold,) = shop.sold("removed")
    row = shop.row("removed")
    assert row["state"] in ("stored", "published")
    assert row["generation_id"] == sold.id
    assert shop.money("removed") == (PRICE, NOTHING, NOTHING)
    assert len(shop.posts("removed")) == 1


@pytest.mark.parametrize("name", ["charged", "unasked", "offline"])
def test_a_charged_take_is_lost_and_costs_what_it_did(settled: Settled, name: str) -> None:
    shop, said = settled.shop, settled.words[name]
    assert (said.code, said.out) == (0, f"album/{name}#1: lost ($0.195)\n")
    assert "--replace" in said.err
    (row,) = shop.rows(name)
    assert row["state"] == "lost"
    assert shop.money(name) == (PRICE, NOTHING, NOTHING)
    assert len(shop.posts(name)) == 1
    assert settled.render.code == 1


def test_a_take_that_was_not_charged_is_bought_as_the_same_attempt(settled: Settled) -> None:
    shop = settled.shop
    assert settled.words["never"].out.startswith("album/never#1: planned")
    (row,) = shop.rows("never")
    assert (row["state"], row["attempt"]) == ("published", 1)
    assert shop.money("never") == (PRICE, NOTHING, NOTHING)
    assert len(shop.posts("never")) == 2
    assert len(shop.sold("never")) == 1


def test_a_lost_take_is_bought_again_by_replace_alone(settled: Settled) -> None:
    shop = settled.shop
    shop.songmake.render("-s", "charged", "--replace", "charged")
    states = [(row["attempt"], row["state"]) for row in shop.rows("charged")]
    assert states == [(1, "superseded"), (2, "published")]
    assert shop.rows("charged")[0]["charged_usd"] == PRICE
    assert shop.vendor.ledger().violations == ()


def test_a_submitted_take_can_be_settled_too(shop: Shop) -> None:
    shop.offer("song")
    assert shop.songmake.render("--no-wait").code == 6
    assert shop.songmake("settle", "song#1", "--charged").code == 0
    assert shop.songmake("report").code == 0
    assert shop.row("song")["state"] == "lost"
    assert shop.money("song") == (PRICE, NOTHING, NOTHING)
