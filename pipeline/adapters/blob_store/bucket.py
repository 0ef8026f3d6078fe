"""A store in object storage, with the state folder's own store as this machine's copy of it.

The whole of a blob's way in: put, read back and compared, then moved into the copy. The service's
entity tag proves nothing (it is no sha256, and of a multipart upload not even a digest of the
bytes), and a checksum that it computes is composite for multipart uploads and differs from service
to service; bytes that were read back are proof everywhere, for the traffic of one song.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.adapters.blob_store.checksums import key_of
from pipeline.adapters.blob_store.desk import Desk
from pipeline.adapters.blob_store.folder import FolderStore
from pipeline.adapters.blob_store.refusals import refusals
from pipeline.core.purchase.attempt import StoredAudio
from pipeline.core.wanted.album import Checksum
from pipeline.errors import BlobDamaged, StoreUnreachable

if TYPE_CHECKING:  # an extra: without it nothing of this module is called
    from obstore import ObjectMeta
    from obstore.store import ObjectStore

PART_BYTES = 8 << 20  # most songs are one request; a WAV is uploaded in parts of this
PARTS_AT_A_TIME = 2
BLOCK_BYTES = 1 << 20
TRIES = 2  # of a transfer that came through with other bytes; the client repeats those that did not
PROBE_KEY = ".songmake-writable"  # stays: removing it would ask for one more permission
PROBE = b"songmake writes this before it buys\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    size_bytes: int
    mark: str  # changes when the object is written again


class BucketStore:
    """Blobs as objects ``PREFIX/ab/abcdef….mp3``; what this machine has used lies in ``cache``.

    The objects are listed once, when they are first asked for, and not looked at one by one.
    """

    def __init__(self, objects: ObjectStore, *, shown: str, cache: FolderStore) -> None:
        self._objects = objects
        self._cache = cache
        self._listed: dict[str, _Listed] | None = None
        self._downloads = 0
        self.shown = shown

    @property
    def desk(self) -> Desk:
        """The cache's."""
        return self._cache.desk

    def path_of(self, checksum: str, extension: str) -> Path:
        """Where a blob lies or would lie in the cache."""
        return self._cache.path_of(checksum, extension)

    def holds(self, checksum: str, extension: str, size_bytes: int) -> bool:
        """Whether bucket or cache have the blob in full length."""
        return self._bucket_has(checksum, extension, size_bytes) or self._cache.holds(
            checksum, extension, size_bytes
        )

    def is_empty(self) -> bool:
        """Whether nothing lies under the prefix, nor in the cache."""
        return not self._objects_there() and self._cache.is_empty()

    def check_writable(self) -> None:
        """Lists, puts a few bytes and reads them back."""
        self._objects_there()
        asyncio.run(self._probe())

    async def take_in(self, partial: Path, checksum: Checksum, extension: str) -> Path:
        """Uploads a checked file, reads it back, and moves it into the cache."""
        await self._upload(partial, checksum, extension)
        return await self._cache.take_in(partial, checksum, extension)

    async def bring(self, audio: StoredAudio) -> Path:
        """The blob in the cache, downloaded aside and compared if it is not there yet."""
        if self._cache.holds(audio.checksum, audio.format, audio.size_bytes):
            return self.path_of(audio.checksum, audio.format)
        self._downloads += 1
        key = key_of(audio.checksum, audio.format)
        partial = self.desk.partial_path(f"{Path(key).name}.{self._downloads}")
        try:
            for _ in range(TRIES):
                found, meta = await self._download(key, partial)
                if found == audio.checksum:
                    return await self._cache.take_in(partial, audio.checksum, audio.format)
            kept = self.desk.set_aside(partial, _damaged_name(key, _mark(meta)))
        finally:
            partial.unlink(missing_ok=True)
        raise BlobDamaged(
            f"{self.shown}/{key}: its bytes are not the ones that were stored; "
            f"a copy is in quarantine/{kept.name}",
            hint="fetch it again, free, and write it anew: songmake render",
        )

    def lacking(self, audios: Iterable[StoredAudio]) -> tuple[StoredAudio, ...]:
        """Those that only the cache holds."""
        return tuple(
            audio
            for audio in audios
            if self._cache.holds(audio.checksum, audio.format, audio.size_bytes)
            and not self._bucket_has(audio.checksum, audio.format, audio.size_bytes)
        )

    async def deliver(self, audio: StoredAudio) -> None:
        """Uploads a blob from the cache. Raises ``BlobDamaged`` if its bytes are wrong there."""
        path = await asyncio.to_thread(self._cache.sound_path, audio)
        await self._upload(path, audio.checksum, audio.format)

    def _bucket_has(self, checksum: str, extension: str, size_bytes: int) -> bool:
        key = key_of(checksum, extension)
        found = self._objects_there().get(key)
        if found is None or found.size_bytes != size_bytes:
            return False
        return not self.desk.was_set_aside(_damaged_name(key, found.mark))

    def _objects_there(self) -> dict[str, _Listed]:
        if self._listed is None:
            self._listed = asyncio.run(self._list())
        return self._listed

    async def _list(self) -> dict[str, _Listed]:
        """Everything under the prefix: one request for each thousand objects."""
        with refusals(self.shown, "be listed"):
            return {
                meta["path"]: _Listed(size_bytes=meta["size"], mark=_mark(meta))
                async for page in self._objects.list()
                for meta in page
                if meta["path"] != PROBE_KEY
            }

    async def _probe(self) -> None:
        with refusals(self.shown, "be written"):
            await self._objects.put_async(PROBE_KEY, PROBE)
        with refusals(self.shown, "be read"):
            found = await self._objects.get_async(PROBE_KEY)
            text = bytes(await found.bytes_async())
        if text != PROBE:
            raise self._unkept(PROBE_KEY)

    async def _upload(self, path: Path, checksum: Checksum, extension: str) -> None:
        key, size_bytes = key_of(checksum, extension), path.stat().st_size
        for _ in range(TRIES):
            with refusals(self.shown, "be written"):
                await self._objects.put_async(
                    key, path, chunk_size=PART_BYTES, max_concurrency=PARTS_AT_A_TIME
                )
            found, meta = await self._download(key, None)
            if found == checksum:
                if self._listed is not None:
                    self._listed[key] = _Listed(size_bytes=size_bytes, mark=_mark(meta))
                return
        raise self._unkept(key)

    async def _download(self, key: str, path: Path | None) -> tuple[Checksum, ObjectMeta]:
        """Streams an object, into a file if one is named; returns the sha256 of what came."""
        digest = hashlib.sha256()
        with refusals(self.shown, f"give {key}"):
            found = await self._objects.get_async(key)
            blocks = aiter(found.stream(min_chunk_size=BLOCK_BYTES))
        with contextlib.nullcontext() if path is None else path.open("wb") as out:
            while True:
                with refusals(self.shown, f"give {key}"):
                    block = await anext(blocks, None)
                if block is None:
                    return Checksum(digest.hexdigest()), found.meta
                digest.update(block)
                if out is not None:
                    out.write(block)

    def _unkept(self, key: str) -> StoreUnreachable:
        return StoreUnreachable(
            f"{self.shown}: what was read back of {key} is not what was sent",
            hint="try again, free: songmake render",
        )


def _mark(meta: ObjectMeta) -> str:
    tag = (meta["e_tag"] or "").strip('"')  # some services quote it in one answer of two
    written = f"{tag or meta['last_modified'].isoformat()} {meta['size']}"
    return hashlib.sha256(written.encode()).hexdigest()[:12]


def _damaged_name(key: str, mark: str) -> str:
    """Under which an object's wrong bytes are set aside; until it is written again, it counts as
    missing."""
    return f"{Path(key).name}.{mark}"
