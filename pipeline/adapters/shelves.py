"""Folders of files that may have outlived their use: listed, and removed one by one."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from pipeline.core.leftovers import KeptFile, Place


class FolderShelf:
    """One folder of a state folder. Links are not followed, and folders are no files."""

    def __init__(self, folder: Path, place: Place) -> None:
        self._folder = folder
        self._place = place

    def files(self) -> Iterator[KeptFile]:
        """Every file below, by name; none where there is no such folder."""
        for path in sorted(self._folder.rglob("*")):
            found = _stat_of(path)
            if found is None:
                continue
            yield KeptFile(
                place=self._place,
                name=path.relative_to(self._folder).as_posix(),
                size_bytes=found.st_size,
                modified_at=datetime.fromtimestamp(found.st_mtime, UTC),
            )

    def remove(self, file: KeptFile) -> None:
        """Removes one file, and its folder if that is empty then."""
        path = self._folder / file.name
        path.unlink(missing_ok=True)
        if path.parent != self._folder:
            with contextlib.suppress(OSError):  # there are others in it
                path.parent.rmdir()


def _stat_of(path: Path) -> os.stat_result | None:
    """What is known of a file; None for what is none, or not there any more."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    return found if stat.S_ISREG(found.st_mode) else None


def shelves_of(state_dir: Path) -> dict[Place, FolderShelf]:
    """The folders of a state folder, by what they are for."""
    return {place: FolderShelf(state_dir / place.value, place) for place in Place}
