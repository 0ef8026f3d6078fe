"""What every store must do, on the state folder's own, on another folder and in a bucket."""

from __future__ import annotations

import asyncio
import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.adapters.blob_store import BlobStore, Desk, checksum_of, open_store
from pipeline.adapters.blob_store.checksums import BLOCK_BYTES
from pipeline.cli.session import store_location
from pipeline.core.purchase.attempt import StoredAudio
from pipeline.core.wanted.album import Checksum
from pipeline.errors import SongmakeError
from tests.bucket import BucketStoreAt
from tests.builders import an_audio

Opening = Callable[[str], BlobStore]  # by the name of the machine whose state folder it is


@pytest.fixture(params=["own", "folder", "bucket"])
def opening(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Opening:
    if request.param == "own":
        return lambda machine: open_store(None, tmp_path / "state")
    if request.param == "folder":
        place = str(tmp_path / "shared")
    else:
        bucket: BucketStoreAt = request.getfixturevalue("bucket")
        for name, text in bucket.environment.items():
            monkeypatch.setenv(name, text)
        place = bucket.url
    return lambda machine: open_store(store_location(place), tmp_path / machine)


@pytest.fixture
def store(opening: Opening) -> BlobStore:
    return opening("one")


def audio_of(content: bytes, extension: str = "mp3") -> StoredAudio:
    checksum = Checksum(hashlib.sha256(content).hexdigest())
    return an_audio(checksum=checksum, size_bytes=len(content), format=extension)


def taken_in(store: BlobStore, content: bytes) -> Path:
    partial = store.desk.partial_path("sm1.abc.1.n0")
    partial.write_bytes(content)
    return asyncio.run(store.take_in(partial, checksum_of(partial), "mp3"))


def holds(store: BlobStore, audio: StoredAudio) -> bool:
    return store.holds(audio.checksum, audio.format, audio.size_bytes)


def test_bytes_are_found_by_their_checksum_and_cannot_be_written(store: BlobStore):
    checksum = hashlib.sha256(b"audio").hexdigest()
    path = taken_in(store, b"audio")
    assert path.parts[-2:] == (checksum[:2], f"{checksum}.mp3")
    assert path == store.path_of(checksum, "mp3")
    assert path.read_bytes() == b"audio"
    assert stat.S_IMODE(path.stat().st_mode) == 0o444


def test_a_blob_is_held_in_full_length_or_not_at_all(store: BlobStore):
    path = taken_in(store, b"audio")
    assert store.holds(path.stem, "mp3", 5)
    assert not store.holds(path.stem, "mp3", 6)
    assert not store.holds(path.stem, "wav", 5)
    assert not store.holds("0" * 64, "mp3", 5)


def test_the_same_bytes_twice_are_one_blob(opening: Opening):
    first = taken_in(opening("one"), b"audio")
    assert taken_in(opening("one"), b"audio") == first
    assert holds(opening("one"), audio_of(b"audio"))


def test_another_machine_holds_and_brings_what_one_has_stored(opening: Opening):
    content = os.urandom(3 << 20)
    taken_in(opening("one"), content)
    other = opening("two")
    assert holds(other, audio_of(content))
    assert asyncio.run(other.bring(audio_of(content))).read_bytes() == content
    assert other.lacking([audio_of(content)]) == ()


def test_two_machines_may_store_the_same_bytes_at_once(opening: Opening):
    stores = [opening("one"), opening("two")]
    partials = [store.desk.partial_path(f"p{number}") for number, store in enumerate(stores)]
    for partial in partials:
        partial.write_bytes(b"the same")

    async def both() -> None:
        await asyncio.gather(
            *(
                store.take_in(partial, checksum_of(partial), "mp3")
                for store, partial in zip(stores, partials, strict=True)
            )
        )

    asyncio.run(both())
    assert asyncio.run(opening("three").bring(audio_of(b"the same"))).read_bytes() == b"the same"


def test_a_store_is_empty_until_something_is_stored(opening: Opening):
    store = opening("one")
    assert store.is_empty()
    store.check_writable()
    assert opening("one").is_empty(), "what was written to see whether it can be is no audio"
    taken_in(opening("one"), b"audio")
    assert not opening("two").is_empty()


def test_looking_at_an_empty_store_makes_no_folders(store: BlobStore, tmp_path: Path):
    store.desk.clear_partials()
    assert not holds(store, audio_of(b"audio"))
    assert store.is_empty()
    assert store.lacking([audio_of(b"audio")]) == ()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("opening", ["folder", "bucket"], indirect=True)
def test_what_earlier_runs_stored_on_this_machine_is_held_and_delivered(
    opening: Opening, tmp_path: Path
):
    taken_in(open_store(None, tmp_path / "one"), b"from before")
    audio = audio_of(b"from before")
    store = opening("one")
    assert holds(store, audio)
    assert not store.is_empty()
    assert not holds(opening("two"), audio)
    assert store.lacking([audio, audio_of(b"other")]) == (audio,)
    asyncio.run(store.deliver(audio))
    assert store.lacking([audio]) == ()
    assert asyncio.run(opening("two").bring(audio)).read_bytes() == b"from before"


@pytest.mark.parametrize("opening", ["folder", "bucket"], indirect=True)
def test_bytes_that_went_bad_on_this_machine_are_not_delivered(opening: Opening, tmp_path: Path):
    path = taken_in(open_store(None, tmp_path / "one"), b"from before")
    store, audio = opening("one"), audio_of(b"from before")
    assert store.lacking([audio]) == (audio,)
    path.chmod(0o644)
    path.write_bytes(b"gone bad!!!")
    with pytest.raises(SongmakeError, match="is not what was stored: set aside as quarantine/"):
        asyncio.run(store.deliver(audio))
    assert not path.exists()
    assert not holds(opening("two"), audio)


# --- the folders beside it ---


def test_bytes_that_failed_a_check_are_set_aside_for_a_person(tmp_path: Path):
    desk = Desk(tmp_path)
    partial = desk.partial_path("x")
    partial.write_bytes(b"<html>")
    assert not desk.was_set_aside("x.n1")
    kept = desk.set_aside(partial, "x.n1")
    assert kept == tmp_path / "quarantine" / "x.n1"
    assert kept.read_bytes() == b"<html>"
    assert not partial.exists()
    assert desk.was_set_aside("x.n1")


def test_unfinished_downloads_can_be_cleared_and_nothing_else_is(store: BlobStore):
    blob = taken_in(store, b"audio")
    partial = store.desk.partial_path("half")
    partial.write_bytes(b"au")
    waiting = store.desk.partial_path("whole")
    waiting.write_bytes(b"audio")
    waiting = store.desk.keep_back(waiting, "sm1.abc.1.n0")
    store.desk.clear_partials()
    assert not partial.exists()
    assert blob.exists()
    assert store.desk.kept_back("sm1.abc.1.n0") == waiting
    assert store.desk.kept_back("sm1.other.1.n0") is None


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=64), st.integers(0, 2))
def test_a_checksum_is_the_sha256_of_all_blocks(tmp_path: Path, tail: bytes, blocks: int):
    content = bytes(BLOCK_BYTES) * blocks + tail
    path = tmp_path / "x"
    path.write_bytes(content)
    assert checksum_of(path) == hashlib.sha256(content).hexdigest()
