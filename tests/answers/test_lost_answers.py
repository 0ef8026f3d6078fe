"""Answers to paid requests that were lost: found by the log if accepted, else left in doubt."""

from __future__ import annotations

import pytest

from tests.answers.shop import NOTHING, PRICE, recording
from tests.answers.slow_runs import ACCEPTED, NOT_ACCEPTED, SlowRun


@pytest.fixture(scope="module")
def lost(slow_runs: dict[str, SlowRun]) -> SlowRun:
    run = slow_runs["lost answers"]
    run.ended()
    return run


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_paid_song_whose_answer_was_lost_is_found_and_published(lost: SlowRun, name: str) -> None:
    shop = lost.shop
    (sold,) = shop.sold(name)
    row = shop.row(name)
    assert (row["state"], row["attempt"]) == ("published", 1)
    assert row["generation_id"] == sold.id
    assert row["client_request_id"] == sold.client_request_id
    assert shop.money(name) == (PRICE, NOTHING, NOTHING)
    assert row["audio"]["stored_sha256"] == recording(sold.id)
    assert len(shop.posts(name)) == 1


@pytest.mark.parametrize("name", NOT_ACCEPTED)
def test_a_song_that_the_log_does_not_know_stays_in_doubt(lost: SlowRun, name: str) -> None:
    shop = lost.shop
    assert shop.sold(name) == ()
    assert shop.row(name)["state"] == "in_doubt"
    assert shop.row(name)["error"]
    assert shop.money(name) == (NOTHING, NOTHING, PRICE)
    assert len(shop.posts(name)) == 1
    assert f"songmake settle 'album/{name}#1' --generation ID" in lost.ended().err


def test_doubt_ends_the_run_with_3_and_shows_in_the_totals(lost: SlowRun) -> None:
    totals = lost.shop.songmake.report()["totals"]
    in_doubt = f"{0.195 * len(NOT_ACCEPTED):.6f}"
    charged = f"{0.195 * (len(ACCEPTED) + 1):.6f}"
    assert lost.ended().code == 3
    assert (totals["in_doubt_usd"], totals["charged_usd"]) == (in_doubt, charged)
    assert f"{lost.shop.vendor.ledger().charged_usd:.6f}" == charged
    assert "(exit 3)" in lost.ended().err


def test_no_redirect_of_a_paid_request_was_followed_and_nothing_else_was_wrong(
    lost: SlowRun,
) -> None:
    assert lost.shop.vendor.ledger().violations == ()


def test_three_more_runs_buy_nothing_and_still_say_so(lost: SlowRun) -> None:
    shop, before = lost.shop, lost.shop.vendor.ledger()
    for _ in range(3):
        ended = shop.songmake.render()
        assert ended.code == 3
        assert "songmake settle" in ended.err
    after = shop.vendor.ledger()
    assert after.posts == before.posts
    assert after.accepted == before.accepted
    assert {shop.row(name)["state"] for name in NOT_ACCEPTED} == {"in_doubt"}
