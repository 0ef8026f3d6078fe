"""One lock file on disk: read with its line numbers, replaced as a whole, never clobbered."""

from __future__ import annotations

import hashlib
import os
import shlex
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from pipeline.adapters.durable import write_parts_atomically
from pipeline.adapters.lock_tail import LockTail
from pipeline.core.documents.json_places import Misplaced
from pipeline.core.lock.document import Lock, LockRefusal, LockRow, is_lock_text, read_lock
from pipeline.core.lock.tail import read_tail, tail_header, with_tail
from pipeline.errors import LockDamaged, StorageFull

SUFFIX = ".lock.json"
LARGEST_BYTES = 256 << 20
TAIL_FROM_BYTES = 1 << 18  # a smaller lock is written whole: nobody could tell the difference

Signature = tuple[int, int, int]  # inode, size in bytes, modification time in nanoseconds


class LockFile:
    """A lock beside a manifest. ``shown`` is its path in messages."""

    def __init__(self, path: Path) -> None:
        self.shown = str(path)
        self._path = path.resolve()
        self._seen: Signature | None = None  # of the bytes that were read or written last
        self._checksum: bytes | None = None  # of the same bytes
        self._passed: bytes | None = None  # of the bytes that were handed over for writing
        self._content: bytes | None = None
        self._tail = LockTail(self._path)
        self._left_over = ""  # a killed run's tail, as it was read

    @property
    def path(self) -> Path:
        """Where it lies, whatever links lead there."""
        return self._path

    @property
    def text(self) -> str | None:
        """What was read, a killed run's tail with it; None if there was no file.

        Once the file is written its bytes are no longer held: they may be many.
        """
        return None if self._content is None else self._content.decode() + self._left_over

    def read(self) -> Lock | None:
        """The lock, or None if there is no file.

        Raises ``LockDamaged`` with file and line if it cannot be trusted.
        """
        text = self._read_text()
        if text is None:
            self._refuse_lone_tail()
            return None
        found = read_lock(text)
        if isinstance(found, LockRefusal):
            raise self.refused(
                found.line, found.reason, hint=found.hint.format(file=shlex.quote(self.shown))
            )
        rows = self.read_tail(found.album)
        return with_tail(found, rows) if rows else found

    def read_tail(self, album: str) -> tuple[LockRow, ...]:
        """What a killed run had added. Raises ``LockDamaged`` if that cannot be trusted."""
        name = self._tail.path.name
        try:
            self._left_over = self._tail.read()
            return read_tail(self._left_over, album=album)
        except Misplaced as misplaced:
            raise self.refused(
                misplaced.line,
                f"{misplaced.reason} (in {name}, what a run added before it was killed)",
                hint=f"if the journal is complete: rm {shlex.quote(str(self._tail.path))}",
            ) from misplaced
        except OSError as error:
            raise LockDamaged(
                f"{self.shown}: {name} beside it cannot be read: {error.strerror or error}",
                hint="mend the file's permissions: it says what is paid for",
            ) from error

    def refused(self, line: int, reason: str, *, hint: str) -> LockDamaged:
        """An error about one of its lines."""
        return LockDamaged(
            f"{self.shown}:{line}: {reason}: what is paid for is not sure, and nothing is bought",
            hint=hint,
        )

    def write(self, text: str) -> None:
        """Puts ``text`` in its place, durably; equal bytes are left alone.

        Raises ``StorageFull`` if the disk refuses, ``LockDamaged`` if somebody else has changed
        the file since it was read: what they wrote may be purchases.
        """
        self.write_parts(lambda: (text,))

    def write_parts(self, parts: Callable[[], Iterable[str]]) -> None:
        """``write`` of what is made while it is written, the same text each time."""
        try:
            self._refuse_foreign_change()
            write_parts_atomically(self._path, lambda: self._summed(parts()))
            self._seen, self._checksum = _signature(self._path), self._passed
            self._content = None
            if self._tail.is_ours or self._left_over:
                self._tail.remove()
                self._left_over = ""
        except OSError as error:
            raise self._unwritable(error) from error

    def _summed(self, parts: Iterable[str]) -> Iterator[bytes]:
        """The bytes, and their checksum once the last has passed."""
        checksum = hashlib.sha256()
        for part in parts:
            content = part.encode()
            checksum.update(content)
            yield content
        self._passed = checksum.digest()

    def can_append(self) -> bool:
        """Whether adding to it is worth it: it is large, and what was added is not yet as large.

        So the bytes that a run writes grow with its songs, not with their square.
        """
        size_bytes = 0 if self._seen is None else self._seen[1]
        is_room = self._tail.size_bytes < size_bytes
        is_large = size_bytes >= TAIL_FROM_BYTES and self._path.exists()
        return is_large and is_room and not self._left_over

    def append(self, album: str, lines: str) -> None:
        """Adds lines of :mod:`pipeline.core.lock.tail`, durably. Same errors as ``write``."""
        try:
            self._refuse_foreign_change()
            self._tail.append(tail_header(album), lines)
        except OSError as error:
            raise self._unwritable(error) from error

    def check_writable(self) -> None:
        """Raises ``StorageFull`` if the file or its folder is read-only; leaves nothing behind."""
        aside = self._path.with_name(f".{self._path.name}.probe")
        try:
            if self._path.exists() and not self._path.stat().st_mode & 0o222:
                raise PermissionError(0, "the file is read-only")
            with aside.open("wb") as probe:
                probe.write(b"\n")
            aside.unlink()
        except OSError as error:
            raise self._unwritable(error) from error

    def _read_text(self) -> str | None:
        try:
            if self._path.stat().st_size > LARGEST_BYTES:
                raise self.refused(1, "it is too large for a lock", hint="restore it from git")
            self._seen = _signature(self._path)
            self._content = self._path.read_bytes()
            self._checksum = _checksum(self._content)
            return self._content.decode()
        except FileNotFoundError:
            self._seen = self._content = self._checksum = None
            return None
        except UnicodeDecodeError as error:
            assert self._content is not None
            line = self._content.count(b"\n", 0, error.start) + 1
            self._content = None
            raise self.refused(line, "it is not UTF-8", hint="restore it from git") from error
        except OSError as error:
            raise LockDamaged(
                f"{self.shown}: cannot be read: {error.strerror or error}",
                hint="mend the file's permissions: it says what is paid for",
            ) from error

    def _refuse_lone_tail(self) -> None:
        tail = self._tail.path
        if os.path.lexists(tail):
            raise LockDamaged(
                f"{self.shown} is gone, and {tail.name}, which a killed run added to it, is still "
                "there: what is paid for is not sure, and nothing is bought",
                hint=f"restore {self.shown} from git\n"
                f"if the journal is complete: rm {shlex.quote(str(tail))}",
            )

    def _refuse_foreign_change(self) -> None:
        try:
            now = _signature(self._path)
            if now == self._seen or _checksum(self._path.read_bytes()) == self._checksum:
                return
        except FileNotFoundError:
            return
        raise LockDamaged(
            f"{self.shown} was changed by another hand while songmake was at work: it is left as "
            "it is, and nothing more is bought",
            hint="read it again: songmake render",
        )

    def _unwritable(self, error: OSError) -> StorageFull:
        return StorageFull(
            f"{self.shown}: cannot write the lock file: {error.strerror or error}",
            hint="make room or mend the permissions of file and folder, then: songmake render",
        )


def lock_path(manifest: Path) -> Path:
    """Where a manifest's lock lies: beside it, under its stem."""
    return manifest.with_name(f"{manifest.stem}{SUFFIX}")


def orphaned_locks(folder: Path) -> tuple[Path, ...]:
    """Locks in a folder of manifests whose own is gone; what they bought is still bought."""
    stems = {path.stem for path in folder.iterdir() if path.suffix in (".yaml", ".yml")}
    return tuple(
        path
        for path in sorted(folder.glob(f"*{SUFFIX}"))
        if path.name.removesuffix(SUFFIX) not in stems and is_lock_file(path)
    )


def is_lock_file(path: Path) -> bool:
    """Whether a file calls itself a lock."""
    try:
        with path.open(encoding="utf-8", errors="replace") as start:
            return is_lock_text(start.read(4096))
    except OSError:
        return False


def _checksum(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _signature(path: Path) -> Signature:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def relative_to(path: Path, folder: Path) -> str:
    """A lock's path as a journal remembers it: it moves with the project."""
    return Path(os.path.relpath(path, folder.resolve())).as_posix()
