"""Where the pristine audio is kept: another folder, or a bucket that many machines share."""

from __future__ import annotations

import os
import shutil
import signal
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bucket import SECRET, BucketServer, BucketStoreAt, Relay, credentials, free_port
from tests.builders import songs, write_manifest
from tests.cli.seeing import again, cost, files, inside, printed, summary, tracks
from tests.command import Songmake
from tests.vendor.client import Vendor


def with_store(shop: Songmake, bucket: BucketStoreAt, **variables: str) -> Songmake:
    """The same project, told by its environment to keep its audio in the bucket."""
    store = {"SONGMAKE_STORE": bucket.url, **bucket.environment}
    return replace(shop, environment={**shop.environment, **store, **variables})


def another_machine(shop: Songmake, folder: Path, *, keeps: str = "cost-report.json") -> Songmake:
    """A fresh runner: a clone of the project without its lock, with one document of the first."""
    shutil.copytree(
        shop.project / "manifests",
        folder / "manifests",
        ignore=shutil.ignore_patterns("*.lock.json"),
    )
    (folder / ".git").mkdir()
    (folder / "outputs" / "album").mkdir(parents=True)
    shutil.copy(shop.project / "outputs" / "album" / keeps, folder / "outputs" / "album" / keeps)
    return replace(shop, project=folder)


@pytest.fixture
def sold(bought: Songmake, bucket: BucketStoreAt) -> Songmake:
    """Three songs, bought before; their audio goes to the bucket with this run."""
    shop = with_store(bought, bucket)
    ended = again(shop)
    assert ended.code == 0, ended.said
    assert "3 takes of this machine went to s3://albums/" in ended.err
    return shop


@pytest.fixture
def relay(bucket: BucketStoreAt) -> Iterator[Relay]:
    with Relay(target=bucket.port) as standing:
        yield standing


REPORT = "outputs/album/cost-report.json"


def test_what_one_runner_bought_another_restores_from_the_bucket_alone(
    shop: Songmake, bucket: BucketStoreAt, vendor: Vendor, tmp_path: Path
):
    first = with_store(shop, bucket)
    write_manifest(first.project, songs(3))
    ended = first.render()
    assert ended.code == 0, ended.said
    assert len(bucket.blobs) == 3
    second = another_machine(first, tmp_path / "second")
    shutil.rmtree(first.project / ".songmake")
    vendor.reset()

    refused = inside(second, "render", "--yes")
    assert refused.code == 7
    assert f"hint: songmake report --import {second.project / REPORT}\n" in refused.err
    assert inside(second, "report", "--import", REPORT).code == 0
    ended = again(second)

    assert ended.code == 0, ended.said
    assert vendor.ledger().requests == ()
    assert tracks(second) == tracks(first)
    assert cost(second)["totals"] == cost(first)["totals"]
    assert inside(second, "verify").code == 0
    assert inside(second, "plan", "--check").code == 0


def test_lock_and_bucket_are_all_that_another_runner_needs(
    shop: Songmake, bucket: BucketStoreAt, vendor: Vendor, tmp_path: Path
):
    first = with_store(shop, bucket)
    write_manifest(first.project, songs(3))
    assert first.render().code == 0
    second = replace(first, project=tmp_path / "second")
    shutil.copytree(first.project / "manifests", second.project / "manifests")
    (second.project / ".git").mkdir()
    vendor.reset()

    ended = again(second)

    assert ended.code == 0, ended.said
    assert vendor.ledger().requests == ()
    assert tracks(second) == tracks(first)
    assert cost(second) == cost(first)


def test_audio_of_a_machine_goes_to_the_store_that_is_named_later(
    sold: Songmake, bucket: BucketStoreAt, vendor: Vendor
):
    own = sorted((sold.project / ".songmake" / "store").rglob("*.mp3"))
    assert [blob.read_bytes() for blob in bucket.blobs] == [blob.read_bytes() for blob in own]
    assert vendor.ledger().requests == ()
    assert again(sold).err == ""


