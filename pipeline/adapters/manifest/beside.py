"""Files that a manifest names: inside its folder, whatever links say."""

from __future__ import annotations

import stat
from pathlib import Path

from pipeline.core.findings.characters import excerpt
from pipeline.core.findings.suggestion import closest


class FileRefused(Exception):
    """A named file that cannot be used; ``message`` and ``hint`` are for the user."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def path_beside(named: str, folder: Path, *, called: str) -> Path:
    """Where a file lies that the manifest in ``folder`` (resolved) names.

    ``called`` is what messages call it. Raises :class:`FileRefused` for a place outside.
    """
    outside = FileRefused(
        f"{called} {excerpt(named)} lies outside the manifest's folder",
        hint="move it beside the manifest and name it relative to that",
    )
    if Path(named).is_absolute():
        raise outside
    try:
        path = (folder / named).resolve()
    except (OSError, RuntimeError, ValueError) as looping:
        raise FileRefused(
            f"{called} {excerpt(named)} cannot be found: its links lead nowhere"
        ) from looping
    if not path.is_relative_to(folder):
        raise outside
    return path


def read_beside(named: str, folder: Path, *, called: str, most_bytes: int) -> bytes:
    """The bytes of a file that the manifest names. Raises :class:`FileRefused`."""
    path = path_beside(named, folder, called=called)
    shown = f"{called} {excerpt(named)}"
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise FileRefused(f"{shown} is not a file")
        with path.open("rb") as stream:
            content = stream.read(most_bytes + 1)
    except FileNotFoundError as absent:
        raise FileRefused(f"{shown} does not exist", hint=similar_file(path, folder)) from absent
    except OSError as refused:
        raise FileRefused(f"{shown} cannot be read: {refused.strerror or refused}") from refused
    if len(content) > most_bytes:
        raise FileRefused(f"{shown} is larger than {most_bytes // (1 << 20)} MiB")
    return content


def similar_file(path: Path, folder: Path) -> str | None:
    """A hint at the file that may be meant by one that is not there."""
    try:
        names = sorted(each.name for each in path.parent.iterdir() if each.is_file())
    except OSError:
        return None
    near = closest(path.name, names)
    if near is None or near == path.name:
        return None
    return f"did you mean {(path.parent.relative_to(folder) / near).as_posix()}?"
