import hashlib
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.adapters.blob_store import BLOCK_BYTES, BlobStore, checksum_of, default_store


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    return default_store(tmp_path)


def taken_in(store: BlobStore, content: bytes) -> Path:
    partial = store.partial_path("sm1.abc.1.n0")
    partial.write_bytes(content)
    return store.take_in(partial, checksum_of(partial), "mp3")


def test_bytes_are_found_by_their_checksum_and_cannot_be_written(store: BlobStore, tmp_path: Path):
    checksum = hashlib.sha256(b"audio").hexdigest()
    path = taken_in(store, b"audio")
    assert path == tmp_path / "store" / checksum[:2] / f"{checksum}.mp3"
    assert path == store.path_of(checksum, "mp3")
    assert path.read_bytes() == b"audio"
    assert stat.S_IMODE(path.stat().st_mode) == 0o444
    assert list((tmp_path / "partial").iterdir()) == []


def test_a_blob_is_held_in_full_length_or_not_at_all(store: BlobStore):
    path = taken_in(store, b"audio")
    assert store.holds(path.stem, "mp3", 5)
    assert not store.holds(path.stem, "mp3", 6)
    assert not store.holds(path.stem, "wav", 5)
    assert not store.holds("0" * 64, "mp3", 5)


def test_the_same_bytes_twice_are_one_blob(store: BlobStore, tmp_path: Path):
    assert taken_in(store, b"audio") == taken_in(store, b"audio")
    assert len(list((tmp_path / "store").rglob("*.mp3"))) == 1


def test_bytes_that_failed_a_check_are_set_aside_for_a_person(store: BlobStore, tmp_path: Path):
    partial = store.partial_path("x")
    partial.write_bytes(b"<html>")
    kept = store.set_aside(partial, "x.n1")
    assert kept == tmp_path / "quarantine" / "x.n1"
    assert kept.read_bytes() == b"<html>"
    assert not partial.exists()


def test_unfinished_downloads_can_be_cleared_and_nothing_else_is(store: BlobStore, tmp_path: Path):
    blob = taken_in(store, b"audio")
    store.partial_path("half").write_bytes(b"au")
    store.clear_partials()
    assert list((tmp_path / "partial").iterdir()) == []
    assert blob.exists()


def test_an_empty_store_makes_no_folders(store: BlobStore, tmp_path: Path):
    store.clear_partials()
    assert not store.holds("0" * 64, "mp3", 1)
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=64), st.integers(0, 2))
def test_a_checksum_is_the_sha256_of_all_blocks(tmp_path: Path, tail: bytes, blocks: int):
    content = bytes(BLOCK_BYTES) * blocks + tail
    path = tmp_path / "x"
    path.write_bytes(content)
    assert checksum_of(path) == hashlib.sha256(content).hexdigest()
