import json
import os
import shutil
from pathlib import Path

from tests.builders import songs, write_manifest
from tests.cli.seeing import again, cost, files, inside, printed, tracks
from tests.command import Songmake
from tests.vendor.client import Vendor


def flip_a_byte(path: Path) -> None:
    """Changes one byte and leaves size and time as they were."""
    times = path.stat()
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def a_blob(shop: Songmake) -> Path:
    return min((shop.project / ".songmake" / "store").rglob("*.mp3"))


def a_track(shop: Songmake) -> Path:
    return shop.project / "outputs" / "album" / "02-song-2.mp3"


def found_in(shop: Songmake) -> tuple[int, list[str]]:
    ended = inside(shop, "verify", "--json")
    return ended.code, [one["where"] for one in printed(ended, "verification")["findings"]]


def test_what_was_published_and_left_alone_agrees(bought: Songmake):
    ended = bought("verify")
    assert (ended.code, ended.out) == (0, "3 takes looked at, 0 findings\n")


def test_one_changed_byte_in_the_store_is_found(bought: Songmake):
    flip_a_byte(a_blob(bought))
    code, (where,) = found_in(bought)
    assert code == 7
    assert where == f"store/{a_blob(bought).parent.name}/{a_blob(bought).name}"


def test_a_damaged_blob_is_fetched_again_and_not_bought_again(shop: Songmake, vendor: Vendor):
    write_manifest(shop.project, songs(1))
    assert shop.render().code == 0
    before = tracks(shop)
    flip_a_byte(a_blob(shop))
    (shop.project / "outputs" / "album" / "01-song-1.mp3").unlink()
    assert again(shop).code == 7
    assert again(shop).code == 0
    assert tracks(shop) == before
    assert found_in(shop) == (0, [])
    assert len(vendor.ledger().accepted) == 1


def test_a_damaged_blob_keeps_no_other_song_from_being_published(bought: Songmake):
    (first,) = [row["audio"] for row in cost(bought)["takes"] if row["song"] == "song-1"]
    store = bought.project / ".songmake" / "store"
    flip_a_byte(next(store.rglob(f"{first['stored_sha256']}.*")))
    shutil.rmtree(bought.project / "outputs")
    ended = bought.render("--select", "song-2")  # the others are published at the end, together
    assert ended.code == 7, ended.said
    assert "song-1#1" in ended.err
    assert {Path(name).name for name in tracks(bought)} == {"02-song-2.mp3", "03-song-3.mp3"}


def test_a_missing_blob_is_found_and_comes_back_for_free(shop: Songmake, vendor: Vendor):
    write_manifest(shop.project, songs(1))
    assert shop.render().code == 0
    a_blob(shop).unlink()
    assert found_in(shop)[0] == 7
    (shop.project / "outputs" / "album" / "01-song-1.mp3").unlink()
    assert again(shop).code == 0
    assert found_in(shop) == (0, [])
    assert len(vendor.ledger().accepted) == 1


def test_one_changed_byte_in_outputs_is_found(bought: Songmake):
    flip_a_byte(a_track(bought))
    assert found_in(bought) == (10, ["album/02-song-2.mp3"])


def test_a_missing_track_and_a_changed_title_are_found(bought: Songmake):
    a_track(bought).unlink()
    assert found_in(bought) == (10, ["album/02-song-2.mp3"])
    three = songs(3)
    three["song-1"]["title"] = "Retitled"
    write_manifest(bought.project, three)
    code, places = found_in(bought)
    assert (code, places[:2]) == (10, ["album/01-song-1.mp3", "album/02-song-2.mp3"])
    assert "album/album.m3u8" in places[2:]


def test_damage_to_the_store_outweighs_what_differs_in_outputs(bought: Songmake):
    flip_a_byte(a_track(bought))
    flip_a_byte(a_blob(bought))
    code, places = found_in(bought)
    assert code == 7
    assert len(places) == 2


def test_a_take_that_is_not_there_is_found(bought: Songmake, vendor: Vendor):
    four = {**songs(3), "song-4": songs(4)["song-4"]}
    write_manifest(bought.project, four)
    code, places = found_in(bought)
    assert code == 10
    assert "album/song-4#1" in places
    assert vendor.ledger().requests == ()


def test_verifying_changes_nothing(bought: Songmake):
    flip_a_byte(a_blob(bought))
    before = files(bought.project / "outputs"), a_blob(bought).read_bytes()
    assert found_in(bought)[0] == 7
    assert (files(bought.project / "outputs"), a_blob(bought).read_bytes()) == before