def test_a_store_that_goes_down_while_a_song_is_uploaded_costs_nothing(
    shop: Songmake, bucket: BucketStoreAt, vendor: Vendor, relay: Relay
):
    write_manifest(shop.project, songs(1))
    relay.cut_after_bytes = 6_000  # after what is written before buying, within the song
    down = with_store(shop, bucket, AWS_ENDPOINT_URL=f"http://127.0.0.1:{relay.port}")
    ended = down.render()
    assert ended.code == 6, ended.said
    assert "cannot be written: the service does not answer" in ended.err
    assert "try again later, free: songmake render" in ended.err
    assert shop.states() == {"song-1#1": "ready"}
    assert summary(shop)["exit_code"] == 6
    assert len(list((shop.project / ".songmake" / "waiting").iterdir())) == 1
    assert bucket.blobs == []

    asked = len(vendor.ledger().requests)  # the link may be dead by now: nobody needs it
    ended = again(with_store(shop, bucket))
    assert ended.code == 0, ended.said
    assert len(bucket.blobs) == 1
    assert list((shop.project / ".songmake" / "waiting").iterdir()) == []
    assert shop.states() == {"song-1#1": "published"}
    assert len(vendor.ledger().requests) == asked


@pytest.mark.parametrize("trouble", ["secret", "bucket", "down", "extra"])
def test_a_store_that_does_not_work_is_found_out_before_anything_is_bought(
    trouble: str, shop: Songmake, bucket: BucketStoreAt, vendor: Vendor, tmp_path: Path
):
    write_manifest(shop.project, songs(1))
    variables, code, said, hint = {
        "secret": (credentials(bucket.port, secret="hunter2"), 1,
                   "refuses the credentials (403 SignatureDoesNotMatch)", "check key, secret"),
        "bucket": ({"SONGMAKE_STORE": "s3://nowhere/x"}, 2, "there is no such bucket", "make the"),
        "down": (credentials(free_port()), 6, "the service does not answer", "try again later"),
        "extra": ({"PYTHONPATH": without_obstore(tmp_path)}, 2, "needs obstore",
                  "pip install 'songmake[s3]'"),
    }[trouble]  # fmt: skip
    ended = with_store(shop, bucket, **variables).render(is_fresh=trouble == "extra")
    assert ended.code == code, ended.said
    assert said in ended.err
    assert f"hint: {hint}" in ended.err or hint in ended.err
    for secret in ("hunter2", SECRET, "AWS4-HMAC", "http://127"):
        assert secret not in ended.said
    assert vendor.ledger().requests == ()
    assert summary(shop)["exit_code"] == code
    assert not (shop.project / "outputs" / "album").exists()


def without_obstore(folder: Path) -> str:
    """A path on which the extra is not installed."""
    stub = folder / "stub" / "obstore"
    stub.mkdir(parents=True)
    (stub / "__init__.py").write_text("raise ImportError('not here')\n")
    return f"{stub.parent}{os.pathsep}{Path(__file__).resolve().parents[2]}"


def test_a_store_that_can_be_listed_and_not_written_is_found_out_too(
    shop: Songmake, vendor: Vendor, tmp_path: Path
):
    write_manifest(shop.project, songs(1))
    with BucketServer(root=tmp_path / "objects", is_read_only=True) as server:
        bucket = BucketStoreAt(server=server, prefix="a", port=server.port)
        assert inside(with_store(shop, bucket), "plan").code == 0
        ended = inside(with_store(shop, bucket), "render", "--yes")
    assert ended.code == 6, ended.said
    assert f"{bucket.url} cannot be written" in ended.err
    assert vendor.ledger().requests == ()


def test_a_store_that_never_answers_is_left_at_the_first_signal(
    shop: Songmake, bucket: BucketStoreAt, vendor: Vendor
):
    write_manifest(shop.project, songs(1))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(30)
        silent_one = with_store(shop, bucket, **credentials(silent.getsockname()[1]))
        running = silent_one.start("render", "--yes")
        connection, _ = silent.accept()
        with connection:
            running.send_signal(signal.SIGINT)
            _, said = running.communicate(timeout=30)
    assert running.returncode == 130, said
    assert vendor.ledger().requests == ()


