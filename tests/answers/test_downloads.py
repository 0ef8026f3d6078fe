"""Downloads end with the very bytes that were paid for, or with a take that is known as lost."""

from __future__ import annotations

import pytest

from tests.answers.shop import NOTHING, PRICE, Shop, recording
from tests.answers.slow_runs import SlowRun
from tests.answers.spoilt_downloads import LOST, MENDING
from tests.command import Ended

RESUMED = ("cut-short", "chunked", "reset")


@pytest.fixture(scope="module")
def fetched(slow_runs: dict[str, SlowRun]) -> tuple[Shop, Ended]:
    run = slow_runs["downloads"]
    return run.shop, run.ended()


@pytest.mark.parametrize("name", MENDING)
def test_a_download_that_goes_wrong_ends_with_the_bytes_that_were_paid_for(
    fetched: tuple[Shop, Ended], name: str
) -> None:
    shop, ended = fetched
    (sold,) = shop.sold(name)
    row = shop.row(name)
    assert row["state"] == "published", ended.err
    assert row["audio"]["stored_sha256"] == recording(sold.id)
    assert shop.money(name) == (PRICE, NOTHING, NOTHING)
    assert (shop.project / "outputs" / "album" / row["audio"]["path"]).exists()


@pytest.mark.parametrize("name", RESUMED)
def test_a_cut_download_asks_for_the_rest_alone(fetched: tuple[Shop, Ended], name: str) -> None:
    shop, _ = fetched
    asked = [
        (one.headers.get("range"), one.status, "if-range" in one.headers)
        for one in shop.requests("cdn", name)
    ]
    assert asked == [(None, 200, False), ("bytes=10000-", 206, True)]


@pytest.mark.parametrize("name", ["expired", "gone-once", "html", "garbage"])
def test_a_link_that_brings_nothing_usable_is_polled_for_a_fresh_one(
    fetched: tuple[Shop, Ended], name: str
) -> None:
    shop, _ = fetched
    assert len(shop.requests("cdn", name)) == 2
    polls = [one.at for one in shop.requests("poll", name)]
    first, second = (one.at for one in shop.requests("cdn", name))
    assert any(first < at < second for at in polls)


@pytest.mark.parametrize(
    ("scene", "name"),
    [("downloads", "html"), ("downloads", "garbage"), ("never audio", "never-audio")],
)
def test_full_bytes_that_are_no_audio_are_kept_aside(
    slow_runs: dict[str, SlowRun], scene: str, name: str
) -> None:
    run = slow_runs[scene]
    run.ended()
    kept = {path.name for path in (run.shop.project / ".songmake" / "quarantine").iterdir()}
    crid = run.shop.row(name)["client_request_id"]
    assert any(one.startswith(crid) for one in kept)


@pytest.mark.parametrize("name", LOST)
def test_a_file_that_no_fresh_link_brings_is_lost_and_charged(
    fetched: tuple[Shop, Ended], name: str
) -> None:
    shop, ended = fetched
    assert shop.row(name)["state"] == "lost"
    assert shop.row(name)["error"]
    assert shop.row(name)["audio"] is None
    assert shop.money(name) == (PRICE, NOTHING, NOTHING)
    assert 2 <= len(shop.requests("cdn", name)) <= 10
    assert f"album/{name}#1 lost" in ended.err


def test_bytes_that_are_no_audio_leave_a_take_to_be_fetched_again(
    slow_runs: dict[str, SlowRun],
) -> None:
    shop = slow_runs["never audio"].shop
    slow_runs["never audio"].ended()
    assert shop.row("never-audio")["state"] == "ready"
    assert shop.money("never-audio") == (PRICE, NOTHING, NOTHING)
    assert 2 <= len(shop.requests("cdn", "never-audio")) <= 10


def test_losses_end_the_run_with_1_and_are_not_bought_again(fetched: tuple[Shop, Ended]) -> None:
    shop, ended = fetched
    assert ended.code == 1
    before = shop.vendor.ledger()
    assert shop.songmake.render().code == 1
    assert shop.vendor.ledger().posts == before.posts
    assert shop.vendor.ledger().charged_usd == before.charged_usd


def test_the_key_never_reached_the_cdn_and_no_link_was_altered(fetched: tuple[Shop, Ended]) -> None:
    shop, _ = fetched
    ledger = shop.vendor.ledger()
    assert ledger.violations == ()
    assert not any(one.has_key for one in ledger.of("cdn"))
    assert [
        rule for rule in shop.vendor.faults() if rule["times"] not in (None, rule["hits"])
    ] == []


def test_nothing_half_done_is_left_behind(fetched: tuple[Shop, Ended]) -> None:
    shop, _ = fetched
    partial = shop.project / ".songmake" / "partial"
    assert not partial.exists() or list(partial.iterdir()) == []
    ids = {path.stem for path in (shop.project / ".songmake" / "store").rglob("*.mp3")}
    assert ids == {shop.row(name)["audio"]["stored_sha256"] for name in (*MENDING, "changed")}


def test_a_link_born_dead_is_given_another_chance(slow_runs: dict[str, SlowRun]) -> None:
    run = slow_runs["dead links"]
    assert run.ended().code == 1
    assert run.shop.row("song")["state"] == "lost"
    assert len(run.shop.requests("cdn", "song")) >= 2


def test_a_file_that_changes_between_two_visits_is_never_glued_together(
    fetched: tuple[Shop, Ended],
) -> None:
    shop, _ = fetched
    (sold,) = shop.sold("changed")
    possible = {recording(sold.id), recording(f"{sold.id}~")}
    assert shop.row("changed")["audio"]["stored_sha256"] in possible


def test_a_cdn_that_is_down_leaves_the_song_for_the_next_run(shop: Shop) -> None:
    shop.offer("song")
    shop.vendor.fault("cdn", "reset_at", bytes=0, times=None)
    ended = shop.songmake.render("--max-duration", "1.5")
    assert ended.code == 6
    assert shop.row("song")["state"] == "ready"
    assert shop.money("song") == (PRICE, NOTHING, NOTHING)
    shop.vendor.clear_faults()
    assert shop.songmake.render().code == 0
    assert shop.vendor.ledger().posts == 1
