"""No byte of a paid request left this machine: nothing is recorded and nothing is lost."""

from __future__ import annotations

from tests.answers.shop import Shop


def test_a_vendor_that_is_down_costs_nothing_and_counts_no_attempt(shop: Shop) -> None:
    shop.offer("one", "two")
    shop.vendor.kill()
    ended = shop.songmake.render("--poll-timeout", "0.6")
    assert ended.code == 6
    assert "not sent (ConnectError" in ended.err
    assert shop.songmake.report()["takes"] == []

    shop.vendor.start()
    assert shop.songmake.render().code == 0
    ledger = shop.vendor.ledger()
    assert ledger.posts == 2
    assert [one.client_request_id.split(".")[2] for one in ledger.accepted] == ["1", "1"]


def test_a_vendor_that_comes_up_while_the_run_waits_is_bought_from(shop: Shop) -> None:
    shop.offer("one")
    shop.vendor.kill()
    waiting = shop.songmake.start("render", "--yes", "--poll-interval", "0.05")
    assert waiting.stderr is not None
    said = ""
    while "not sent" not in said:
        said = waiting.stderr.readline()
        assert said, "the run ended before it waited"
    shop.vendor.start()
    waiting.communicate(timeout=30)
    assert waiting.returncode == 0
    assert shop.vendor.ledger().posts == 1