def test_credentials_in_the_address_are_refused_and_not_repeated(shop: Songmake, vendor: Vendor):
    write_manifest(shop.project, songs(1))
    for words in (("render", "--yes"), ("plan",), ("status",), ("verify",), ("report",)):
        ended = inside(shop, *words, "--store", "s3://key:hunter2@albums/x")
        assert ended.code == 2, words
        assert "hunter2" not in ended.said
        assert "only ever read from the environment" in ended.err
    assert vendor.ledger().requests == ()


def test_damaged_and_missing_objects_are_named_and_come_back_for_free(
    shop: Songmake, bucket: BucketStoreAt, vendor: Vendor, tmp_path: Path
):
    first = with_store(shop, bucket)
    write_manifest(shop.project, songs(3))
    assert first.render().code == 0
    gone, bad, _ = bucket.blobs
    bucket.remove(gone)
    content = bytearray(bad.read_bytes())
    content[len(content) // 2] ^= 1
    bucket.overwrite(bad, bytes(content))
    ended = inside(first, "verify")
    assert ended.code == 7
    assert f"{bucket.url}/{gone.parent.name}/{gone.name}: " in ended.out
    assert "on this machine alone" in ended.out

    second = another_machine(first, tmp_path / "second")
    assert inside(second, "report", "--import", REPORT).code == 0
    ended = again(second)
    assert ended.code == 7
    assert f"{bad.name}: its bytes are not the ones that were stored" in ended.err
    assert len(tracks(second)) == 2
    (kept,) = (second.project / ".songmake" / "quarantine").iterdir()
    assert kept.read_bytes() == bytes(content)

    ended = again(second)
    assert ended.code == 0, ended.said
    assert tracks(second) == tracks(first)
    assert vendor.ledger().posts == 3
    assert len(vendor.ledger().of("cdn")) == 5
    assert len(bucket.blobs) == 3
    assert inside(first, "verify").code == 0


def test_verifying_reads_what_lies_in_the_bucket_alone(
    sold: Songmake, bucket: BucketStoreAt, vendor: Vendor
):
    shutil.rmtree(sold.project / ".songmake" / "store")
    assert inside(sold, "verify").code == 0
    bucket.overwrite(bucket.blobs[0], b"x" * bucket.blobs[0].stat().st_size)
    shutil.rmtree(sold.project / ".songmake" / "store")
    ended = inside(sold, "verify")
    assert ended.code == 7
    assert "its bytes are not the ones that were stored" in ended.out
    assert vendor.ledger().requests == ()


def test_an_empty_journal_beside_a_full_bucket_buys_nothing(
    sold: Songmake, vendor: Vendor, tmp_path: Path
):
    second = another_machine(sold, tmp_path / "second")
    shutil.rmtree(second.project / "outputs")
    ended = inside(second, "render", "--yes")
    assert ended.code == 7
    assert "the journal is empty, but the store holds audio" in ended.err
    assert vendor.ledger().requests == ()


def test_an_empty_store_does_not_make_bought_takes_lost(
    sold: Songmake, bucket: BucketStoreAt, vendor: Vendor, tmp_path: Path
):
    shutil.rmtree(sold.project / ".songmake" / "store")
    shutil.rmtree(sold.project / "outputs")
    wrong = replace(bucket, prefix=f"{bucket.prefix}-mistyped").url
    for place in (wrong, str(tmp_path / "nas")):
        ended = again(sold, "--store", place)
        assert ended.code == 7
        assert f"{place} is empty, and the journal knows 3 bought takes" in ended.err
    assert vendor.ledger().requests == ()
    assert again(sold).code == 0
    assert len(tracks(sold)) == 3


def test_the_status_is_told_while_the_store_is_down(sold: Songmake, bucket: BucketStoreAt):
    down = with_store(sold, bucket, **credentials(free_port()))
    assert inside(down, "status").code == 0
    ended = inside(down, "plan")
    assert ended.code == 6
    assert "cannot be listed: the service does not answer" in ended.err


# --- another folder ---


def test_a_folder_is_relative_to_where_one_stands(shop: Songmake, vendor: Vendor, tmp_path: Path):
    write_manifest(shop.project, songs(2))
    assert shop.render("--store", "kept").code == 0
    assert len(list((shop.project / "kept").rglob("*.mp3"))) == 2
    assert not (shop.project / ".songmake" / "store").exists()
    second = another_machine(shop, tmp_path / "second")
    uri = (shop.project / "kept").resolve().as_uri()
    assert inside(second, "report", "--import", REPORT, "--store", uri).code == 0
    vendor.reset()
    assert again(second, "--store", uri).code == 0
    assert tracks(second) == tracks(shop)
    assert vendor.ledger().requests == ()


def test_a_folder_on_another_disk_takes_whole_files(shop: Songmake):
    here = shop.project.stat().st_dev
    roots = (root for root in (Path("/dev/shm"), Path("/var/tmp")) if root.is_dir())
    elsewhere = next((root for root in roots if root.stat().st_dev != here), None)
    if elsewhere is None:
        pytest.skip("there is no other file system here")
    place = elsewhere / f"songmake-{os.getpid()}-{shop.project.name}"
    try:
        write_manifest(shop.project, songs(1))
        assert shop.render("--store", str(place)).code == 0
        (blob,) = (path for path in place.rglob("*") if path.is_file())
        assert blob.name.endswith(".mp3")
        assert inside(shop, "verify", "--store", str(place)).code == 0
        assert list((shop.project / ".songmake" / "partial").iterdir()) == []
    finally:
        shutil.rmtree(place, ignore_errors=True)


def test_audio_goes_from_the_state_folder_to_a_folder_that_is_named_later(
    bought: Songmake, vendor: Vendor, tmp_path: Path
):
    ended = again(bought, "--store", str(tmp_path / "nas"))
    assert ended.code == 0
    assert f"3 takes of this machine went to {tmp_path / 'nas'}" in ended.err
    own = files(bought.project / ".songmake" / "store")
    assert files(tmp_path / "nas") == own
    assert vendor.ledger().requests == ()


def test_the_state_folders_own_store_may_be_named(bought: Songmake, vendor: Vendor):
    ended = again(bought, "--store", ".songmake/store")
    assert (ended.code, ended.err) == (0, "")
    assert vendor.ledger().requests == ()


def test_a_folder_that_cannot_be_is_found_out_before_anything_is_bought(
    shop: Songmake, vendor: Vendor, tmp_path: Path
):
    write_manifest(shop.project, songs(1))
    (tmp_path / "file").write_text("in the way")
    for place, said in (
        (tmp_path / "file", "is not a folder"),
        (tmp_path / "unmounted" / "deep" / "store", "there is no folder above it"),
    ):
        ended = inside(shop, "render", "--yes", "--store", str(place))
        assert ended.code == 2
        assert said in ended.err
    ended = inside(shop, "render", "--yes", "--store", "/proc/songmake")
    assert ended.code == 1
    assert "hint: make room or mend the folder" in ended.err
    assert vendor.ledger().requests == ()


def test_gc_removes_from_the_bucket_what_is_its_journals_and_nothing_else(
    sold: Songmake, bucket: BucketStoreAt, vendor: Vendor
):
    three = songs(3)
    three["song-2"]["prompt"] = "a slow waltz"
    write_manifest(sold.project, three)
    assert again(sold).code == 0
    foreign = Path("ff") / f"{'f' * 64}.mp3"
    bucket.overwrite(foreign, b"another machine's")
    before = {blob.name for blob in bucket.blobs}
    found = printed(inside(sold, "gc", "--older-than", "0", "--delete", "--json"), "gc")
    (gone,) = [row for row in found["unreferenced"] if row["path"].startswith("s3://")]
    (kept,) = found["foreign"]
    assert (kept["is_removable"], "may be another journal's" in kept["why"]) == (False, True)
    assert before - {blob.name for blob in bucket.blobs} == {Path(gone["path"]).name}
    write_manifest(sold.project, songs(3))
    accepted = len(vendor.ledger().accepted)
    assert again(sold).code == 1  # the provider knows nothing of what was bought before
    assert len(vendor.ledger().accepted) == accepted
