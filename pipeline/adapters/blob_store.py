"""The store: the provider's pristine bytes, found by their checksum, never changed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pipeline.adapters.durable import fsync_file, fsync_folder, make_folder
from pipeline.core.album import Checksum

BLOCK_BYTES = 1 << 20


class BlobStore:
    """A folder of ``ab/abcdef….mp3``; files are read-only and fsynced before they appear."""

    def __init__(self, folder: Path, *, partial: Path, quarantine: Path) -> None:
        self._folder = folder
        self._partial = partial
        self._quarantine = quarantine

    def path_of(self, checksum: str, extension: str) -> Path:
        """Where a blob lies or would lie."""
        return self._folder / checksum[:2] / f"{checksum}.{extension}"

    def holds(self, checksum: str, extension: str, size_bytes: int) -> bool:
        """Whether the blob is there in full length; its bytes are not read."""
        try:
            return self.path_of(checksum, extension).stat().st_size == size_bytes
        except OSError:
            return False

    def is_empty(self) -> bool:
        """Whether nothing was ever stored here."""
        return not self._folder.is_dir() or next(self._folder.iterdir(), None) is None

    def partial_path(self, name: str) -> Path:
        """A place for a download in progress, on the same file system."""
        self._partial.mkdir(parents=True, exist_ok=True)
        return self._partial / name

    def take_in(self, partial: Path, checksum: Checksum, extension: str) -> Path:
        """Moves a complete, checked file into the store; durable when this returns."""
        target = self.path_of(checksum, extension)
        make_folder(target.parent)
        partial.chmod(0o444)
        fsync_file(partial)
        partial.replace(target)
        fsync_folder(target.parent)
        return target

    def set_aside(self, path: Path, name: str) -> Path:
        """Moves bytes that failed a check out of the way, for a person to look at."""
        self._quarantine.mkdir(parents=True, exist_ok=True)
        target = self._quarantine / name
        path.replace(target)
        return target

    def clear_partials(self) -> None:
        """Removes downloads that an earlier run left unfinished."""
        if self._partial.is_dir():
            for path in self._partial.iterdir():
                if path.is_file():
                    path.unlink()


def checksum_of(path: Path) -> Checksum:
    """sha256 of a file, read in blocks of 1 MiB."""
    digest = hashlib.sha256()
    with path.open("rb") as blob:
        while block := blob.read(BLOCK_BYTES):
            digest.update(block)
    return Checksum(digest.hexdigest())


def default_store(state_dir: Path) -> BlobStore:
    """The store of a state folder."""
    return BlobStore(
        state_dir / "store", partial=state_dir / "partial", quarantine=state_dir / "quarantine"
    )
