"""A song under another id: its audio by digest, its history by ``moved_from``."""

import json

import pytest

from tests.builders import song, songs, write_manifest
from tests.cli.seeing import again, cost, inside, printed, tracks
from tests.command import Songmake
from tests.vendor.client import Vendor


def renamed(new: str = "lamp", **fields) -> dict:
    """Three songs, the second of which is called ``new`` now."""
    three = songs(3)
    return {
        new if name == "song-2" else name: {**each, **fields} if name == "song-2" else each
        for name, each in three.items()
    }


def lines(shop: Songmake, name: str) -> list[tuple]:
    return [
        (row["song"], row["attempt"], row["state"], row["charged_usd"], row["shared_with"])
        for row in cost(shop)["takes"]
        if row["song"] == name
    ]


def reason(shop: Songmake, name: str) -> str:
    (row,) = [
        row
        for row in printed(inside(shop, "plan", "--json"), "plan")["takes"]
        if row["song"] == name
    ]
    return str(row["reason"])


def test_renaming_a_song_buys_nothing_and_keeps_its_audio(bought: Songmake, vendor: Vendor):
    stored = {row["song"]: row["audio"]["stored_sha256"] for row in cost(bought)["takes"]}
    write_manifest(bought.project, renamed())
    assert again(bought).code == 0
    assert vendor.ledger().requests == ()
    assert list(tracks(bought)) == ["01-song-1.mp3", "02-lamp.mp3", "03-song-3.mp3"]
    (row,) = [row for row in cost(bought)["takes"] if row["song"] == "lamp"]
    assert row["audio"]["stored_sha256"] == stored["song-2"]
    assert cost(bought)["totals"]["charged_usd"] == "0.585000"


def test_a_history_moves_with_its_song(bought: Songmake, vendor: Vendor):
    assert bought.render("--replace", "song-2").code == 0
    write_manifest(bought.project, renamed(title="Lamp", moved_from="song-2"))
    vendor.reset()
    assert again(bought).code == 0
    assert vendor.ledger().requests == ()
    assert lines(bought, "lamp") == [
        ("lamp", 1, "superseded", "0.195000", None),
        ("lamp", 2, "published", "0.195000", None),
    ]
    assert lines(bought, "song-2") == []
    assert {row["title"] for row in cost(bought)["takes"] if row["song"] == "lamp"} == {"Lamp"}
    assert cost(bought)["totals"]["charged_usd"] == "0.780000"
    status = printed(inside(bought, "status", "--json"), "status")
    assert [(row["song"], row["is_wanted"]) for row in status["takes"]] == [
        ("song-1", True),
        ("lamp", True),
        ("song-3", True),
        ("lamp", False),
    ]
    assert inside(bought, "verify").code == 0


def test_a_song_that_moved_and_changed_says_what_changed_and_keeps_its_last_audio(
    bought: Songmake, vendor: Vendor
):
    last = tracks(bought)["02-song-2.mp3"]
    write_manifest(
        bought.project, renamed(moved_from=["song-2"], prompt="a slow waltz"), budget_usd=0.6
    )
    assert reason(bought, "lamp") == "changed: prompt"
    assert again(bought).code == 5
    assert tracks(bought)["02-song-2.mp3"] == last
    write_manifest(bought.project, renamed(moved_from=["song-2"], prompt="a slow waltz"))
    assert bought.render().code == 0
    assert len(vendor.ledger().accepted) == 1
    assert list(tracks(bought)) == ["01-song-1.mp3", "02-lamp.mp3", "03-song-3.mp3"]
    assert len(lines(bought, "lamp")) == 2


def test_a_rename_with_an_edit_says_before_it_buys_which_removed_song_it_is_like(
    bought: Songmake,
):
    write_manifest(bought.project, renamed(prompt="a slow waltz"))
    told = "new; like removed song-2 but for prompt (moved_from: song-2 keeps its history"
    assert told in reason(bought, "lamp")
    write_manifest(bought.project, {**songs(3), "lamp": song("Lamp", prompt="a slow waltz")})
    assert reason(bought, "lamp") == "new"


