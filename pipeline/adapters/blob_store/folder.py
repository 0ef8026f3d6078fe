"""A store that is a folder, on this machine's disk or on one that is mounted."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from pipeline.adapters.blob_store.checksums import checksum_of, key_of
from pipeline.adapters.blob_store.desk import Desk
from pipeline.adapters.durable import fsync_file, fsync_folder, make_folder
from pipeline.core.purchase.attempt import StoredAudio
from pipeline.core.wanted.album import Checksum
from pipeline.errors import BlobDamaged, StoreUnreachable


class FolderStore:
    """A folder of ``ab/abcdef….mp3``; files are read-only and fsynced before they appear.

    ``spare`` is the state folder's own store, where another folder was named: what it holds from
    earlier runs can be brought, and is delivered.
    """

    def __init__(
        self, folder: Path, *, shown: str, desk: Desk, spare: FolderStore | None = None
    ) -> None:
        self._folder = folder
        self._spare = spare
        self.shown = shown
        self.desk = desk

    def path_of(self, checksum: str, extension: str) -> Path:
        """Where a blob lies or would lie."""
        return self._folder / key_of(checksum, extension)

    def holds(self, checksum: str, extension: str, size_bytes: int) -> bool:
        """Whether the blob is there, or in the spare folder, in full length."""
        if self.has_own(checksum, extension, size_bytes):
            return True
        return self._spare is not None and self._spare.has_own(checksum, extension, size_bytes)

    def has_own(self, checksum: str, extension: str, size_bytes: int) -> bool:
        """The same, of this folder alone."""
        try:
            return self.path_of(checksum, extension).stat().st_size == size_bytes
        except OSError:
            return False

    def is_empty(self) -> bool:
        """Whether nothing was ever stored here or in the spare folder."""
        if self._folder.is_dir() and any(
            not path.name.startswith(".") for path in self._folder.iterdir()
        ):
            return False
        return self._spare is None or self._spare.is_empty()

    def check_writable(self) -> None:
        """Writes a few bytes and removes them. Raises ``OSError``."""
        make_folder(self._folder)
        descriptor, name = tempfile.mkstemp(prefix=".songmake-writable-", dir=self._folder)
        try:
            os.write(descriptor, b"songmake\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
            Path(name).unlink()

    async def take_in(self, partial: Path, checksum: Checksum, extension: str) -> Path:
        """Moves a complete, checked file into the store; durable when this returns."""
        return await asyncio.to_thread(self._take_in, partial, checksum, extension)

    def _take_in(self, partial: Path, checksum: Checksum, extension: str) -> Path:
        target = self.path_of(checksum, extension)
        make_folder(target.parent)
        partial.chmod(0o444)
        fsync_file(partial)
        try:
            partial.replace(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            self._copy_in(partial, checksum, target)
            partial.unlink()
        fsync_folder(target.parent)
        return target

    async def bring(self, audio: StoredAudio) -> Path:
        """The blob's path; one that only the spare folder holds is copied first."""
        if not self.has_own(audio.checksum, audio.format, audio.size_bytes) and self._spare:
            await self.deliver(audio)
        return self.path_of(audio.checksum, audio.format)

    def lacking(self, audios: Iterable[StoredAudio]) -> tuple[StoredAudio, ...]:
        """Those that only the spare folder holds."""
        if self._spare is None:
            return ()
        return tuple(
            audio
            for audio in audios
            if self._spare.has_own(audio.checksum, audio.format, audio.size_bytes)
            and not self.has_own(audio.checksum, audio.format, audio.size_bytes)
        )

    async def deliver(self, audio: StoredAudio) -> None:
        """Copies a blob from the spare folder, if it holds it."""
        if self._spare is None or not self.lacking([audio]):
            return
        source = await asyncio.to_thread(self._spare.sound_path, audio)
        target = self.path_of(audio.checksum, audio.format)
        make_folder(target.parent)
        await asyncio.to_thread(self._copy_in, source, audio.checksum, target)
        fsync_folder(target.parent)

    def sound_path(self, audio: StoredAudio) -> Path:
        """Where a blob lies whose bytes are right. Others are set aside: ``BlobDamaged``."""
        path = self.path_of(audio.checksum, audio.format)
        found = checksum_of(path)
        if found != audio.checksum:
            kept = self.desk.set_aside(path, f"{path.name}.{found[:12]}")
            raise BlobDamaged(
                f"{path.name} is not what was stored: set aside as quarantine/{kept.name}",
                hint="fetch it again, free: songmake render",
            )
        return path

    def _copy_in(self, source: Path, checksum: Checksum, target: Path) -> None:
        """Copies to another file system, whole or not at all, and reads it back."""
        descriptor, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=target.parent)
        os.close(descriptor)
        aside = Path(name)
        try:
            shutil.copyfile(source, aside)
            aside.chmod(0o444)
            fsync_file(aside)
            if checksum_of(aside) != checksum:
                raise StoreUnreachable(
                    f"{self.shown}: what was read back of {target.name} is not what was written",
                    hint="nothing is lost: look at the disk, then: songmake render",
                )
            aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)
