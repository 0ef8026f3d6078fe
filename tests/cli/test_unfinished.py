from tests.builders import songs, write_manifest
from tests.cli.seeing import again, cost, inside, summary, tracks
from tests.command import Songmake
from tests.vendor.client import Vendor


def test_what_was_submitted_without_waiting_is_collected_by_the_next_run(
    shop: Songmake, vendor: Vendor
):
    write_manifest(shop.project, songs(2))
    assert shop.render("--no-wait").code == 6
    assert set(shop.states().values()) == {"submitted"}
    assert cost(shop)["totals"]["held_usd"] == "0.390000"
    assert summary(shop)["exit_code"] == 6
    planned = inside(shop, "plan")
    assert "2 takes: 2 collect · $0.00" in planned.out
    assert shop("render", "--poll-interval", "0.05").code == 0  # free: no --yes
    assert len(vendor.ledger().accepted) == 2
    assert len(tracks(shop)) == 2


def test_what_was_paid_for_is_collected_though_nothing_wants_it_any_more(
    shop: Songmake, vendor: Vendor
):
    write_manifest(shop.project, songs(2))
    assert shop.render("--no-wait").code == 6
    write_manifest(shop.project, songs(1), budget_usd=0)
    assert shop.render("--select", "song-1").code == 0
    assert shop.states() == {"song-1#1": "published", "song-2#1": "stored"}
    assert list(tracks(shop)) == ["01-song-1.mp3"]
    assert len(vendor.ledger().accepted) == 2


def test_a_run_may_be_given_so_many_seconds(shop: Songmake, vendor: Vendor):
    vendor.set(seconds=60.0)
    write_manifest(shop.project, songs(2))
    ended = shop.render("--max-duration", "1", timeout_s=30)
    assert ended.code == 6
    assert set(shop.states().values()) == {"submitted"}
    vendor.set(seconds=0.0)
    assert shop.render().code == 0
    assert len(vendor.ledger().accepted) == 2


def test_a_generation_that_takes_too_long_is_left_for_the_next_run(shop: Songmake, vendor: Vendor):
    vendor.set(seconds=60.0)
    write_manifest(shop.project, songs(1))
    ended = shop.render("--poll-timeout", "0.5", timeout_s=30)
    assert ended.code == 6
    assert "left for the next run" in ended.err
    assert shop.states() == {"song-1#1": "submitted"}


def test_fail_fast_buys_nothing_after_the_first_song_that_failed(shop: Songmake, vendor: Vendor):
    vendor.fault("post", "422", match="81 BPM", times=None)
    write_manifest(shop.project, songs(4))
    assert shop.render("--fail-fast", "--jobs", "1").code == 1
    assert vendor.ledger().posts == 1
    assert shop.states() == {"song-1#1": "rejected"}
    assert shop.render("--jobs", "1").code == 1
    assert len(vendor.ledger().accepted) == 3
    assert vendor.ledger().posts == 4


def test_a_song_that_failed_is_bought_again_by_name_alone(shop: Songmake, vendor: Vendor):
    vendor.fault("poll", "error_status", message="refused by policy")
    write_manifest(shop.project, songs(1))
    ended = shop.render()
    assert ended.code == 1
    assert "refused by policy" in ended.err
    assert again(shop).code == 1
    assert len(vendor.ledger().accepted) == 1
    assert shop.render("--replace", "state:failed").code == 0
    assert len(vendor.ledger().accepted) == 2
    assert [row["state"] for row in cost(shop)["takes"]] == ["superseded", "published"]


def test_a_lost_answer_ends_in_doubt_and_is_settled_by_a_person(shop: Songmake, vendor: Vendor):
    vendor.fault("post", "accept_then_reset")
    vendor.fault("logs", "404", times=None)
    write_manifest(shop.project, songs(1))
    ended = shop.render()
    assert ended.code == 3
    assert "is in doubt" in ended.err
    assert "songmake settle 'album/song-1#1'" in ended.err
    assert summary(shop)["exit_code"] == 3
    assert cost(shop)["totals"]["in_doubt_usd"] == "0.195000"
    (generation_id,) = vendor.ledger().ids
    assert shop("settle", "song-1#1", "--generation", generation_id).code == 0
    assert shop.render().code == 0
    assert len(vendor.ledger().accepted) == 1