def test_an_id_that_the_journal_never_knew_is_told(bought: Songmake):
    write_manifest(bought.project, renamed(prompt="a slow waltz", moved_from="sogn-2"))
    assert reason(bought, "lamp") == "new; moved_from: the journal knows no sogn-2"


def test_a_song_that_continues_one_that_is_still_there_is_an_error_with_its_place(
    bought: Songmake, vendor: Vendor
):
    three = songs(3)
    three["song-3"]["moved_from"] = "song-2"
    write_manifest(bought.project, three)
    ended = again(bought)
    assert ended.code == 2
    assert "song-3: moved_from names song-2, which is still a song of this album" in ended.err
    assert vendor.ledger().requests == ()


def test_a_moved_song_is_settled_under_either_name(shop: Songmake, vendor: Vendor):
    vendor.fault("post", "accept_then_reset")
    vendor.fault("logs", "404", times=None)
    write_manifest(shop.project, {"old": song()})
    assert shop.render().code == 3
    write_manifest(shop.project, {"new": {**song(), "moved_from": "old"}})
    (row,) = printed(inside(shop, "status", "--json"), "status")["takes"]
    assert row["next"] == "songmake settle 'album/new#1' --generation ID"
    ended = inside(shop, "settle", "album/new#1", "--charged")
    assert (ended.code, ended.out) == (0, "album/new#1: lost ($0.195)\n")
    assert inside(shop, "settle", "old#1", "--not-charged").code == 0


def test_a_sketch_never_takes_the_place_of_a_recording_bought_under_another_id(
    bought: Songmake, vendor: Vendor
):
    write_manifest(bought.project, renamed())
    assert again(bought).code == 0
    before = tracks(bought)
    assert again(bought, "--provider", "sketch", "--select", "lamp").code == 0
    assert {name: before[name] for name in before} == {
        name: content for name, content in tracks(bought).items() if not name.startswith("sketch/")
    }
    assert "sketch/02-lamp.mp3" in tracks(bought)
    assert vendor.ledger().requests == ()


def test_a_year_of_edits_taken_back_buys_nothing(bought: Songmake, vendor: Vendor):
    first = tracks(bought)
    one, two, three = songs(3).values()
    manifests = [
        {"song-1": one, "lamp": two, "song-3": three},  # renamed
        {"song-1": two, "song-2": one, "song-3": three},  # swapped
        {"song-3": three, "song-1": one, "song-2": two},  # reordered
        {"song-3": three},  # removed
        {"song-3": three, "twin": three, "lamp": two},  # added again, and used twice
        {"lamp": {**two, "moved_from": "song-2"}, "song-1": one},  # moved
        {"song-1": one, "song-2": two, "song-3": three},  # as it was
    ]
    for manifest in manifests:
        write_manifest(bought.project, manifest)
        assert again(bought).code == 0
        assert cost(bought)["totals"]["charged_usd"] == "0.585000"
        picked = [name for name in tracks(bought) if not name.startswith("takes/")]
        assert len(picked) == len(manifest), json.dumps(manifest)
    assert tracks(bought) == first
    assert vendor.ledger().requests == ()


@pytest.mark.parametrize("new", [["lamp"], ["lamp", "light"]])
def test_what_one_removed_song_bought_serves_every_song_that_asks_for_the_same(
    bought: Songmake, vendor: Vendor, new: list[str]
):
    one, two, three = songs(3).values()
    write_manifest(bought.project, {"song-1": one, **dict.fromkeys(new, two), "song-3": three})
    assert again(bought).code == 0
    assert vendor.ledger().requests == ()
    for name in new:
        assert [row[3:] for row in lines(bought, name)] == [("0.000000", "album/song-2#1")]