def test_a_damaged_journal_stops_everything_before_money_is_spent(bought: Songmake, vendor: Vendor):
    path = bought.project / ".songmake" / "journal.sqlite3"
    path.write_bytes(b"\xff" * path.stat().st_size)
    write_manifest(bought.project, songs(4))
    for words in (("render", "--yes"), ("plan",), ("verify",), ("status",), ("report",)):
        ended = inside(bought, *words)
        assert ended.code == 7, words
        assert "the journal is damaged" in ended.err
    assert vendor.ledger().requests == ()


# --- reports ---


def test_a_report_that_was_lost_or_edited_is_written_again_to_the_same_bytes(bought: Songmake):
    folder = bought.project / "outputs" / "album"
    before = files(folder)
    (folder / "cost-report.json").unlink()
    (folder / "cost-report.csv").write_text("edited", encoding="utf-8")
    (folder / "cost-report.md").unlink()
    ended = inside(bought, "report")
    assert ended.code == 0
    assert ended.out == "album: 3 rows · charged $0.585 · held $0.00 · in doubt $0.00\n"
    assert files(folder) == before


def test_a_report_tells_where_each_file_is_and_what_it_is(bought: Songmake):
    for row in cost(bought)["takes"]:
        content = tracks(bought)[row["audio"]["path"]]
        assert row["audio"]["bytes"] == len(content)
        assert row["audio"]["format"] == "mp3"
        assert 0.2 < row["audio"]["seconds"] < 1


def test_a_lost_journal_does_not_buy_the_album_twice(bought: Songmake, vendor: Vendor):
    state = bought.project / ".songmake"
    for path in (*state.glob("journal.sqlite3*"), *bought.project.rglob("*.lock.json")):
        path.unlink()
    before = tracks(bought)
    for words in (("render", "--yes"), ("plan",), ("report",)):
        ended = inside(bought, *words)
        assert ended.code == 7, ended.said
        assert "knows 3 purchases that the journal does not" in ended.err
    assert vendor.ledger().requests == ()
    report = "outputs/album/cost-report.json"
    assert f"songmake report --import {report}" in ended.err or "report --import" in ended.err
    assert inside(bought, "report", "--import", report).code == 0
    assert again(bought).code == 0
    assert vendor.ledger().requests == ()
    assert tracks(bought) == before
    assert cost(bought)["totals"]["charged_usd"] == "0.585000"


def test_a_report_that_cannot_be_read_stops_buying(bought: Songmake, vendor: Vendor):
    write_manifest(bought.project, songs(4))
    (bought.project / "outputs" / "album" / "cost-report.json").write_text("{", encoding="utf-8")
    ended = inside(bought, "render", "--yes")
    assert ended.code == 7
    assert "cannot be read as a cost report" in ended.err
    assert vendor.ledger().requests == ()


# --- status ---


def test_the_status_of_a_new_album_is_planned(shop: Songmake):
    write_manifest(shop.project, songs(2))
    ended = inside(shop, "status")
    assert ended.out.splitlines() == [
        "song-1#1  planned  –",
        "song-2#1  planned  –",
        "2 takes: 2 planned",
        "charged $0.00 · held $0.00 · in doubt $0.00",
    ]


def test_the_status_shows_money_and_the_command_that_moves_a_take_on(
    shop: Songmake, vendor: Vendor
):
    vendor.fault("post", "422", match="82 BPM", message="the lyrics are not allowed")
    write_manifest(shop.project, songs(2))
    assert shop.render("--no-wait").code == 1
    lines = inside(shop, "status").out.splitlines()
    assert lines[0].split()[:2] == ["song-2#1", "rejected"]
    assert "the lyrics are not allowed" in lines[1]
    assert lines[2].strip() == "next: songmake render --replace 'album/song-2#1'"
    assert lines[3].split() == ["song-1#1", "submitted", "$0.195", "held"]
    assert lines[4].strip() == "next: songmake render"
    assert lines[-1] == "charged $0.00 · held $0.195 · in doubt $0.00"


def test_the_commands_that_status_prints_work(shop: Songmake, vendor: Vendor):
    vendor.fault("post", "422")
    write_manifest(shop.project, songs(1))
    assert shop.render().code == 1
    (row,) = json.loads(inside(shop, "status", "--json").out)["takes"]
    words = row["next"].replace("'", "").split()[1:]
    assert shop(*words, "--yes", "--poll-interval", "0.05").code == 0
