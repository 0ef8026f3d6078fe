"""Audio that was made elsewhere becomes a take's, without key, network and money."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.audio_files import mp3_of, tone, wav_of
from tests.builders import song, songs, write_manifest
from tests.cli.seeing import again, cost, files, inside, printed, tracks, valid
from tests.command import Ended, Songmake
from tests.crash.scene import attempts_in
from tests.vendor.client import Vendor


@pytest.fixture
def offline(shop: Songmake) -> Songmake:
    """A project of two songs, with no key and no provider to reach."""
    write_manifest(shop.project, songs(2))
    return replace(shop, environment={"AIMLAPI_BASE_URL": "http://127.0.0.1:9"})


def recording(shop: Songmake, *, name: str = "mine.mp3", seconds: float = 0.4) -> Path:
    path = shop.project / name
    samples = tone(seconds=seconds)
    path.write_bytes(mp3_of(samples) if name.endswith(".mp3") else wav_of(samples))
    return path


def adopt(shop: Songmake, take: str, file: Path, *words: str) -> Ended:
    return inside(shop, "adopt", take, "--file", str(file), *words)


def rows(shop: Songmake, name: str = "song-1") -> list[dict]:
    return [row for row in cost(shop)["takes"] if row["song"] == name]


def test_an_adopted_file_is_copied_stored_as_it_is_and_published_at_once(offline: Songmake):
    file = recording(offline)
    content = file.read_bytes()
    ended = adopt(offline, "song-1#1", file)
    assert ended.code == 0, ended.err
    assert ended.out == "album/song-1#1: adopted mine.mp3 (mp3, 0.4 s, $0.00), published\n"
    assert file.read_bytes() == content
    (row,) = rows(offline)
    stored = offline.project / ".songmake" / "store"
    blob = stored / row["audio"]["stored_sha256"][:2] / f"{row['audio']['stored_sha256']}.mp3"
    assert blob.read_bytes() == content
    assert list(tracks(offline)) == ["01-song-1.mp3"]
    assert (row["state"], row["cost_source"], row["charged_usd"], row["origin"]) == (
        "published", "adopted", "0.000000", None,
    )  # fmt: skip
    assert row["generation_id"].startswith("adopted:")
    (track,) = valid(offline.document("album/ai-disclosure.json"), "ai-disclosure")["tracks"]
    assert track["rendering"] is None
    assert {part and part["source"] for part in track["parts"].values()} == {None}
    assert not list((offline.project / ".songmake" / "partial").iterdir())
    status = printed(inside(offline, "status", "--json"), "status")["takes"]
    assert [each["is_adopted"] for each in status] == [True, False]
    assert "song-1#1  published  adopted" in inside(offline, "status").out


def test_what_is_adopted_is_never_bought_and_its_outputs_come_back(
    offline: Songmake, vendor: Vendor, shop: Songmake
):
    assert adopt(offline, "song-1", recording(offline)).code == 0
    assert adopt(offline, "song-2", recording(offline, name="b.mp3"), "--cost", "1.5").code == 0
    before = tracks(offline)
    assert cost(offline)["totals"]["charged_usd"] == "1.500000"
    for path in (offline.project / "outputs" / "album").glob("*.mp3"):
        path.unlink()
    assert again(shop).code == 0
    assert tracks(shop) == before
    assert inside(shop, "verify").code == 0
    assert vendor.ledger().requests == ()


def test_one_file_serves_two_takes(offline: Songmake):
    file = recording(offline)
    assert [adopt(offline, f"song-{n}", file).code for n in (1, 2)] == [0, 0]
    assert list(tracks(offline)) == ["01-song-1.mp3", "02-song-2.mp3"]
    assert len({row["generation_id"] for row in cost(offline)["takes"]}) == 2


def test_audio_that_is_there_gives_way_to_a_replacement_alone_and_stays_as_history(
    bought: Songmake, vendor: Vendor
):
    file = recording(bought)
    before = files(bought.project / ".songmake" / "store")
    ended = adopt(bought, "song-1", file)
    assert ended.code == 2
    assert "album/song-1#1 has audio already (published)" in ended.err
    assert files(bought.project / ".songmake" / "store") == before
    assert adopt(bought, "song-1", file, "--replace").code == 0
    assert [(row["attempt"], row["state"], row["charged_usd"]) for row in rows(bought)] == [
        (1, "superseded", "0.195000"),
        (2, "published", "0.000000"),
    ]
    assert set(before) < set(files(bought.project / ".songmake" / "store"))
    assert again(bought).code == 0
    assert vendor.ledger().requests == ()
    assert bought.render("--replace", "song-1").code == 0
    assert len(vendor.ledger().accepted) == 1
    assert [row["state"] for row in rows(bought)] == ["superseded", "superseded", "published"]


def test_what_is_under_way_or_in_doubt_comes_first(shop: Songmake, vendor: Vendor):
    vendor.fault("post", "accept_then_reset", match="(one)")
    vendor.fault("logs", "404", times=None)
    write_manifest(
        shop.project, {name: song(prompt=f"a waltz called ({name})") for name in ("one", "two")}
    )
    assert shop.render("--no-wait").code == 3
    file = recording(shop)
    for take, hint in (("one", "settle 'album/one#1'"), ("two", "songmake render")):
        ended = adopt(shop, take, file, "--replace")
        assert ended.code == 2
        assert hint in ended.err
    assert len(attempts_in(shop.project / ".songmake" / "journal.sqlite3")) == 2


def test_a_take_that_failed_or_was_refused_for_now_may_be_adopted(shop: Songmake, vendor: Vendor):
    vendor.fault("post", "422", match="(one)")
    vendor.fault("post", "403", match="(two)")
    write_manifest(
        shop.project, {name: song(prompt=f"a waltz called ({name})") for name in ("one", "two")}
    )
    assert shop.render("--jobs", "1").code == 1
    file = recording(shop)
    assert [adopt(shop, name, file).code for name in ("one", "two")] == [0, 0]
    assert again(shop).code == 0
    assert vendor.ledger().accepted == ()
    assert len(tracks(shop)) == 2


def test_what_is_no_audio_is_refused_and_leaves_nothing(offline: Songmake):
    file = offline.project / "notes.txt"
    file.write_text("these are my notes\n" * 20, encoding="utf-8")
    ended = adopt(offline, "song-1", file)
    assert ended.code == 2
    assert "notes.txt: it is text that begins" in ended.err
    assert not list((offline.project / ".songmake" / "partial").iterdir())
    assert not (offline.project / ".songmake" / "store").exists()
    assert adopt(offline, "song-1", offline.project / "absent.mp3").code == 2


def test_another_format_than_the_one_asked_for_is_a_warning(offline: Songmake):
    ended = adopt(offline, "song-1", recording(offline, name="mine.wav"))
    assert ended.code == 0
    assert "asked for mp3, got wav: kept as it is" in ended.err
    assert list(tracks(offline)) == ["01-song-1.wav"]


def test_a_name_that_is_not_one_take_is_refused(offline: Songmake):
    file = recording(offline)
    ended = adopt(offline, "song-3", file)
    assert ended.code == 2
    assert "did you mean 'song-1'?" in ended.err or "did you mean 'song-2'?" in ended.err
    ended = adopt(offline, "song-*", file)
    assert (ended.code, "'song-*' means 2 takes" in ended.err) == (2, True)


def test_adopted_audio_that_is_gone_is_never_bought_and_comes_back_with_its_file(
    offline: Songmake, shop: Songmake, vendor: Vendor
):
    file = recording(offline)
    assert adopt(offline, "song-1", file).code == 0
    before = tracks(offline)
    for blob in (offline.project / ".songmake" / "store").rglob("*.mp3"):
        blob.unlink()
    (offline.project / "outputs" / "album" / "01-song-1.mp3").unlink()
    assert "adopted, and gone from the store: adopt its file again" in inside(shop, "plan").out
    assert again(shop, "--select", "song-1").code == 1
    assert vendor.ledger().requests == ()
    ended = adopt(offline, "song-1", file)
    assert (ended.code, ended.out) == (
        0,
        "album/song-1#1: it had these very bytes, and has them again\n",
    )
    assert tracks(offline) == before
    assert len(rows(offline)) == 1


def test_a_journal_that_was_lost_learns_of_adopted_audio_from_the_report(offline: Songmake):
    file = recording(offline)
    assert adopt(offline, "song-1", file).code == 0
    before = tracks(offline)
    for path in (offline.project / ".songmake").glob("journal*"):
        path.unlink()
    (offline.project / "manifests" / "album.lock.json").unlink()
    report = offline.project / "outputs" / "album" / "cost-report.json"
    assert adopt(offline, "song-2", file).code == 7
    assert inside(offline, "report", "--import", str(report)).code == 0
    assert again(offline, "--select", "song-1").code == 0
    assert tracks(offline) == before
    (row,) = rows(offline)
    assert (row["cost_source"], row["state"]) == ("adopted", "published")


def test_a_lock_and_the_store_are_all_that_adopted_audio_needs(
    offline: Songmake, shop: Songmake, vendor: Vendor
):
    assert adopt(offline, "song-1", recording(offline)).code == 0
    before = tracks(offline)
    lock = offline.project / "manifests" / "album.lock.json"
    text = lock.read_text()
    shutil.rmtree(offline.project / "outputs")
    for path in (offline.project / ".songmake").glob("journal*"):
        path.unlink()
    assert again(shop, "--select", "song-1").code == 0
    assert tracks(shop) == before
    assert (vendor.ledger().requests, lock.read_text()) == ((), text)


def test_adopted_audio_that_only_a_report_knows_is_never_asked_of_the_provider(
    offline: Songmake, shop: Songmake, vendor: Vendor
):
    file = recording(offline)
    assert adopt(offline, "song-1", file).code == 0
    shutil.rmtree(offline.project / ".songmake")
    (offline.project / "manifests" / "album.lock.json").unlink()
    (offline.project / "outputs" / "album" / "01-song-1.mp3").unlink()
    report = offline.project / "outputs" / "album" / "cost-report.json"
    assert inside(offline, "report", "--import", str(report)).code == 0
    assert again(shop, "--select", "song-1").code == 1
    assert vendor.ledger().requests == ()
    assert adopt(offline, "song-1", file).code == 0
    assert list(tracks(offline)) == ["01-song-1.mp3"]


def test_what_was_paid_elsewhere_agrees_to_no_purchase_here(
    offline: Songmake, shop: Songmake, vendor: Vendor
):
    write_manifest(offline.project, songs(2), budget_usd=3)
    assert adopt(offline, "song-1", recording(offline), "--cost", "1").code == 0
    ended = inside(shop, "render")
    assert (ended.code, "there is no terminal to ask on" in ended.err) == (2, True)
    assert vendor.ledger().accepted == ()


def test_a_sketched_albums_take_may_be_adopted_too(offline: Songmake):
    write_manifest(offline.project, songs(1), provider="sketch")
    assert adopt(offline, "song-1", recording(offline)).code == 0
    before = tracks(offline)
    assert again(offline).code == 0
    assert tracks(offline) == before
