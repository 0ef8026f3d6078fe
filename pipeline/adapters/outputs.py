"""Files under ``outputs/``: they appear whole, and only songmake's own are ever replaced."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from pipeline.adapters.durable import fsync_file, fsync_folder

T = TypeVar("T")

_SYNCS_AT_ONCE = 8  # what waits for the disk together shares its flushes


def lies_as_recorded(path: Path, *, size_bytes: int, mtime_ns: int | None) -> bool:
    """Whether a file has the size and time of its publication; its bytes are not read."""
    try:
        found = path.stat()
    except OSError:
        return False
    return found.st_size == size_bytes and found.st_mtime_ns == mtime_ns


def aside_path(path: Path) -> Path:
    """Where a file is written before it is moved to ``path``; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.with_name(f".{path.name}.part")


def move_into_place(moves: Sequence[tuple[Path, Path]]) -> list[int]:
    """Publishes complete files, from where they were written to where they belong.

    Returns their modification times in nanoseconds, once all are durable. Raises ``OSError``: then
    some may be in place, and those that are not are removed.
    """
    folders = dict.fromkeys(path.parent for _, path in moves)
    try:
        with ThreadPoolExecutor(_SYNCS_AT_ONCE) as threads:
            _with_each(threads, _complete, [aside for aside, _ in moves])
            _with_each(threads, lambda move: move[0].replace(move[1]), moves)
            _with_each(threads, fsync_folder, tuple(folders))
    except OSError:
        for aside, _ in moves:
            aside.unlink(missing_ok=True)
        raise
    return [path.stat().st_mtime_ns for _, path in moves]


def _with_each(threads: ThreadPoolExecutor, work: Callable[[T], object], each: Sequence[T]) -> None:
    """A share for every thread, since handing over takes longer than a rename; alone, none."""
    if len(each) == 1:
        work(each[0])
        return
    shares = [each[start::_SYNCS_AT_ONCE] for start in range(min(_SYNCS_AT_ONCE, len(each)))]
    list(threads.map(lambda share: [work(one) for one in share], shares))


def _complete(aside: Path) -> None:
    aside.chmod(0o644)
    fsync_file(aside)


def keep_foreign(path: Path) -> Path:
    """Moves a file that is not songmake's out of the way, under a name that is free."""
    number = 1
    while (target := path.with_name(f"{path.name}.kept-{number}")).exists():
        number += 1
    path.replace(target)
    return target


def remove(path: Path) -> None:
    """Removes one file, and its folder if that is empty then."""
    path.unlink(missing_ok=True)
    try:
        path.parent.rmdir()
    except OSError:
        return  # not empty, or not there


def folder_key(outputs: Path, state_dir: Path) -> str:
    """An outputs folder's name in the journal: it moves with the project."""
    return Path(os.path.relpath(outputs.resolve(), state_dir.resolve())).as_posix()
