"""Bytes that survive a power cut: write aside, fsync, rename, fsync the folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path


def fsync_folder(folder: Path) -> None:
    """Makes renames in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Makes a folder and those above it, durably."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    fsync_folder(folder.parent)


def fsync_file(path: Path) -> None:
    """Makes a file's bytes durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_atomically(path: Path, content: bytes, *, like: os.stat_result | None = None) -> None:
    """Puts ``content`` at ``path`` as a whole or not at all; an unchanged file is left alone.

    Mode and, where that is allowed, owner are those of ``like``.
    """
    write_parts_atomically(path, lambda: (content,), like=like)


def write_parts_atomically(
    path: Path, parts: Callable[[], Iterable[bytes]], *, like: os.stat_result | None = None
) -> None:
    """:func:`write_atomically` of what is made while it is written, the same bytes each time."""
    if _holds(path, parts()):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.part")
    try:
        with aside.open("wb") as out:
            if like is not None:
                _resemble(out.fileno(), like)
            out.writelines(parts())
            out.flush()
            os.fsync(out.fileno())
        aside.replace(path)
    except OSError:
        aside.unlink(missing_ok=True)
        raise
    fsync_folder(path.parent)


def _resemble(descriptor: int, like: os.stat_result) -> None:
    with suppress(PermissionError):
        os.fchown(descriptor, like.st_uid, like.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(like.st_mode))


def _holds(path: Path, parts: Iterable[bytes]) -> bool:
    try:
        with path.open("rb") as there:
            return all(there.read(len(part)) == part for part in parts) and not there.read(1)
    except OSError:
        return False
