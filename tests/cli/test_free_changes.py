import json
from pathlib import Path

import mutagen.id3
import pytest

from tests.builders import LYRICS, song, songs, write_manifest
from tests.cli.seeing import again, cost, files, inside, summary, tracks
from tests.command import Songmake
from tests.vendor.client import Vendor


def with_song(number: int, **changes) -> dict:
    """Three songs, one of them changed."""
    three = songs(3)
    three[f"song-{number}"].update(changes)
    return three


def test_a_second_run_sends_no_request_and_changes_no_file(bought: Songmake, vendor: Vendor):
    before = files(bought.project / "outputs")
    ended = bought.render()
    assert ended.code == 0
    assert vendor.ledger().requests == ()
    after = files(bought.project / "outputs")
    assert {**after, "summary.json": b""} == {**before, "summary.json": b""}
    assert summary(bought)["totals"]["states"] == {"published": 3}


def test_retitling_and_retagging_cost_nothing_and_reach_the_file(bought: Songmake, vendor: Vendor):
    write_manifest(
        bought.project,
        with_song(2, title="Brand new", tags=["closer"], composer="Ada", isrc="QZABC2600001"),
        album={"title": "Renamed", "artist": "Somebody", "year": 1999},
        budget_usd=9,
    )
    assert again(bought).code == 0
    assert vendor.ledger().requests == ()
    tag = mutagen.id3.ID3(bought.project / "outputs" / "album" / "02-song-2.mp3")
    assert (str(tag["TIT2"]), str(tag["TALB"]), str(tag["TPE1"])) == (
        "Brand new",
        "Renamed",
        "Somebody",
    )
    assert cost(bought)["takes"][1]["title"] == "Brand new"


def test_reordering_costs_nothing_and_renumbers_the_files(bought: Songmake, vendor: Vendor):
    three = songs(3)
    write_manifest(bought.project, {name: three[name] for name in reversed(three)})
    assert again(bought).code == 0
    assert vendor.ledger().requests == ()
    assert list(tracks(bought)) == ["01-song-3.mp3", "02-song-2.mp3", "03-song-1.mp3"]


def as_typed_elsewhere() -> str:
    """The three songs in block style, with comments, defaults spelled out, styles and CRLF."""
    head = (
        "# an album\nalbum:\n  title: An album   # free\n  artist: An artist\n  year: 2026\n"
        "provider: aimlapi\ndefaults:\n  model: minimax/music-2.6\n  takes: 1\n"
        "  audio: {bitrate: 256000, sample_rate: 44100, format: mp3}\n"
        "styles:\n  folk: '  warm indie folk '\nsongs:\n"
    )
    each = "".join(
        f"  song-{number}:\n    style: folk\n    prompt: |\n      {80 + number} BPM\n\n"
        "    lyrics: |\n\n"
        + "".join(f"      {line}   \n" for line in LYRICS.splitlines())
        + f"\n\n    revision: 0\n    pick: 1\n    title: Song {number}\n"
        for number in (1, 2, 3)
    )
    return (head + each).replace("\n", "\r\n")


def test_reformatting_costs_nothing_and_changes_no_file(bought: Songmake, vendor: Vendor):
    before = tracks(bought)
    path = bought.project / "manifests" / "album.yaml"
    path.write_bytes(as_typed_elsewhere().encode())
    assert again(bought).code == 0
    assert vendor.ledger().requests == ()
    assert tracks(bought) == before


def test_lyrics_moved_into_a_file_cost_nothing(bought: Songmake, vendor: Vendor):
    folder = bought.project / "manifests" / "lyrics"
    folder.mkdir()
    (folder / "one.txt").write_bytes(b"\xef\xbb\xbf" + f"{LYRICS}\n\n".encode())
    write_manifest(bought.project, with_song(1, lyrics={"file": "lyrics/one.txt"}))
    assert again(bought).code == 0
    assert vendor.ledger().requests == ()


