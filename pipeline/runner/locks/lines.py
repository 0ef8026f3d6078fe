"""One album's lock while a command is at work: a cached line per attempt, and its file."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from pipeline.adapters.lock_file import LockFile
from pipeline.core.lock.document import Lock, lock_text
from pipeline.core.lock.rows import LockLine, lock_line
from pipeline.core.purchase.attempt import Attempt


class KeptLock:
    """The lines of one lock. They change in one thread and are written in another.

    ``journal`` is the id that stands in the file. Nothing is written for an album without
    attempts.
    """

    def __init__(self, album: str, file: LockFile, lock: Lock | None, *, journal: str) -> None:
        self.album = album
        self.file = file
        self.is_behind = False
        self.is_touched = False  # it was behind at some time: whether it is now is for the disk
        self._journal = journal if lock is None else lock.journal
        self._lines: dict[str, LockLine] = {}
        self._requests: dict[str, str] = {}
        self._measurements: dict[str, Any] = {} if lock is None else dict(lock.measurements)
        self._checksums: dict[str, str] = {}
        self._guard = threading.Lock()

    @property
    def journal(self) -> str:
        """Whose lock it is."""
        return self._journal

    def claim(self, journal: str) -> None:
        """From the next write on it is this journal's."""
        if self._journal != journal:
            with self._guard:
                self._journal = journal
                self._touch()

    def holds(self, client_request_id: str) -> bool:
        """Whether it tells of this attempt."""
        return client_request_id in self._lines

    def put(self, attempt: Attempt) -> None:
        """Notes how an attempt stands now."""
        line = lock_line(attempt, album=self.album)
        crid = attempt.client_request_id
        if self._lines.get(crid) == line:
            return
        with self._guard:
            self._lines[crid] = line
            if attempt.digest not in self._requests or "digest_version" in attempt.identity_json:
                self._requests[attempt.digest] = attempt.identity_json
            if attempt.audio is not None:
                self._checksums[crid] = attempt.audio.checksum
            self._touch()

    def measure(self, checksum: str, document: Mapping[str, Any]) -> None:
        """Notes what was measured of a file; it is written if an attempt here has that audio."""
        if self._measurements.get(checksum) == document:
            return
        with self._guard:
            self._measurements[checksum] = document
            self._touch()

    def drop(self, client_request_id: str) -> None:
        """Forgets an attempt that goes by another id now."""
        if client_request_id in self._lines:
            with self._guard:
                del self._lines[client_request_id]
                self._checksums.pop(client_request_id, None)
                self._touch()

    def _touch(self) -> None:
        self.is_behind = self.is_touched = True

    def text(self) -> str | None:
        """The file as it should be; None if there should be none."""
        with self._guard:
            if not self._lines:
                return None
            lines, requests = list(self._lines.values()), dict(self._requests)
            journal, checksums = self._journal, set(self._checksums.values())
            measured = {
                name: found for name, found in self._measurements.items() if name in checksums
            }
        return lock_text(
            album=self.album,
            journal=journal,
            lines=lines,
            requests=requests,
            measurements=measured,
        )

    def compare(self) -> None:
        """Is behind if the file does not hold what it should."""
        self.is_behind = self.is_touched = self.text() not in (None, self.file.text)

    def write(self) -> None:
        """Brings the file in step. Raises ``StorageFull``, ``LockDamaged``."""
        with self._guard:
            self.is_behind = False
        try:
            text = self.text()
            if text is not None:
                self.file.write(text)
        except BaseException:
            with self._guard:
                self.is_behind = True
            raise
