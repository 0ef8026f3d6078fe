"""Rebuilding from lock and store: the same bytes, nothing sent, and what is missing by name."""

from __future__ import annotations

import os
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.cli.session import load_workspace
from pipeline.runner.clock import Clock
from pipeline.runner.rebuild.rebuilding import rebuild
from tests.bucket import free_port
from tests.builders import song, songs, write_manifest
from tests.cli.seeing import again, cost, events, files, inside, summary
from tests.cli.test_verify import a_blob, a_track, flip_a_byte
from tests.command import Ended, Songmake
from tests.vendor.client import Vendor


def frozen(shop: Songmake, *words: str) -> Ended:
    """``songmake render --frozen`` without a key, its API behind a closed port."""
    closed = {
        "AIMLAPI_KEY": "",
        "AIMLAPI_BASE_URL": f"http://127.0.0.1:{free_port()}",
        "PATH": os.environ["PATH"],
    }
    with no_sockets():
        return inside(replace(shop, environment=closed), "render", "--frozen", *words)


@contextmanager
def no_sockets() -> Iterator[None]:
    """Whatever connects or listens fails."""

    def refuse(*_: object) -> None:
        raise AssertionError("a frozen rebuild reached for the network")

    names = ("connect", "connect_ex", "bind", "sendto")
    before = {name: getattr(socket.socket, name) for name in names}
    for name in names:
        setattr(socket.socket, name, refuse)
    try:
        yield
    finally:
        for name, method in before.items():
            setattr(socket.socket, name, method)


def cloned(shop: Songmake, folder: Path) -> Songmake:
    """An empty machine: manifests and lock as ``git clone`` leaves them, and the store."""
    for name in ("manifests", ".songmake/store"):
        if (shop.project / name).exists():
            shutil.copytree(shop.project / name, folder / name, copy_function=shutil.copyfile)
    (folder / ".git").mkdir()
    return replace(shop, project=folder)


def rebuilt(shop: Songmake) -> dict[str, bytes]:
    """Everything under ``outputs/`` that a rebuild promises."""
    found = files(shop.project / "outputs")
    return {name: content for name, content in found.items() if name != "summary.json"}


def lock_of(shop: Songmake) -> Path:
    return shop.project / "manifests" / "album.lock.json"


def test_an_empty_machine_rebuilds_the_same_bytes_and_sends_nothing(
    bought: Songmake, vendor: Vendor, tmp_path: Path
):
    second = cloned(bought, tmp_path / "deep" / "second")
    lock = lock_of(second).read_bytes()
    ended = frozen(second)
    assert (ended.code, ended.err.count("warning")) == (0, 0), ended.said
    assert rebuilt(second) == rebuilt(bought)
    assert "album/cost-report.json" in rebuilt(second)
    assert lock_of(second).read_bytes() == lock
    assert vendor.ledger().requests == ()
    found = summary(second)
    assert (found["exit_code"], found["totals"]["states"]) == (0, {"published": 3})
    assert frozen(second).code == 0


