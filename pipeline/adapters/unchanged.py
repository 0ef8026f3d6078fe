"""The record of a run that had nothing to do, on disk, and the files that it is held against.

Loaded at every start: it imports nothing but what Python has at hand (no pathlib, no dataclasses).
"""

from __future__ import annotations

import fcntl
import os
import time
from hashlib import sha256
from struct import Struct

from pipeline.core.run.unchanged import Folder, Unchanged, read_record, record_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

FOLDER = "cache"
MOST_BYTES = 64 << 20
CHUNK_BYTES = 1 << 20
STATS = Struct("4Q2q")
TICK_NS = 20_000_000  # the kernel's clock of files goes in steps of up to 10 ms


def load_record(state: str, verb: str) -> Unchanged | None:
    """What an earlier run left. Raises ``OSError`` and ``ValueError`` where there is none."""
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK  # a pipe of that name is waited for by none
    with open(os.open(_file(state, verb), flags), "rb") as file:  # noqa: PTH123 - see above
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        return None
    return read_record(content.decode("utf-8", "surrogateescape"))


def keep_record(state: str, verb: str, record: Unchanged) -> None:
    """Leaves a record for later runs. Raises ``OSError``; losing one loses nothing."""
    text = record_text(record)
    if text is None:
        return
    os.makedirs(os.path.join(state, FOLDER), exist_ok=True)  # noqa: PTH103, PTH118 - see above
    replace(_file(state, verb), text.encode("utf-8", "surrogateescape"))


def is_still_so(record: Unchanged, state: str) -> bool:
    """Whether everything that the run looked at is as it was. Raises ``OSError`` for lost files."""
    return (
        not any(map(os.path.lexists, record.absent))
        and is_journal_at_rest(state)
        and stats_of(record.files) == record.files_digest
        and bytes_of(record.inputs) == record.inputs_digest
    )


def stats_of(folders: Iterable[Folder]) -> str:
    """A digest of which files these are, their sizes and times. Raises ``OSError``."""
    digest = sha256()
    for folder, names in folders:
        digest.update(b"".join(_stats_in(f"{folder}/", names)))
    return digest.hexdigest()


def _stats_in(folder: str, names: Iterable[str]) -> list[bytes]:
    """From within the folder: a long path is walked once, not for every file."""
    there = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        return [
            STATS.pack(
                found.st_dev,
                found.st_ino,
                found.st_mode,
                found.st_size,
                found.st_mtime_ns,
                found.st_ctime_ns,
            )
            for name in names
            for found in [os.stat(name or ".", dir_fd=there)]
        ]
    finally:
        os.close(there)


def bytes_of(paths: Iterable[str]) -> str:
    """A digest of the files' bytes. Raises ``OSError``."""
    digest = sha256()
    for path in paths:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - see above
            digest.update(b"%d\n" % os.fstat(file.fileno()).st_size)
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
    return digest.hexdigest()


def are_older(paths: Iterable[str], moment_ns: int) -> bool:
    """Whether all were last changed well before a moment: a later change then shows in the times.

    As with git's index, a file of the same moment is not trusted. Raises ``OSError``.
    """
    latest_ns = moment_ns - TICK_NS
    return all(
        max(found.st_mtime_ns, found.st_ctime_ns) < latest_ns for found in map(os.stat, paths)
    )


def journal_file(state: str) -> str:
    """The journal's database."""
    return os.path.join(state, "journal.sqlite3")  # noqa: PTH118 - see above


def is_journal_at_rest(state: str) -> bool:
    """Whether everything the journal knows is in its database, nothing in a write-ahead log."""
    try:
        return os.stat(f"{journal_file(state)}-wal").st_size == 0  # noqa: PTH116 - see above
    except FileNotFoundError:
        return True


def lock_run(state: str) -> int:
    """The run lock's descriptor, held until it is closed. ``OSError`` if another run has it."""
    path = os.path.join(state, "run.lock")  # noqa: PTH118 - see above
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def replace(path: str, content: bytes) -> None:
    """Puts ``content`` at ``path``, whole and durable. Raises ``OSError``."""
    folder, name = os.path.split(path)
    aside = f"{folder}/.{name}.part"
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
    try:
        with open(descriptor, "wb") as out:  # noqa: PTH123 - see above
            out.write(content)
            out.flush()
            os.fsync(descriptor)
        os.replace(aside, path)  # noqa: PTH105 - see above
    except OSError:
        os.unlink(aside)  # noqa: PTH108 - see above
        raise
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def stamp_now() -> str:
    """Now in UTC, as the journal writes it."""
    now_ms = time.time_ns() // 1_000_000
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now_ms // 1000))}.{now_ms % 1000:03d}Z"


def _file(state: str, verb: str) -> str:
    return os.path.join(state, FOLDER, f"unchanged.{verb}")  # noqa: PTH118 - see above
