"""This machine: installed packages, folders and their file systems, the shell's set-up.

Everything is looked at and put back: a probe file is removed before a function returns.
"""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from pipeline.core.checkup.places import Place, kind_at

MOUNTS = Path("/proc/self/mountinfo")
RC_FILES = {
    "bash": (".bashrc", ".bash_profile", ".profile", ".bash_aliases",
             ".local/share/bash-completion/completions/songmake"),
    "zsh": (".zshrc", ".zprofile", ".zsh/completions/_songmake", ".zfunc/_songmake"),
    "fish": (".config/fish/config.fish", ".config/fish/completions/songmake.fish"),
}  # fmt: skip
LARGEST_RC_BYTES = 1 << 20


def requirements_of(package: str) -> tuple[str, ...]:
    """What an installed package says that it needs; nothing if it is not installed."""
    try:
        return tuple(metadata.requires(package) or ())
    except metadata.PackageNotFoundError:
        return ()


def versions_of(packages: Iterable[str]) -> dict[str, str | None]:
    """The installed versions; None for what is missing."""
    return {package: _version(package) for package in packages}


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def look_at(folder: Path, used_for: str, *, shown: str, has_locks: bool = False) -> Place:
    """A folder, or the nearest one above it if it is not there: written to, and tidied up.

    ``has_locks`` tries durable renames and locks too.
    """
    there = next((each for each in (folder, *folder.absolute().parents) if each.exists()), folder)
    steps = _durability if has_locks else _writing
    return Place(
        used_for=used_for,
        shown=shown,
        is_there=there == folder,
        broken=tuple(_tried(there, steps)),
        kind=kind_at(str(there.resolve()), _mounts()),
        free_bytes=_free_bytes(there),
        device=_device(there),
    )


Steps = Callable[[Path, Path], Iterator[tuple[str, Callable[[], None]]]]


def _tried(folder: Path, steps: Steps) -> Iterator[str]:
    """The first step that goes wrong, and why; later ones stand on it."""
    if not folder.is_dir():
        yield "is not a folder"
        return
    probe = folder / f".songmake-doctor-{secrets.token_hex(6)}"
    other = probe.with_suffix(".renamed")
    try:
        for what, step in steps(probe, other):
            try:
                step()
            except OSError as error:
                yield f"{what}: {error.strerror or error}"
                return
    finally:
        for path in (probe, other):
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _writing(probe: Path, other: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    yield "cannot be written", lambda: _write(probe)


def _durability(probe: Path, other: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    yield "cannot be written", lambda: _write(probe)
    yield "locks do not work", lambda: _lock(probe)
    yield "a database cannot be kept", lambda: _as_a_database(probe)
    yield "files cannot be renamed", lambda: _rename(probe, other)
    yield "renames cannot be made durable", lambda: _fsync(probe.parent)


def _write(probe: Path) -> None:
    with probe.open("xb") as out:
        out.write(b"songmake doctor\n")
        out.flush()
        os.fsync(out.fileno())


def _lock(probe: Path) -> None:
    """A lock that a second holder gets too would let two runs buy at once."""
    with probe.open("rb") as first, probe.open("rb") as second:
        fcntl.flock(first, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES):
                return
            raise
        raise OSError(errno.ENOLCK, "two holders at once")


def _as_a_database(probe: Path) -> None:
    """What SQLite's write-ahead log needs besides: record locks and a shared map."""
    with probe.open("r+b") as file:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with mmap.mmap(file.fileno(), 0) as mapped:
            mapped[0:1] = b"S"
            mapped.flush()


def _rename(probe: Path, other: Path) -> None:
    probe.replace(other)
    if probe.exists() or not other.exists():
        raise OSError(errno.EIO, "the old name is still there")


def _fsync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _mounts() -> tuple[tuple[str, str], ...]:
    """Mount points and file systems, as Linux tells them; nothing elsewhere."""
    try:
        lines = MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ()
    found = (re.match(r"\S+ \S+ \S+ \S+ (\S+) .* - (\S+) ", line) for line in lines)
    return tuple((_unescaped(each[1]), each[2]) for each in found if each)


def _unescaped(point: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), point)


def _free_bytes(folder: Path) -> int | None:
    try:
        found = os.statvfs(folder)
    except OSError:
        return None
    return found.f_bavail * found.f_frsize


def _device(folder: Path) -> int:
    try:
        return folder.stat().st_dev
    except OSError:
        return -1


def has_completion(shell: str, home: Path) -> bool:
    """Whether one of a shell's start files speaks of songmake's completion."""
    return any(map(_speaks_of_it, (home / name for name in RC_FILES.get(shell, ()))))


def _speaks_of_it(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST_RC_BYTES)
    except OSError:
        return False
    return b"songmake completion" in text or b"_SONGMAKE_COMPLETE" in text
