"""What nothing refers to is listed, and removed on demand; no purchase ever follows from it."""

import os
import re
from dataclasses import replace

from tests.builders import songs, write_manifest
from tests.cli.seeing import again, cost, files, inside, printed, tracks
from tests.command import Songmake
from tests.vendor.client import Vendor

AT_ONCE = ("--older-than", "0")


def edited(shop: Songmake) -> str:
    """Buys another second song; returns where the first one's audio lies."""
    before = set(files(shop.project / ".songmake" / "store"))
    (row,) = [row for row in cost(shop)["takes"] if row["song"] == "song-2"]
    checksum = row["audio"]["stored_sha256"]
    three = songs(3)
    three["song-2"]["prompt"] = "a slow waltz"
    write_manifest(shop.project, three)
    assert again(shop).code == 0
    assert len(files(shop.project / ".songmake" / "store")) == len(before) + 1
    return f"{checksum[:2]}/{checksum}.mp3"


def stored(shop: Songmake) -> set[str]:
    return set(files(shop.project / ".songmake" / "store"))


def lasting(shop: Songmake) -> dict[str, bytes]:
    """Every file but those that SQLite keeps while a journal is open."""
    found = files(shop.project)
    return {name: content for name, content in found.items() if not name.endswith(("-shm", "-wal"))}


def listed(shop: Songmake, *words: str) -> dict:
    ended = inside(shop, "gc", "--json", *words)
    assert ended.code == 0, ended.err
    found: dict = printed(ended, "gc")
    return found


def test_history_of_the_last_ninety_days_is_kept(bought: Songmake):
    edited(bought)
    before = lasting(bought)
    ended = inside(bought, "gc")
    assert (ended.code, ended.out) == (0, "0 files removable, 0 B; 4 files in use\n")
    assert lasting(bought) == before
    assert inside(bought, "gc", "--delete").code == 0
    assert len(stored(bought)) == 4


def test_only_what_nothing_wants_is_listed_and_only_deleted_when_asked(bought: Songmake):
    old = edited(bought)
    before = lasting(bought)
    document = listed(bought, *AT_ONCE)
    (row,) = document["unreferenced"]
    assert (row["path"], row["is_removable"]) == (f"store/{old}", True)
    assert row["bytes"] == len(before[f".songmake/store/{old}"])
    assert row["why"].startswith("album/song-2#1 attempt 1: wanted by no manifest, last used 2")
    assert lasting(bought) == before
    assert "1 file removed" in inside(bought, "gc", "--delete", *AT_ONCE).out
    assert {f".songmake/store/{old}"} == set(before) - set(lasting(bought))
    assert inside(bought, "verify").code == 0
    assert listed(bought, *AT_ONCE)["unreferenced"] == []


def test_audio_that_was_removed_is_fetched_again_and_not_bought(shop: Songmake, vendor: Vendor):
    write_manifest(shop.project, songs(3))
    assert shop.render().code == 0
    first = tracks(shop)
    edited(shop)
    assert inside(shop, "gc", "--delete", *AT_ONCE).code == 0
    write_manifest(shop.project, songs(3))
    assert "not in the store: fetch again, free" in inside(shop, "plan").out
    assert again(shop).code == 0
    assert tracks(shop) == first
    assert len(vendor.ledger().accepted) == 4


def test_audio_that_was_removed_and_cannot_be_fetched_is_lost_and_not_bought(
    bought: Songmake, vendor: Vendor
):
    edited(bought)
    assert len(vendor.ledger().accepted) == 1
    assert inside(bought, "gc", "--delete", *AT_ONCE).code == 0
    write_manifest(bought.project, songs(3))
    for _ in range(2):
        assert again(bought).code == 1  # the provider knows nothing of what was bought before
        assert len(vendor.ledger().accepted) == 1
    assert "lost" in [row["state"] for row in cost(bought)["takes"]]