def test_renaming_the_manifest_is_another_album_that_shares_what_was_bought(
    bought: Songmake, vendor: Vendor
):
    (bought.project / "manifests" / "album.yaml").unlink()
    write_manifest(bought.project, songs(3), name="renamed")
    assert again(bought).code == 0
    assert vendor.ledger().requests == ()
    assert len(tracks(bought, "renamed")) == 3
    report = cost(bought, "renamed")
    assert report["totals"]["charged_usd"] == "0.000000"
    assert {row["shared_with"] for row in report["takes"]} == {
        f"album/song-{number}#1" for number in (1, 2, 3)
    }


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": "warm indie folk, 99 BPM"},
        {"lyrics": f"{LYRICS} again"},
        {"revision": 1},
        {"audio": {"sample_rate": 32000, "bitrate": 128000}},
    ],
    ids=["word", "lyrics", "revision", "audio"],
)
def test_one_changed_word_buys_one_song(bought: Songmake, vendor: Vendor, change: dict):
    before = tracks(bought)
    write_manifest(bought.project, with_song(2, **change))
    assert bought.render().code == 0
    (accepted,) = vendor.ledger().accepted
    assert accepted.client_request_id is not None
    after = tracks(bought)
    changed = [name for name in before if after[name] != before[name]]
    assert (list(after), changed) == (list(before), ["02-song-2.mp3"])


def test_a_change_that_is_taken_back_is_free(bought: Songmake, vendor: Vendor):
    before = tracks(bought)
    write_manifest(bought.project, with_song(2, prompt="slow waltz, 60 BPM"))
    assert bought.render().code == 0
    write_manifest(bought.project, songs(3))
    vendor.reset()
    assert again(bought).code == 0
    assert vendor.ledger().requests == ()
    assert tracks(bought) == before
    assert cost(bought)["totals"]["charged_usd"] == "0.780000"


def test_more_takes_buy_the_difference_and_another_pick_is_free(bought: Songmake, vendor: Vendor):
    first = tracks(bought)["01-song-1.mp3"]
    write_manifest(bought.project, with_song(1, takes=3))
    assert bought.render().code == 0
    assert len(vendor.ledger().accepted) == 2
    takes = tracks(bought)
    assert takes["01-song-1.mp3"] == first
    assert {"takes/song-1.2.mp3", "takes/song-1.3.mp3"} <= set(takes)
    vendor.reset()
    write_manifest(bought.project, with_song(1, takes=3, pick=2))
    assert again(bought).code == 0
    assert vendor.ledger().requests == ()
    moved = tracks(bought)
    assert moved["takes/song-1.1.mp3"] == first
    assert moved["01-song-1.mp3"] == takes["takes/song-1.2.mp3"]
    assert "takes/song-1.2.mp3" not in moved


def test_fewer_takes_keep_what_was_paid_and_more_bring_it_back(bought: Songmake, vendor: Vendor):
    write_manifest(bought.project, with_song(1, takes=2))
    assert bought.render().code == 0
    second = tracks(bought)["takes/song-1.2.mp3"]
    vendor.reset()
    write_manifest(bought.project, songs(3))
    assert again(bought).code == 0
    assert "takes/song-1.2.mp3" not in tracks(bought)
    write_manifest(bought.project, with_song(1, takes=2))
    assert again(bought).code == 0
    assert tracks(bought)["takes/song-1.2.mp3"] == second
    assert vendor.ledger().requests == ()


def test_a_pick_that_is_not_there_publishes_no_track(bought: Songmake, vendor: Vendor):
    first = tracks(bought)["01-song-1.mp3"]
    write_manifest(bought.project, with_song(1, pick=2))
    ended = again(bought)
    assert ended.code == 0
    assert "take 2 is picked and takes is 1: it has no track" in ended.err
    assert vendor.ledger().requests == ()
    found = tracks(bought)
    assert "01-song-1.mp3" not in found
    assert found["takes/song-1.1.mp3"] == first


def test_equal_songs_are_bought_once_and_published_for_each(shop: Songmake, vendor: Vendor):
    write_manifest(shop.project, {"one": song("One"), "two": song("Two")}, name="first")
    write_manifest(shop.project, {"three": song("Three")}, name="second")
    ended = shop.render()
    assert ended.code == 0, ended.said
    assert len(vendor.ledger().accepted) == 1
    assert list(tracks(shop, "first")) == ["01-one.mp3", "02-two.mp3"]
    assert list(tracks(shop, "second")) == ["01-three.mp3"]
    rows = cost(shop, "first")["takes"] + cost(shop, "second")["takes"]
    assert [(row["song"], row["charged_usd"], row["shared_with"]) for row in rows] == [
        ("one", "0.195000", None),
        ("two", "0.000000", "first/one#1"),
        ("three", "0.000000", "first/one#1"),
    ]
    assert cost(shop, "second")["totals"]["charged_usd"] == "0.000000"


