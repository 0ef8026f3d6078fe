"""One run at a time in a state folder: ``flock``, which the kernel drops with its process."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pipeline.adapters.durable import make_folder
from pipeline.errors import RunLocked, StorageFull

FILE_NAME = "run.lock"


@contextmanager
def run_lock(state_dir: Path, *, holder: dict[str, Any]) -> Iterator[None]:
    """Holds the lock for the body. ``holder`` (who, host, since) is shown to others.

    Raises ``RunLocked``, naming the holder, if another process has it.
    """
    path = state_dir / FILE_NAME
    try:
        make_folder(state_dir)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StorageFull(
            f"{path}: cannot write here: {error.strerror}",
            hint="mend the folder's permissions or name another with --state",
        ) from error
    try:
        _acquire(descriptor, path)
        _name_holder(descriptor, holder)
        try:
            yield
        finally:
            with suppress(OSError):
                os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def holder_of(state_dir: Path) -> str | None:
    """Who holds the lock now, in words; None if it is free. Holds nothing and writes nothing.

    The lock itself is only touched where a name stands in it: a killed run leaves its own.
    """
    try:
        descriptor = os.open(state_dir / FILE_NAME, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if not os.fstat(descriptor).st_size:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError as error:
            is_held = error.errno in (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES)
            return _named_holder(descriptor) if is_held else None
        return None
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES):
            raise StorageFull(
                f"{path}: this file system has no locks: {error.strerror}",
                hint="name a folder on a disk of this machine with --state",
            ) from error
        raise RunLocked(
            f"another run is at work: {_named_holder(descriptor)}",
            hint="wait for it to end, or stop it: it leaves nothing to clean up",
        ) from None


def _name_holder(descriptor: int, holder: dict[str, Any]) -> None:
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(holder).encode() + b"\n", 0)
    except OSError:
        return  # the lock holds without a name; a full disk must not be the reason to refuse


def _named_holder(descriptor: int) -> str:
    """The holder's name; one that has only just got the lock is given a moment to write it."""
    for _ in range(20):
        name = _holder(descriptor)
        if name is not None:
            return name
        time.sleep(0.01)
    return "its name cannot be read"


def _holder(descriptor: int) -> str | None:
    try:
        holder = json.loads(os.pread(descriptor, 4096, 0))
        who = f"process {holder['pid']} of {holder['who']} on {holder['host']}"
        return f"{who}, since {holder['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return None
