"""``verify --repair``: what can be mended without a request is, and the rest is named."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bucket import BucketStoreAt
from tests.builders import song, songs, write_manifest
from tests.cli.seeing import again, files, inside, printed
from tests.cli.test_frozen import lock_of, rebuilt
from tests.cli.test_store import with_store
from tests.cli.test_verify import a_blob, a_track, flip_a_byte
from tests.command import Ended, Songmake
from tests.vendor.client import Vendor


def repaired(shop: Songmake, *words: str) -> Ended:
    """``songmake verify --repair``, without a key."""
    environment = {name: value for name, value in shop.environment.items() if "AIMLAPI" not in name}
    return inside(replace(shop, environment=environment), "verify", "--repair", *words)


def everything(shop: Songmake) -> dict[str, bytes]:
    """Outputs, store and lock."""
    found = files(shop.project)
    return {
        name: content
        for name, content in found.items()
        if not name.endswith("summary.json")
        and "journal" not in name
        and "quarantine" not in name
        and "run.lock" not in name
    }


def test_where_everything_agrees_nothing_is_touched(bought: Songmake):
    before = everything(bought)
    ended = repaired(bought)
    assert (ended.code, ended.out) == (0, "3 takes looked at, 0 findings\n")
    assert everything(bought) == before


def test_whatever_one_of_three_places_lost_the_others_give_back(bought: Songmake, vendor: Vendor):
    before = everything(bought)
    damaged = a_blob(bought)
    flip_a_byte(damaged)
    max((bought.project / ".songmake" / "store").rglob("*.mp3")).unlink()
    flip_a_byte(bought.project / "outputs" / "album" / "SHA256SUMS")
    (bought.project / "outputs" / "album" / "cost-report.csv").unlink()
    lock_of(bought).unlink()
    ended = repaired(bought, "--json")
    assert ended.code == 0, ended.said
    assert everything(bought) == before
    mended = {one["where"]: one["message"] for one in printed(ended, "verification")["mended"]}
    blob = f"store/{damaged.parent.name}/{damaged.name}"
    assert mended[blob].startswith("taken back from album/0")
    assert mended["album/SHA256SUMS"] == "written again"
    assert any(name.endswith("album.lock.json") for name in mended)
    assert len(list((bought.project / ".songmake" / "quarantine").iterdir())) == 1
    assert vendor.ledger().requests == ()
    assert inside(bought, "verify").code == 0


def test_a_track_that_differs_comes_back_from_the_store(bought: Songmake):
    before = everything(bought)
    flip_a_byte(a_track(bought))
    ended = repaired(bought)
    assert ended.code == 0
    assert "mended: album/02-song-2.mp3: written again" in ended.out
    assert {name: everything(bought)[name] for name in before} == before


def test_what_both_store_and_outputs_lost_is_named_with_its_command(shop: Songmake, vendor: Vendor):
    write_manifest(shop.project, songs(2))
    assert shop.render().code == 0
    before = rebuilt(shop)
    shutil.rmtree(shop.project / "outputs")
    flip_a_byte(a_blob(shop))
    ended = repaired(shop)
    assert ended.code == 7
    assert "missing from the store" in ended.out
    assert "poll for a fresh link and fetch it again, free: songmake render" in ended.err
    assert len(list((shop.project / "outputs" / "album").glob("*.mp3"))) == 1
    assert again(shop).code == 0
    assert rebuilt(shop) == before
    assert vendor.ledger().posts == 2


def test_a_journal_that_is_gone_is_made_from_the_lock(bought: Songmake, vendor: Vendor):
    before = everything(bought)
    for path in (bought.project / ".songmake").glob("journal*"):
        path.unlink()
    assert repaired(bought).code == 0
    assert everything(bought) == before
    assert again(bought).code == 0
    assert vendor.ledger().requests == ()


def conflicted(ours: str, theirs: str) -> str:
    """Two locks as git leaves them where both sides added lines at the same place."""
    one, two = ours.splitlines(), theirs.splitlines()
    same = 0
    while one[same] == two[same]:
        same += 1
    return "\n".join(
        [*one[:same], "<<<<<<< HEAD", *one[same:-1], "=======", *two[same:-1], ">>>>>>> b", "}", ""]
    )


def test_a_merge_conflict_is_mended_with_the_purchases_of_both_sides(
    shop: Songmake, vendor: Vendor, tmp_path: Path
):
    write_manifest(shop.project, songs(1))
    assert shop.render().code == 0
    other = replace(shop, project=tmp_path / "other")
    shutil.copytree(shop.project, other.project, ignore=shutil.ignore_patterns("other"))
    three = songs(3)
    write_manifest(shop.project, {name: three[name] for name in ("song-1", "song-2")})
    write_manifest(other.project, {name: three[name] for name in ("song-1", "song-3")})
    assert (shop.render().code, other.render().code) == (0, 0)
    write_manifest(shop.project, three)
    text = conflicted(lock_of(shop).read_text("utf-8"), lock_of(other).read_text("utf-8"))
    lock_of(shop).write_text(text, encoding="utf-8")
    asked = len(vendor.ledger().requests)

    refused = inside(shop, "render", "--yes")
    assert refused.code == 7
    assert "or have it done: songmake verify --repair" in refused.err
    ended = repaired(shop)

    assert ended.code == 7, ended.said  # the third song's audio is on the other machine
    assert "song-3#1: missing from the store" in ended.out
    kept = lock_of(shop).with_name("album.lock.json.damaged-1")
    assert kept.read_text("utf-8") == text
    rows = json.loads(lock_of(shop).read_text("utf-8"))["attempts"]
    assert [row["song"] for row in rows] == ["song-1", "song-2", "song-3"]
    assert len(vendor.ledger().requests) == asked
    assert shop.render().code == 0
    assert vendor.ledger().posts == 3
    assert inside(shop, "verify").code == 0


def test_a_line_that_cannot_be_read_keeps_anybody_from_buying(bought: Songmake, vendor: Vendor):
    lines = lock_of(bought).read_text("utf-8").splitlines()
    lines[-4] = lines[-4][:80]
    lock_of(bought).write_text("\n".join(lines), encoding="utf-8")
    ended = repaired(bought)
    assert ended.code == 7
    assert f"line {len(lines) - 3} cannot be read and may be a purchase" in ended.out
    assert len(json.loads(lock_of(bought).read_text("utf-8"))["attempts"]) == 3
    assert repaired(bought).code == 0
    write_manifest(bought.project, songs(4))
    ended = again(bought)
    assert ended.code == 7
    assert "--take-over" in ended.err
    assert vendor.ledger().posts == 0


def test_a_lock_of_another_album_is_left_for_a_person(bought: Songmake):
    text = lock_of(bought).read_text("utf-8").replace('"album": "album"', '"album": "other"')
    lock_of(bought).write_text(text.replace("{", "{\n<<<<<<< HEAD", 1), encoding="utf-8")
    before = lock_of(bought).read_bytes()
    assert repaired(bought).code == 7
    assert lock_of(bought).read_bytes() == before


def test_an_object_that_is_gone_from_the_bucket_comes_back(
    bought: Songmake, bucket: BucketStoreAt, vendor: Vendor
):
    shop = with_store(bought, bucket)
    assert again(shop).code == 0
    shutil.rmtree(shop.project / ".songmake" / "store")
    gone = bucket.blobs[0]
    content = gone.read_bytes()
    bucket.remove(gone)
    assert inside(shop, "verify").code == 7
    assert repaired(shop).code == 0
    assert bucket.blobs[0].read_bytes() == content
    assert vendor.ledger().requests == ()


@pytest.mark.parametrize("name", ["mp3", "wav"])
def test_tags_are_read_back_from_the_file(
    name: str, shop: Songmake, monkeypatch: pytest.MonkeyPatch
):
    audio = {"format": name, "sample_rate": 44100}
    write_manifest(
        shop.project, {"one": song("One", isrc="QZABC2600001")}, defaults={"audio": audio}
    )
    assert shop.render().code == 0
    assert inside(shop, "verify").code == 0
    wanted = "pipeline.core.handover.tracks.TrackTags"
    from pipeline.core.formats.tags import TrackTags

    monkeypatch.setattr(wanted, lambda **said: TrackTags(**{**said, "isrc": "QZABC2600002"}))
    monkeypatch.setattr("pipeline.core.handover.tracks.recipe_of", lambda *_: recorded_recipe(shop))
    ended = inside(shop, "verify")
    assert ended.code == 10
    assert f"album/01-one.{name}: its tags are not what the manifest says: isrc" in ended.out


def recorded_recipe(shop: Songmake) -> str:
    """As if the tags had been written wrongly: the journal takes the file for current."""
    import sqlite3

    journal = sqlite3.connect(shop.project / ".songmake" / "journal.sqlite3")
    try:
        (recipe,) = journal.execute("SELECT recipe FROM publications").fetchone()
    finally:
        journal.close()
    return str(recipe)