def test_a_damaged_blob_of_equal_songs_is_named_once_as_damaged(shop: Songmake):
    write_manifest(shop.project, {"one": song(), "two": song("Two")})
    assert again(shop).code == 0
    before = tracks(shop)
    for track in before:
        (shop.project / "outputs/album" / track).unlink()
    blob = next((shop.project / ".songmake/store").rglob("*.mp3"))
    blob.write_bytes(blob.read_bytes()[:-1] + b"?")
    ended = again(shop)
    assert ended.code == 7
    assert ended.err.count("is not what was stored: set aside\n") == 1
    assert "No such file" not in ended.err
    assert again(shop).code == 0
    assert tracks(shop) == before


def test_a_removed_songs_file_goes_and_comes_back_for_free(bought: Songmake, vendor: Vendor):
    before = tracks(bought)
    two = songs(2)
    write_manifest(bought.project, two)
    assert again(bought).code == 0
    assert list(tracks(bought)) == ["01-song-1.mp3", "02-song-2.mp3"]
    report = cost(bought)
    assert report["totals"]["charged_usd"] == "0.585000"
    assert report["takes"][2]["song"] == "song-3"
    assert report["takes"][2]["audio"]["path"] is None
    write_manifest(bought.project, songs(3))
    assert again(bought).code == 0
    assert tracks(bought) == before
    assert vendor.ledger().requests == ()


def test_everything_in_outputs_comes_back_byte_for_byte(bought: Songmake, vendor: Vendor):
    outputs = bought.project / "outputs"
    before = files(outputs)
    for path in sorted(outputs.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    assert again(bought).code == 0
    after = files(outputs)
    assert {**after, "summary.json": b""} == {**before, "summary.json": b""}
    assert vendor.ledger().requests == ()


def test_a_file_that_is_not_ours_is_kept_aside(bought: Songmake, vendor: Vendor):
    write_manifest(bought.project, with_song(1, takes=2))
    foreign = bought.project / "outputs" / "album" / "takes" / "song-1.2.mp3"
    foreign.parent.mkdir()
    foreign.write_bytes(b"somebody's own file")
    ended = bought.render()
    assert ended.code == 0
    assert "was not as songmake wrote it: kept as song-1.2.mp3.kept-1" in ended.err
    assert (foreign.parent / "song-1.2.mp3.kept-1").read_bytes() == b"somebody's own file"
    assert foreign.stat().st_size > 1000


def test_a_track_that_was_changed_by_hand_is_never_deleted(bought: Songmake):
    path = bought.project / "outputs" / "album" / "03-song-3.mp3"
    path.write_bytes(b"edited by hand")
    write_manifest(bought.project, songs(2))
    ended = again(bought)
    assert ended.code == 0
    assert "was changed by hand and stays" in ended.err
    assert path.read_bytes() == b"edited by hand"


def test_what_is_sent_is_the_contracts_body_and_nothing_else(shop: Songmake, vendor: Vendor):
    write_manifest(
        shop.project,
        {"one": song("Ignored", style="folk", prompt=" 92 BPM ", tags=["x"], notes="secret notes")},
        styles={"folk": "warm indie folk"},
    )
    assert shop.render().code == 0
    (accepted,) = vendor.ledger().accepted
    assert accepted.body == {
        "model": "minimax/music-2.6",
        "prompt": "warm indie folk, 92 BPM",
        "lyrics": LYRICS,
        "audio_setting": {"format": "mp3", "sample_rate": 44100, "bitrate": 256000},
    }
    assert accepted.client_request_id is not None
    digest = cost(shop)["takes"][0]["digest"]
    assert accepted.client_request_id.startswith(f"sm1.{digest[:32]}.1.")
    assert "secret notes" not in json.dumps(accepted.headers)


def test_a_project_may_move(bought: Songmake, vendor: Vendor, tmp_path: Path):
    moved = Songmake(project=tmp_path / "moved", environment=bought.environment)
    bought.project.rename(moved.project)
    assert again(moved).code == 0
    assert inside(moved, "verify").code == 0
    assert vendor.ledger().requests == ()
