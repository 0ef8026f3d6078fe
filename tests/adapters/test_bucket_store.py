"""Object storage on a good day and on bad ones, through a real server and a relay before it."""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.blob_store import BlobStore, checksum_of, open_store
from pipeline.adapters.blob_store.bucket import PART_BYTES
from pipeline.cli.session import store_location
from pipeline.core.purchase.attempt import StoredAudio
from pipeline.core.wanted.album import Checksum
from pipeline.errors import (
    BlobDamaged,
    SongmakeError,
    StoreRefused,
    StoreUnreachable,
    StoreUnusable,
)
from tests.bucket import (
    BUCKET,
    SECRET,
    BucketServer,
    BucketStoreAt,
    Relay,
    credentials,
    free_port,
)
from tests.builders import an_audio

Setting = pytest.MonkeyPatch


def export(monkeypatch: Setting, variables: dict[str, str]) -> None:
    for name, text in variables.items():
        monkeypatch.setenv(name, text)


def opened(url: str, state: Path) -> BlobStore:
    return open_store(store_location(url), state)


@pytest.fixture
def store(bucket: BucketStoreAt, tmp_path: Path, monkeypatch: Setting) -> BlobStore:
    export(monkeypatch, dict(bucket.environment))
    return opened(bucket.url, tmp_path / "one")


def audio_of(content: bytes) -> StoredAudio:
    checksum = Checksum(hashlib.sha256(content).hexdigest())
    return an_audio(checksum=checksum, size_bytes=len(content))


def partial_of(store: BlobStore, content: bytes) -> Path:
    partial = store.desk.partial_path("sm1.abc.1.n0")
    partial.write_bytes(content)
    return partial


def taken_in(store: BlobStore, content: bytes) -> Path:
    partial = partial_of(store, content)
    return asyncio.run(store.take_in(partial, checksum_of(partial), "mp3"))


def holds(store: BlobStore, audio: StoredAudio) -> bool:
    return store.holds(audio.checksum, audio.format, audio.size_bytes)


def test_a_song_of_several_parts_arrives_whole(
    store: BlobStore, bucket: BucketStoreAt, tmp_path: Path
):
    content = os.urandom(PART_BYTES + 12345)
    taken_in(store, content)
    assert [blob.read_bytes() for blob in bucket.blobs] == [content]
    other = opened(bucket.url, tmp_path / "two")
    assert asyncio.run(other.bring(audio_of(content))).read_bytes() == content


def test_a_thousand_blobs_are_looked_at_in_a_few_requests(tmp_path: Path, monkeypatch: Setting):
    audios = [audio_of(b"%d" % number) for number in range(1000)]
    root = tmp_path / "objects"
    for number, audio in enumerate(audios):
        path = root / BUCKET / "many" / audio.checksum[:2] / f"{audio.checksum}.mp3"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"%d" % number)
    with BucketServer(root=root) as server, Relay(target=server.port) as relay:
        export(monkeypatch, credentials(relay.port))
        store = opened(f"s3://{BUCKET}/many", tmp_path / "one")
        assert all(holds(store, audio) for audio in audios)
        assert not holds(store, audio_of(b"another"))
        assert not store.is_empty()
    assert 1 <= len(relay.requests) <= 2, relay.requests


def spoilt(block: bytes) -> bytes:
    return block.replace(b"the right bytes", b"the wrong bytes")


@pytest.mark.parametrize("spoil", [{"change": spoilt}, {"change_back": spoilt}])
def test_bytes_that_do_not_come_back_as_they_were_are_not_stored(
    spoil: dict[str, Any], bucket: BucketStoreAt, tmp_path: Path, monkeypatch: Setting
):
    with Relay(target=bucket.port, **spoil) as relay:
        export(monkeypatch, credentials(relay.port))
        store = opened(bucket.url, tmp_path / "one")
        partial = partial_of(store, b"the right bytes")
        with pytest.raises(StoreUnreachable, match=r"read back of .* is not what was sent"):
            asyncio.run(store.take_in(partial, checksum_of(partial), "mp3"))
    assert partial.read_bytes() == b"the right bytes"
    assert not store.path_of(checksum_of(partial), "mp3").exists()


def test_a_server_that_goes_down_in_the_middle_of_an_upload_is_unreachable(
    bucket: BucketStoreAt, tmp_path: Path, monkeypatch: Setting
):
    content = os.urandom(1 << 20)
    with Relay(target=bucket.port, cut_after_bytes=1 << 18) as relay:
        export(monkeypatch, credentials(relay.port))
        store = opened(bucket.url, tmp_path / "one")
        partial = partial_of(store, content)
        with pytest.raises(StoreUnreachable, match="cannot be written: the service does not answ"):
            asyncio.run(store.take_in(partial, checksum_of(partial), "mp3"))
    assert relay.passed_bytes >= 1 << 18
    assert partial.read_bytes() == content
    export(monkeypatch, credentials(bucket.port))
    assert not holds(opened(bucket.url, tmp_path / "two"), audio_of(content))