def test_a_replaced_takes_audio_may_go_and_everything_still_agrees(
    bought: Songmake, vendor: Vendor
):
    assert bought.render("--replace", "song-1").code == 0
    before = cost(bought)
    (row,) = listed(bought, "--delete", *AT_ONCE)["unreferenced"]
    assert row["why"].startswith("album/song-1#1 attempt 1: replaced, last used 2")
    assert len(stored(bought)) == 3
    assert inside(bought, "verify").code == 0
    assert again(bought).code == 0
    assert cost(bought) == before
    assert len(vendor.ledger().accepted) == 1


def test_a_replaced_takes_audio_stays_while_it_is_the_track(bought: Songmake, vendor: Vendor):
    vendor.fault("poll", "error_status")
    assert bought.render("--replace", "song-1").code == 1
    assert listed(bought, "--delete", *AT_ONCE)["unreferenced"] == []
    assert len(stored(bought)) == 3


def test_a_song_whose_manifest_was_not_named_keeps_what_is_published(bought: Songmake):
    other = write_manifest(bought.project, songs(1), name="other")
    (bought.project / "manifests" / "album.yaml").rename(bought.project / "album.yaml")
    assert listed(bought, str(other), "--delete", *AT_ONCE)["unreferenced"] == []
    assert len(stored(bought)) == 3


def test_what_the_journal_does_not_know_is_listed_apart_and_goes_by_its_age(bought: Songmake):
    young, old = (foreign(bought, letter) for letter in "ab")
    os.utime(bought.project / ".songmake" / old, (1_600_000_000, 1_600_000_000))
    document = listed(bought, "--delete")
    assert [(row["path"], row["is_removable"]) for row in document["foreign"]] == [
        (young, False),
        (old, True),
    ]
    assert len(stored(bought)) == 4
    ended = inside(bought, "gc")
    assert "unknown to the journal:" in ended.out
    assert " (stays)" in ended.out


def foreign(shop: Songmake, letter: str) -> str:
    path = shop.project / ".songmake" / "store" / (letter * 2) / f"{letter * 64}.mp3"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"somebody's")
    return path.relative_to(shop.project / ".songmake").as_posix()


def test_another_journals_lock_beside_the_manifests_keeps_what_it_stands_for(bought: Songmake):
    edited(bought)
    own = (bought.project / "manifests" / "album.lock.json").read_text()
    lock = bought.project / "manifests" / "elsewhere.lock.json"
    lock.write_text(re.sub(r'"journal": "\w+"', f'"journal": "{"0" * 32}"', own))
    assert listed(bought, *AT_ONCE)["unreferenced"] == []
    lock.write_text("<<<<<<< ours\n")
    ended = inside(bought, "gc", "--delete", *AT_ONCE)
    assert ended.code == 7
    assert "elsewhere.lock.json:1: a merge conflict is not resolved" in ended.err
    assert len(stored(bought)) == 4


def test_without_its_journal_nothing_is_removed(bought: Songmake):
    for path in (bought.project / ".songmake").glob("journal*"):
        path.unlink()
    lock = bought.project / "manifests" / "album.lock.json"
    for what in ("the journal is empty", "knows 3 purchases"):
        ended = inside(bought, "gc", "--delete", *AT_ONCE)
        assert (ended.code, what in ended.err) == (7, True)
        lock.unlink(missing_ok=True)
    assert len(stored(bought)) == 3


def test_a_run_at_work_forbids_deleting(bought: Songmake, vendor: Vendor):
    edited(bought)
    vendor.fault("poll", "generating", times=None)
    running = bought.start("render", "--yes", "--replace", "song-1")
    try:
        vendor.wait_for(lambda ledger: len(ledger.accepted) == 2)
        assert inside(bought, "gc", "--delete", *AT_ONCE).code == 4
        assert inside(bought, "gc", *AT_ONCE).code == 0
    finally:
        running.kill()
        running.communicate()
    assert len(stored(bought)) == 4


def test_deleting_is_never_read_from_the_environment(bought: Songmake):
    edited(bought)
    wished = replace(bought, environment={**bought.environment, "SONGMAKE_DELETE": "1"})
    assert listed(wished, *AT_ONCE)["is_deleted"] is False
    assert len(stored(bought)) == 4
