"""One album's lock while a command is at work: what its lines tell, and its file."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any

from pipeline.adapters.lock_file import LockFile
from pipeline.core.lock.document import Lock, lock_parts
from pipeline.core.lock.rows import LockLine, as_locked
from pipeline.core.lock.tail import tail_line
from pipeline.core.purchase.attempt import Attempt
from pipeline.core.wanted.takes import WantedTake


class KeptLock:
    """The lines of one lock. They change in one thread and are written in another.

    ``journal`` is the id that stands in the file. Nothing is written for an album without
    attempts. The requests of ``wanted`` takes, by digest, are made anew whenever they are written.
    """

    def __init__(
        self,
        album: str,
        file: LockFile,
        lock: Lock | None,
        *,
        journal: str,
        wanted: Mapping[str, WantedTake] = MappingProxyType({}),
    ) -> None:
        self.album = album
        self.file = file
        self.is_behind = False
        self.is_touched = False  # it was behind at some time: whether it is now is for the disk
        self._journal = journal if lock is None else lock.journal
        self._attempts: dict[str, Attempt] = {}  # without their documents
        self._wanted = wanted
        self._requests: dict[str, str | WantedTake] = {}
        self._measurements: dict[str, Any] = {} if lock is None else dict(lock.measurements)
        self._checksums: dict[str, str] = {}
        self._urgent: list[str] = []
        self._is_whole = False
        self._is_claimed = lock is not None  # the file names its journal
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
                self._is_claimed = False
                self._touch()

    def holds(self, client_request_id: str) -> bool:
        """Whether it tells of this attempt."""
        return client_request_id in self._attempts

    def put(self, attempt: Attempt) -> None:
        """Notes how an attempt stands now."""
        crid = attempt.client_request_id
        is_whole = "digest_version" in attempt.identity_json
        take = self._wanted.get(attempt.digest) if is_whole else None
        told = _sparing(as_locked(attempt), take)
        if self._attempts.get(crid) == told:
            return
        with self._guard:
            self._attempts[crid] = told
            if attempt.digest not in self._requests or is_whole:
                self._requests[attempt.digest] = take or attempt.identity_json
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
        if client_request_id in self._attempts:
            with self._guard:
                del self._attempts[client_request_id]
                self._checksums.pop(client_request_id, None)
                self._touch()

    def _touch(self) -> None:
        self.is_behind = self.is_touched = True

    def text(self) -> str | None:
        """The file as it should be; None if there should be none."""
        parts = self._parts()
        return None if parts is None else "".join(parts())

    def _parts(self) -> Callable[[], Iterator[str]] | None:
        with self._guard:
            if not self._attempts:
                return None
            lines = [self._line(attempt) for attempt in self._attempts.values()]
            requests = dict(self._requests)
            journal, checksums = self._journal, set(self._checksums.values())
            measured = {
                name: found for name, found in self._measurements.items() if name in checksums
            }
        return partial(
            lock_parts,
            album=self.album,
            journal=journal,
            lines=lines,
            request_of=lambda digest: _text(requests[digest]),
            measurements=measured,
        )

    def compare(self) -> None:
        """Is behind if the file does not hold what it should."""
        self.is_behind = self.is_touched = self.text() not in (None, self.file.text)

    def urge(self, client_request_id: str | None = None) -> None:
        """Has the next write tell of this attempt at least; without one, of everything."""
        with self._guard:
            if client_request_id is None:
                self._is_whole = True
            else:
                self._urgent.append(client_request_id)

    def write(self) -> None:
        """Brings the file in step, or a large one as far as is urgent.

        Raises ``StorageFull``, ``LockDamaged``.
        """
        with self._guard:
            urgent, self._urgent = self._urgent, []
            is_whole, self._is_whole = self._is_whole or not urgent, False
        if not is_whole and self._is_claimed and self.file.can_append():
            self.file.append(self.album, self._lines_of(urgent))
        else:
            self._write_whole()

    def _lines_of(self, client_request_ids: Iterable[str]) -> str:
        with self._guard:
            told = [self._attempts.get(crid) for crid in client_request_ids]
            lines = [self._line(attempt) for attempt in told if attempt is not None]
            return "".join(tail_line(line, _text(self._requests[line.digest])) for line in lines)

    def _line(self, attempt: Attempt) -> LockLine:
        return LockLine(attempt=attempt, album=self.album)

    def _write_whole(self) -> None:
        with self._guard:
            self.is_behind = False
            journal = self._journal
        try:
            parts = self._parts()
            if parts is not None:
                self.file.write_parts(parts)
                self._is_claimed = journal == self._journal
        except BaseException:
            with self._guard:
                self.is_behind = True
            raise


def _text(request: str | WantedTake) -> str:
    return request if isinstance(request, str) else request.identity_json


def _sparing(attempt: Attempt, take: WantedTake | None) -> Attempt:
    """The same, with the texts of the wanted take where they are equal: there may be thousands."""
    if take is None or attempt.ref != take.ref or attempt.title != take.title:
        return attempt
    return replace(attempt, ref=take.ref, title=take.title)