def test_wrong_bytes_are_named_kept_in_quarantine_and_not_brought(
    store: BlobStore, bucket: BucketStoreAt, tmp_path: Path
):
    taken_in(store, b"the right bytes")
    (blob,) = bucket.blobs
    bucket.overwrite(blob, b"the wrong bytes")
    audio, other = audio_of(b"the right bytes"), opened(bucket.url, tmp_path / "two")
    assert holds(other, audio)
    with pytest.raises(BlobDamaged, match=f"{blob.name}: its bytes are not the ones"):
        asyncio.run(other.bring(audio))
    (kept,) = (tmp_path / "two" / "quarantine").iterdir()
    assert kept.read_bytes() == b"the wrong bytes"
    assert not other.path_of(audio.checksum, audio.format).exists()
    assert list((tmp_path / "two" / "partial").iterdir()) == []


def test_wrong_bytes_count_as_missing_until_they_are_written_anew(
    store: BlobStore, bucket: BucketStoreAt, tmp_path: Path
):
    taken_in(store, b"the right bytes")
    (blob,) = bucket.blobs
    bucket.overwrite(blob, b"the wrong bytes")
    audio = audio_of(b"the right bytes")
    with pytest.raises(BlobDamaged):
        asyncio.run(opened(bucket.url, tmp_path / "two").bring(audio))
    again = opened(bucket.url, tmp_path / "two")
    assert not holds(again, audio)
    taken_in(again, b"the right bytes")
    assert holds(opened(bucket.url, tmp_path / "two"), audio)
    assert blob.read_bytes() == b"the right bytes"


def test_an_object_that_is_gone_is_not_held(
    store: BlobStore, bucket: BucketStoreAt, tmp_path: Path
):
    taken_in(store, b"audio")
    late = opened(bucket.url, tmp_path / "two")
    assert holds(late, audio_of(b"audio"))
    bucket.remove(bucket.blobs[0])
    with pytest.raises(StoreUnreachable, match="it is not there"):
        asyncio.run(late.bring(audio_of(b"audio")))
    assert not holds(opened(bucket.url, tmp_path / "three"), audio_of(b"audio"))
    assert opened(bucket.url, tmp_path / "one").lacking([audio_of(b"audio")]) != ()


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(
    name: str, store: BlobStore, bucket: BucketStoreAt, tmp_path: Path, monkeypatch: Setting
):
    monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    opened(bucket.url, tmp_path / "one").check_writable()


# --- what is refused, before money depends on it ---


def refused(url: str, tmp_path: Path) -> SongmakeError:
    with pytest.raises(SongmakeError) as caught:
        opened(url, tmp_path / "one").check_writable()
    said = f"{caught.value.message} {caught.value.hint}"
    for secret in (SECRET, "hunter2", "Signature=", "http://", "RetryError"):
        assert secret not in said
    return caught.value


def test_a_wrong_key_and_a_wrong_secret_are_refused(
    bucket: BucketStoreAt, tmp_path: Path, monkeypatch: Setting
):
    for wrong, code in (({"key": "AKIAhunter2"}, "InvalidAccessKeyId"),
                        ({"secret": "hunter2"}, "SignatureDoesNotMatch")):  # fmt: skip
        export(monkeypatch, credentials(bucket.port, **wrong))
        error = refused(bucket.url, tmp_path)
        assert isinstance(error, StoreRefused)
        assert f"refuses the credentials (403 {code})" in error.message


def test_a_bucket_that_does_not_exist_is_told_apart(store: BlobStore, tmp_path: Path):
    error = refused("s3://no-such-bucket/x", tmp_path)
    assert isinstance(error, StoreUnusable)
    assert error.message == "s3://no-such-bucket/x: there is no such bucket"


def test_a_server_that_is_not_there_is_unreachable(tmp_path: Path, monkeypatch: Setting):
    export(monkeypatch, credentials(free_port()))
    error = refused("s3://albums/x", tmp_path)
    assert isinstance(error, StoreUnreachable)
    assert error.message == "s3://albums/x cannot be listed: the service does not answer"


def test_without_credentials_it_says_which_to_export(
    bucket: BucketStoreAt, tmp_path: Path, monkeypatch: Setting
):
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{bucket.port}")
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    error = refused(bucket.url, tmp_path)
    assert isinstance(error, StoreUnusable)
    assert "no credentials are set" in error.message
    assert "AWS_ACCESS_KEY_ID" in str(error.hint)