def test_a_day_later_in_another_zone_the_bytes_are_the_same(
    bought: Songmake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    trees = []
    for zone, days in (("Pacific/Kiritimati", 0), ("America/Los_Angeles", 1)):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        machine = cloned(bought, tmp_path / zone)
        assert rebuilt_on(machine, datetime(2031, 2, 28, 23, 59, tzinfo=UTC) + timedelta(days)) == 0
        assert summary(machine)["started_at"].startswith(f"2031-0{2 + days}")
        trees.append(rebuilt(machine))
    monkeypatch.undo()
    time.tzset()
    assert trees[0] == trees[1] == rebuilt(bought)


def rebuilt_on(machine: Songmake, day: datetime) -> int:
    folders = {"state": machine.project / ".songmake", "output": machine.project / "outputs"}
    workspace = load_workspace([machine.project / "manifests"], **folders)
    return rebuild(workspace, select=(), emit=print, clock=Clock(now=lambda: day)).code


def test_a_rebuild_starts_no_engine_and_gives_sketches_from_the_store(
    shop: Songmake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    sketched = {"one": song("One", prompt="slow piano", lyrics="[Verse]\nla la")}
    write_manifest(shop.project, sketched, provider="sketch")
    assert shop("render").code == 0
    second = cloned(shop, tmp_path / "second")
    monkeypatch.setattr("pipeline.adapters.sketch_process.SketchProcess", None, raising=False)
    assert frozen(second).code == 0
    assert rebuilt(second) == rebuilt(shop)
    a_blob(second).unlink()
    shutil.rmtree(second.project / "outputs")
    ended = frozen(second)
    assert ended.code == 10
    assert "is missing from the store" in ended.err
    assert "sketch it again, free: songmake render" in ended.err


def test_one_changed_lyric_is_named_and_the_rest_is_published(
    bought: Songmake, vendor: Vendor, tmp_path: Path
):
    second = cloned(bought, tmp_path / "second")
    changed = songs(3)
    changed["song-2"]["lyrics"] = "[Verse]\nAnother night"
    write_manifest(second.project, changed)
    ended = frozen(second)
    assert ended.code == 10
    assert "album/song-2#1: its request has changed since it was rendered: lyrics" in ended.err
    assert "hint: take the change back, or buy what it says now: songmake render" in ended.err
    assert sorted(name for name in rebuilt(second) if name.endswith(".mp3")) == [
        "album/01-song-1.mp3",
        "album/03-song-3.mp3",
    ]
    assert "album/song-2#1" in summary(second)["reason"]
    assert vendor.ledger().requests == ()
    write_manifest(second.project, songs(3))
    assert frozen(second).code == 0
    assert rebuilt(second) == rebuilt(bought)


@pytest.mark.parametrize("is_published", [True, False])
def test_one_deleted_blob_is_named(is_published: bool, bought: Songmake, vendor: Vendor):
    blob = a_blob(bought)
    blob.unlink()
    if not is_published:
        shutil.rmtree(bought.project / "outputs")
    ended = frozen(bought)
    assert ended.code == 10
    assert f"blob {blob.name} is missing from the store" in ended.err
    assert f"{2 + is_published} of 3 takes published" in ended.out
    assert ("published: its file is not there" in ended.err) is not is_published
    mend = (
        "take it back, free: songmake verify --repair" if is_published else "poll for a fresh link"
    )
    assert mend in ended.err
    assert not blob.exists()
    assert vendor.ledger().requests == ()


@pytest.mark.parametrize("is_published", [True, False])
def test_one_damaged_blob_is_named_and_left_for_a_person(is_published: bool, bought: Songmake):
    flip_a_byte(a_blob(bought))
    if not is_published:
        shutil.rmtree(bought.project / "outputs")
    before = a_blob(bought).read_bytes()
    ended = frozen(bought)
    assert ended.code == 10
    assert f"{a_blob(bought).name}: its bytes are not the ones that were stored" in ended.err
    assert a_blob(bought).read_bytes() == before
    assert len(list((bought.project / "outputs" / "album").glob("*.mp3"))) == 2 + is_published


def test_a_byte_that_changed_in_outputs_is_changed_back_whatever_its_time_says(bought: Songmake):
    before = rebuilt(bought)
    flip_a_byte(a_track(bought))
    flip_a_byte(bought.project / "outputs" / "album" / "album.m3u8")
    assert frozen(bought).code == 0
    assert {name: rebuilt(bought)[name] for name in before} == before


def test_a_track_that_cannot_be_put_in_its_place_keeps_no_other_out(bought: Songmake):
    first, second, third = sorted((bought.project / "outputs" / "album").glob("*.mp3"))
    for track in (first, second, third):
        track.unlink()
    first.mkdir()
    ended = frozen(bought)
    assert ended.code == 1
    assert f"{first.name}: Is a directory" in ended.err
    assert second.is_file()
    assert third.is_file()
    assert "2 of 3 takes published" in ended.out
    assert summary(bought)["totals"]["states"] == {"published": 2, "absent": 1}
    first.rmdir()
    assert frozen(bought).code == 0
    assert first.is_file()


def test_what_was_never_bought_or_is_under_way_is_named_with_the_command(
    shop: Songmake, vendor: Vendor, tmp_path: Path
):
    write_manifest(shop.project, songs(1))
    assert shop.render("--no-wait").code == 6
    write_manifest(shop.project, songs(2))
    second = cloned(shop, tmp_path / "second")
    asked = len(vendor.ledger().requests)
    for machine in (shop, second):
        lock = lock_of(machine).read_bytes()
        ended = frozen(machine)
        assert ended.code == 10, ended.said
        assert "album/song-1#1: submitted\nhint: collect it, free: songmake render" in ended.err
        assert "album/song-2#1: never bought\nhint: buy it: songmake render" in ended.err
        assert lock_of(machine).read_bytes() == lock
    assert len(vendor.ledger().requests) == asked
    assert shop.states() == {"song-1#1": "submitted"}


def test_only_the_selected_takes_count(bought: Songmake, tmp_path: Path):
    second = cloned(bought, tmp_path / "second")
    write_manifest(second.project, songs(4))
    assert frozen(second, "--select", "song-1").code == 0
    assert frozen(second, "--select", "song-4").code == 10
    assert frozen(second, "--select", "nowhere").code == 2


def test_programs_are_told_what_is_missing(bought: Songmake, tmp_path: Path):
    second = cloned(bought, tmp_path / "second")
    blob = a_blob(second)
    blob.unlink()
    told = events(frozen(second, "--json"))
    assert (told[0]["event"], told[0]["takes"]) == ("run_started", 3)
    (warned,) = (event for event in told if event["event"] == "warned")
    assert blob.name in warned["message"]
    assert warned["about"].startswith("album/song-")
    assert sorted(e["state"] for e in told if e["event"] == "take_changed") == [
        "published",
        "published",
        "stored",
    ]
    assert (told[-1]["event"], told[-1]["exit_code"]) == ("run_ended", 10)


def test_without_journal_and_lock_nothing_is_bought_and_all_is_missing(
    bought: Songmake, vendor: Vendor, tmp_path: Path
):
    second = cloned(bought, tmp_path / "second")
    lock_of(second).unlink()
    ended = frozen(second)
    assert ended.code == 10
    assert ended.err.count("never bought") == 3
    assert vendor.ledger().requests == ()


def test_a_lock_that_is_lost_is_named_though_the_journal_has_it_all(bought: Songmake):
    lock_of(bought).unlink()
    ended = frozen(bought)
    assert ended.code == 10
    assert "album.lock.json: missing" in ended.err
    assert not lock_of(bought).exists()


@pytest.mark.parametrize(
    "words",
    [("--yes",), ("--max-cost", "1"), ("--replace", "song-1"), ("--take-over",), ("--dry-run",)],
)
def test_flags_that_buy_do_not_go_with_it(words: tuple[str, ...], bought: Songmake):
    before = files(bought.project)
    ended = frozen(bought, *words)
    assert ended.code == 2
    assert f"error: {words[0]}" in ended.err
    assert "hint:" in ended.err
    after = files(bought.project)
    assert {name: after[name] for name in before if "summary" not in name} == {
        name: before[name] for name in before if "summary" not in name
    }


def test_what_the_environment_says_of_buying_is_no_wish_to_buy(bought: Songmake):
    environment = {"SONGMAKE_YES": "1", "SONGMAKE_MAX_COST": "1", "SONGMAKE_FROZEN": "1"}
    shop = replace(bought, environment={**bought.environment, **environment})
    assert inside(shop, "render").code == 0


def test_damage_outweighs_what_is_missing(bought: Songmake):
    lock_of(bought).write_text("<<<<<<< HEAD\n", encoding="utf-8")
    a_blob(bought).unlink()
    assert frozen(bought).code == 7


def test_a_frozen_rebuild_leaves_the_money_as_it_was(bought: Songmake, tmp_path: Path):
    second = cloned(bought, tmp_path / "second")
    assert frozen(second).code == 0
    assert cost(second) == cost(bought)
    assert inside(second, "plan", "--check").code == 0
    assert inside(second, "verify").code == 0


# --- outputs give the store back what it lost ---


@pytest.mark.parametrize("is_known", [True, False])
def test_a_store_that_is_gone_is_filled_from_published_files_without_a_request(
    is_known: bool, bought: Songmake, vendor: Vendor
):
    store = bought.project / ".songmake" / "store"
    before = files(store)
    shutil.rmtree(store)
    if not is_known:  # nor is the journal there: the lock tells of everything but files
        shutil.rmtree(bought.project / ".songmake")
    without_key = replace(bought, environment={})
    ended = inside(without_key, "render")
    assert ended.code == 0, ended.said
    assert "3 blobs that the store lacked were taken back from published files" in ended.err
    assert files(store) == before
    assert vendor.ledger().requests == ()
    assert inside(without_key, "verify").code == 0


@pytest.mark.parametrize("name", ["wav", "pcm"])
def test_wav_and_pcm_come_back_from_their_published_files_too(
    name: str, shop: Songmake, vendor: Vendor
):
    audio = {"format": name, "sample_rate": 44100}
    write_manifest(shop.project, songs(1), defaults={"audio": audio})
    assert shop.render().code == 0
    store = shop.project / ".songmake" / "store"
    before, asked = files(store), len(vendor.ledger().requests)
    shutil.rmtree(store)
    assert inside(replace(shop, environment={}), "render").code == 0
    assert files(store) == before
    assert len(vendor.ledger().requests) == asked


def test_a_published_file_that_was_changed_gives_nothing_back(shop: Songmake, vendor: Vendor):
    write_manifest(shop.project, songs(1))
    assert shop.render().code == 0
    before = files(shop.project / ".songmake" / "store")
    a_blob(shop).unlink()
    track = shop.project / "outputs" / "album" / "01-song-1.mp3"
    flip_a_byte(track)
    track.touch()
    assert shop.render().code == 0
    assert files(shop.project / ".songmake" / "store") == before
    ledger = vendor.ledger()
    assert (ledger.posts, len(ledger.of("cdn"))) == (1, 2)


def lose_a_blob_for_good(shop: Songmake) -> Path:
    """Neither store nor outputs have it, though the track looks as it was published."""
    write_manifest(shop.project, songs(1))
    assert shop.render().code == 0
    blob = a_blob(shop)
    blob.unlink()
    flip_a_byte(shop.project / "outputs" / "album" / "01-song-1.mp3")
    return blob


def test_a_published_take_without_a_blob_is_fetched_again(shop: Songmake, vendor: Vendor):
    blob = lose_a_blob_for_good(shop)
    assert again(replace(shop, environment={})).code == 0, "without a key it stays as it is"
    assert not blob.exists()
    assert again(shop).code == 0
    assert blob.exists()
    assert (vendor.ledger().posts, len(vendor.ledger().of("cdn"))) == (1, 2)


def test_a_published_take_that_the_provider_forgot_stays_published(shop: Songmake, vendor: Vendor):
    blob = lose_a_blob_for_good(shop)
    vendor.fault("poll", "404", times=None)
    ended = again(shop)
    assert ended.code == 0, ended.said
    assert "the published file is all that is left of it" in ended.err
    assert not blob.exists()
    assert shop.states() == {"song-1#1": "published"}
    assert vendor.ledger().posts == 1
