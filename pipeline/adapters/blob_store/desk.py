"""The folders beside a store: what is on its way in, what waits, what a person must look at."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipeline.adapters.durable import fsync_file, fsync_folder, make_folder


class Desk:
    """``partial/``, ``waiting/`` and ``quarantine/`` of a state folder; made when needed."""

    def __init__(self, state_dir: Path) -> None:
        self._partial = state_dir / "partial"
        self._waiting = state_dir / "waiting"
        self._quarantine = state_dir / "quarantine"

    def partial_path(self, name: str) -> Path:
        """A place for a download in progress."""
        self._partial.mkdir(parents=True, exist_ok=True)
        return self._partial / name

    def keep_back(self, partial: Path, name: str) -> Path:
        """Keeps a whole file that the store did not take: its link may not last until it does."""
        make_folder(self._waiting)
        fsync_file(partial)
        kept = partial.replace(self._waiting / name)
        fsync_folder(self._waiting)
        return kept

    def kept_back(self, name: str) -> Path | None:
        """A file that waits for the store, if there is one of that name."""
        path = self._waiting / name
        return path if path.is_file() else None

    def set_aside(self, path: Path, name: str) -> Path:
        """Moves bytes that failed a check out of the way, for a person to look at."""
        self._quarantine.mkdir(parents=True, exist_ok=True)
        return Path(shutil.move(path, self._quarantine / name))  # a store may be on another disk

    def was_set_aside(self, name: str) -> bool:
        """Whether bytes of that name lie in quarantine."""
        return (self._quarantine / name).exists()

    def clear_partials(self) -> None:
        """Removes downloads that an earlier run left unfinished."""
        if self._partial.is_dir():
            for path in self._partial.iterdir():
                if path.is_file():
                    path.unlink()
