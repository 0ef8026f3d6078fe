"""Keeping the lock files in step with the journal while a command changes it.

Write order of a purchase: intent in the journal, intent in the lock, first byte.
"""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

from pipeline.adapters.journal.sqlite import Journal
from pipeline.adapters.lock_file import LockFile, relative_to
from pipeline.core.lock.joining import is_purchase
from pipeline.core.purchase.attempt import Attempt
from pipeline.core.wanted.album import AlbumId
from pipeline.core.wanted.takes import WantedTake
from pipeline.errors import LockDamaged, SongmakeError
from pipeline.runner.locks.lines import KeptLock
from pipeline.runner.locks.reading import FoundLock, FoundLocks, sharers_of
from pipeline.runner.locks.scribe import LockScribe
from pipeline.runner.workspace import Workspace

Writing = Callable[[Callable[[Journal], None]], Coroutine[Any, Any, None]]


class LockKeeper:
    """The locks of one command. It follows every change of the journal by itself.

    Until :meth:`begin` nothing is written. Albums that the command does not name are followed
    too, where the journal remembers their lock.
    """

    def __init__(self, journal: Journal, state: Path) -> None:
        self._journal = journal
        self._state = state
        self._locks: dict[str, KeptLock | None] = {}
        self._wanted: dict[str, WantedTake] = {}
        self._shares = set(journal.lock_shares())
        self._sharers = sharers_of(None, self._shares)
        self._id = journal.id
        self._scribe = LockScribe(self._write)
        self._is_writing = False
        self._through: Writing | None = None
        self._sharing: set[asyncio.Task[None]] = set()
        self.notes: list[SongmakeError] = []  # locks of other albums that were left alone
        self.found = FoundLocks()

    def open(self, workspace: Workspace, found: FoundLocks) -> None:
        """Takes charge of a workspace's locks, as they were read."""
        self.found = found
        self._sharers = sharers_of(workspace, self._shares)
        self._wanted = {take.digest: take for take in workspace.takes}
        for each in found.found:
            self._open(each)

    def follow(self) -> None:
        """Compares the locks with the journal, and follows it from here on."""
        attempts = self._journal.attempts()
        self._remember_shares(attempts)
        for attempt in attempts:
            self._put(attempt, is_news=False)
        for checksum, document in self._journal.measurements().items():
            for lock in self._kept():
                lock.measure(checksum, document)
        for lock in self._kept():
            lock.compare()
        self._journal.watch(self._changed)

    def begin(self, *, is_taking_over: bool = False) -> None:
        """From here on what is behind is written, soon and in a thread."""
        self._is_writing = True
        for lock in self._kept():
            if is_taking_over:
                lock.claim(self._id)
            if lock.is_behind:
                self._scribe.note(lock.album)

    def check_writable(self, album: str) -> None:
        """Raises ``StorageFull`` if an album's lock could not be written."""
        lock = self._locks.get(album)
        if lock is not None:
            lock.file.check_writable()

    @asynccontextmanager
    async def writing_through(self, write: Writing) -> AsyncIterator[None]:
        """While the body runs, ``write`` is given what the journal has to remember of the locks."""
        self._through = write
        try:
            yield
        finally:
            self._through = None
            await asyncio.gather(*self._sharing, return_exceptions=True)

    async def secure(self, client_request_id: str) -> None:
        """Returns when an attempt's line is on disk in every lock that tells of it.

        Which locks these are is remembered by then. Whoever buys owns the lock. Raises
        ``StorageFull`` or ``LockDamaged`` if it cannot be.
        """
        sharing = tuple(self._sharing)
        if not is_purchase(self._journal.attempt(client_request_id)):
            return
        holders = [lock for lock in self._kept() if lock.holds(client_request_id)]
        for lock in holders:
            lock.claim(self._id)
            lock.urge(client_request_id)
        written = [asyncio.wrap_future(self._scribe.urge(lock.album)) for lock in holders]
        await asyncio.shield(asyncio.gather(*sharing, *written))

    def flush(self) -> None:
        """Brings every lock in step; raises what refused the first that could not be."""
        refused: list[SongmakeError] = []
        for lock in self._kept():
            if lock.is_touched:
                lock.urge()
                try:
                    self._scribe.urge(lock.album).result()
                except SongmakeError as error:
                    refused.append(error)
        if refused:
            raise refused[0]

    def close(self) -> None:
        """Stops following the journal; what could be written has been."""
        self._journal.watch(None)
        if self._is_writing:
            with suppress(SongmakeError):
                self.flush()
        self._scribe.close()

    def _open(self, each: FoundLock) -> None:
        if each.album is None:
            return
        journal = each.journal or self._id
        lock = KeptLock(each.album, each.file, each.lock, journal=journal, wanted=self._wanted)
        self._locks[each.album] = lock
        album = str(each.album)
        self._share({(album, str(one.digest)) for one in each.attempts if one.ref.album != album})
        path = relative_to(each.file.path, self._state)
        if self._journal.lock_paths().get(each.album) != path:
            self._journal.put_lock_path(each.album, path)

    def _kept(self) -> list[KeptLock]:
        return [lock for lock in self._locks.values() if lock is not None]

    def _changed(self, client_request_ids: frozenset[str]) -> None:
        try:
            for crid in client_request_ids:
                self._follow(crid)
        except SongmakeError as error:  # the journal has it; the next command writes the lock
            self.notes.append(error)
        if self._is_writing:
            for lock in self._kept():
                if lock.is_behind:
                    self._scribe.note(lock.album)

    def _follow(self, client_request_id: str) -> None:
        try:
            attempt = self._journal.attempt(client_request_id)
        except KeyError:
            for lock in self._kept():
                lock.drop(client_request_id)
            return
        self._remember_shares([attempt])
        self._put(attempt, is_news=True)
        if attempt.audio is not None:
            self._measure(client_request_id, attempt.audio.checksum)

    def _measure(self, client_request_id: str, checksum: str) -> None:
        document = self._journal.measurement(checksum)
        if document is not None:
            for lock in self._kept():
                if lock.holds(client_request_id):
                    lock.measure(checksum, document)

    def _put(self, attempt: Attempt, *, is_news: bool) -> None:
        for album in {str(attempt.ref.album), *self._sharers.get(attempt.digest, ())}:
            lock = self._lock_of(album) if is_news else self._locks.get(album)
            if lock is not None:
                lock.put(attempt)

    def _remember_shares(self, attempts: Iterable[Attempt]) -> None:
        self._share({
            (str(album), str(attempt.digest))
            for attempt in attempts
            for album in self._sharers.get(attempt.digest, ())
            if album != attempt.ref.album
        })  # fmt: skip

    def _share(self, pairs: set[tuple[str, str]]) -> None:
        news = pairs - self._shares
        if not news:
            return
        if self._through is None:
            self._journal.put_lock_shares(sorted(news))
        else:
            told = self._through(lambda journal: journal.put_lock_shares(sorted(news)))
            task = asyncio.create_task(told)
            self._sharing.add(task)
            task.add_done_callback(lambda done: self._shared(done, news))
        self._shares |= news
        for album, digest in news:
            self._sharers[digest] = self._sharers.get(digest, frozenset()) | {album}

    def _shared(self, done: asyncio.Task[None], pairs: set[tuple[str, str]]) -> None:
        """What could not be remembered is tried again with the next change."""
        self._sharing.discard(done)
        if done.cancelled() or done.exception() is not None:
            self._shares -= pairs

    def _lock_of(self, album: str) -> KeptLock | None:
        """An album's lock; one that the command does not name is opened where it was last."""
        if album not in self._locks:
            self._locks[album] = None
            try:
                self._locks[album] = self._unnamed_lock(album)
            except SongmakeError as error:
                self.notes.append(error)
        return self._locks[album]

    def _unnamed_lock(self, album: str) -> KeptLock | None:
        path = self._journal.lock_paths().get(album)
        if path is None:
            return None
        file = LockFile(self._state / path)
        lock = file.read()
        if lock is None or lock.album != album:
            return None
        each = FoundLock(album=AlbumId(album), file=file, lock=lock)
        unknown = {one.client_request_id for one in each.purchases} - self._journal.known_ids()
        if unknown:
            raise LockDamaged(
                f"{file.shown} knows purchases that the journal does not: it is left as it is",
                hint=shlex.join(["songmake", "report", "--import", file.shown]),
            )
        kept = KeptLock(album, file, lock, journal=self._id)
        for attempt in self._journal.attempts():
            if album in (attempt.ref.album, *self._sharers.get(attempt.digest, ())):
                kept.put(attempt)
        for checksum, document in self._journal.measurements().items():
            kept.measure(checksum, document)
        return kept

    def _write(self, album: str) -> None:
        lock = self._locks[album]
        assert lock is not None
        lock.write()
        if lock.is_behind:
            self._scribe.note(album)


@contextmanager
def kept_locks(
    journal: Journal, state: Path, workspace: Workspace | None, found: FoundLocks
) -> Iterator[LockKeeper]:
    """The locks of a workspace, or only the remembered ones, for as long as a command works."""
    keeper = LockKeeper(journal, state)
    if workspace is not None:
        keeper.open(workspace, found)
    keeper.follow()
    try:
        yield keeper
    finally:
        keeper.close()
