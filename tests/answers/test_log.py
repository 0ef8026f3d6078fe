"""The provider's request log, when it is missing, late, broken or without end."""

from __future__ import annotations

import http.client
from urllib.parse import urlencode, urlsplit

from tests.answers.shop import NOTHING, PRICE, Shop
from tests.answers.slow_runs import SlowRun


def test_a_log_that_appears_later_settles_the_doubt_in_the_next_run(
    slow_runs: dict[str, SlowRun],
) -> None:
    run = slow_runs["log for later"]
    assert run.ended().code == 3
    assert run.shop.songmake.states() == {"song#1": "in_doubt"}
    assert run.shop.songmake.render().code == 0
    assert run.shop.songmake.states() == {"song#1": "published"}
    assert run.shop.vendor.ledger().posts == 1


def test_a_log_that_the_key_may_not_read_is_a_missing_log(shop: Shop) -> None:
    shop.offer("song")
    shop.vendor.fault("logs", "403", times=None)
    shop.vendor.fault("post", "accept_then_500")
    assert shop.songmake.render().code == 3
    assert shop.vendor.ledger().logs == 1


def test_a_row_behind_several_pages_of_other_requests_is_found(shop: Shop) -> None:
    shop.offer("song")
    shop.vendor.set(foreign_log_rows=350)
    shop.vendor.fault("post", "accept_then_500")
    assert shop.songmake.render().code == 0
    assert shop.songmake.states() == {"song#1": "published"}
    ledger = shop.vendor.ledger()
    assert 4 <= ledger.logs <= 8
    assert ledger.violations == ()


def test_a_request_that_failed_according_to_the_log_costs_nothing(
    slow_runs: dict[str, SlowRun],
) -> None:
    run, shop = slow_runs["failure in the log"], slow_runs["failure in the log"].shop
    assert run.ended().code == 3
    shop.vendor.fault("poll", "error_status")
    _ask_past_the_product(shop, shop.vendor.ledger().ids[0])
    assert shop.songmake.render().code == 1
    assert shop.row("song")["state"] == "failed"
    assert shop.money("song") == (NOTHING, NOTHING, NOTHING)
    assert shop.songmake.report()["totals"]["released_usd"] == PRICE
    assert shop.vendor.ledger().posts == 1


def test_rows_that_come_late_are_found_in_the_same_run(slow_runs: dict[str, SlowRun]) -> None:
    run = slow_runs["late log"]
    assert run.ended().code == 0
    assert run.shop.songmake.states() == {"song#1": "published"}
    assert run.shop.vendor.ledger().posts == 1


def test_a_log_that_fails_and_then_works_is_asked_again(slow_runs: dict[str, SlowRun]) -> None:
    run = slow_runs["failing log"]
    assert run.ended().code == 0
    assert run.shop.songmake.states() == {"song#1": "published"}
    assert run.shop.vendor.ledger().posts == 1


def test_an_unreadable_log_proves_nothing(slow_runs: dict[str, SlowRun]) -> None:
    run = slow_runs["unreadable log"]
    assert run.ended().code == 3
    assert run.shop.songmake.states() == {"song#1": "in_doubt"}
    assert len(run.shop.vendor.ledger().accepted) == 1


def test_a_log_without_end_is_read_in_bounds(slow_runs: dict[str, SlowRun]) -> None:
    run = slow_runs["endless log"]
    ledger = run.shop.vendor.ledger() if run.ended() else None
    assert run.ended().code == 3
    assert ledger is not None
    assert 20 <= ledger.logs <= 200
    assert ledger.violations == ()
    assert run.shop.songmake.states() == {"song#1": "in_doubt"}


def test_without_a_log_a_lost_answer_stays_in_doubt_and_is_never_bought_again(
    slow_runs: dict[str, SlowRun],
) -> None:
    run = slow_runs["no log"]
    codes = [run.ended().code, *(run.shop.songmake.render().code for _ in range(3))]
    ledger = run.shop.vendor.ledger()
    assert codes == [3, 3, 3, 3]
    assert ledger.posts == 2
    assert len(ledger.accepted) == 1
    assert run.shop.songmake.states() == {"paid#1": "in_doubt", "unpaid#1": "in_doubt"}


def _ask_past_the_product(shop: Shop, generation_id: str) -> None:
    where = urlsplit(shop.vendor.api_url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=10)
    query = urlencode({"generation_id": generation_id})
    headers = {"Authorization": f"Bearer {shop.vendor.key}"}
    try:
        connection.request("GET", f"/v2/generate/audio?{query}", headers=headers)
        assert connection.getresponse().status == 200
    finally:
        connection.close()
