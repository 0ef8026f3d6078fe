from dataclasses import replace

from tests.builders import songs, write_manifest
from tests.cli.seeing import again, cost, summary, tracks
from tests.command import Songmake
from tests.vendor.client import Vendor


def attempts(shop: Songmake) -> list[tuple[int, str]]:
    return [
        (row["attempt"], row["state"]) for row in cost(shop)["takes"] if row["song"] == "song-1"
    ]


def test_a_replacement_is_bought_and_takes_the_tracks_place(bought: Songmake, vendor: Vendor):
    before = tracks(bought)
    assert bought.render("--replace", "song-1").code == 0
    (accepted,) = vendor.ledger().accepted
    assert accepted.client_request_id is not None
    assert accepted.client_request_id.split(".")[2] == "2"
    after = tracks(bought)
    assert [name for name in before if after[name] != before[name]] == ["01-song-1.mp3"]
    assert attempts(bought) == [(1, "superseded"), (2, "published")]
    assert cost(bought)["totals"]["charged_usd"] == "0.780000"
    vendor.reset()
    assert again(bought).code == 0
    assert vendor.ledger().requests == ()


def test_the_old_audio_stays_the_track_until_the_new_one_is_stored(
    bought: Songmake, vendor: Vendor
):
    before = tracks(bought)
    assert bought.render("--replace", "song-1", "--no-wait").code == 6
    assert tracks(bought) == before
    assert attempts(bought) == [(1, "superseded"), (2, "submitted")]
    for path in (bought.project / "outputs" / "album").glob("*.mp3"):
        path.unlink()
    assert bought.render("--no-wait", "--select", "song-2").code in (0, 6)
    assert tracks(bought)["01-song-1.mp3"] != b""
    assert bought.render().code == 0
    assert tracks(bought)["01-song-1.mp3"] != before["01-song-1.mp3"]
    assert len(vendor.ledger().accepted) == 1


def test_the_old_audio_stays_the_track_when_the_new_one_fails(bought: Songmake, vendor: Vendor):
    before = tracks(bought)
    vendor.fault("poll", "error_status")
    for words in (("--replace", "song-1"), ()):
        ended = bought.render(*words)
        assert ended.code == 1, ended.said
        assert tracks(bought) == before
        assert attempts(bought) == [(1, "superseded"), (2, "failed")]
    assert len(vendor.ledger().accepted) == 1
    assert summary(bought)["totals"]["states"] == {"published": 2, "failed": 1}


def test_a_replacement_that_is_under_way_is_continued_and_not_bought_again(
    bought: Songmake, vendor: Vendor
):
    assert bought.render("--replace", "song-1", "--no-wait").code == 6
    assert bought.render("--replace", "song-1").code == 0
    assert len(vendor.ledger().accepted) == 1


def test_a_replacement_for_which_the_budget_has_no_room_replaces_nothing(
    bought: Songmake, vendor: Vendor
):
    write_manifest(bought.project, songs(3), budget_usd=0.6)
    before = tracks(bought)
    assert again(bought, "--replace", "song-1").code == 5
    assert vendor.ledger().accepted == ()
    assert attempts(bought) == [(1, "published")]
    assert tracks(bought) == before


def test_a_replacement_that_is_refused_for_now_is_sent_again(bought: Songmake, vendor: Vendor):
    vendor.fault("post", "429", retry_after="0")
    ended = bought.render("--replace", "song-1")
    assert ended.code == 0, ended.err
    assert attempts(bought) == [(1, "superseded"), (2, "published")]
    assert len(vendor.ledger().accepted) == 1


def test_a_replacement_that_the_account_refused_is_bought_by_the_next_run(
    bought: Songmake, vendor: Vendor
):
    before = tracks(bought)
    vendor.fault("post", "403")
    assert bought.render("--replace", "song-1").code == 1
    assert attempts(bought) == [(1, "superseded"), (2, "planned")]
    assert tracks(bought) == before
    assert bought.render().code == 0
    assert attempts(bought) == [(1, "superseded"), (2, "published")]
    assert len(vendor.ledger().accepted) == 1


def test_replacing_is_never_read_from_the_environment(bought: Songmake, vendor: Vendor):
    words = {"SONGMAKE_REPLACE": "*", "SONGMAKE_YES": "1"}
    ended = again(replace(bought, environment={**bought.environment, **words}))
    assert ended.code == 0
    assert vendor.ledger().requests == ()


def test_what_is_replaced_is_chosen_among_what_is_selected(bought: Songmake, vendor: Vendor):
    ended = again(bought, "--select", "song-2", "--replace", "song-1")
    assert ended.code == 2
    assert "'song-1' matches no take" in ended.err
    assert vendor.ledger().requests == ()
