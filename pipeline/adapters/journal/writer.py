"""Grouped commits: one thread writes for every task, and what waits together is one FULL commit.

A commit that failed recorded nothing of its group; a write that is refused is undone alone. A task
is woken once its write is on disk, after the journal's watcher was told. Only the event loop's
thread hands in and wakes, so that nothing is handed to a thread that has ended.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import closing
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self, TypeVar

from pipeline.adapters.journal.opening import open_beside
from pipeline.adapters.journal.sqlite import Journal
from pipeline.adapters.journal.transactions import Indivisible

T = TypeVar("T")

OVER = "the journal is written no more"


class _Handed:
    """A write, and what became of it."""

    __slots__ = ("error", "is_over", "result", "woken", "write")

    def __init__(self, write: Callable[[Journal], Any]) -> None:
        self.write = write
        self.result: Any = None
        self.error: BaseException | None = None
        self.is_over = False
        self.woken: asyncio.Future[None] | None = None

    def wake(self, error: BaseException | None) -> None:
        if self.is_over:
            return
        self.error = self.error or error
        self.is_over = True
        if self.woken is not None and not self.woken.done():
            self.woken.set_result(None)


class JournalWriter:
    """Writes to a journal off the event loop, over a connection of its own.

    The journal is then written in no other way until the context ends; what was handed in is
    written first. The thread begins with the first write.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._handed: SimpleQueue[_Handed | None] = SimpleQueue()
        self._group: list[_Handed] = []  # what the thread is at
        self._changed: frozenset[str] = frozenset()
        self._thread: threading.Thread | None = None
        self._end: BaseException | None = None  # why nothing is taken any more

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._over: asyncio.Future[None] = self._loop.create_future()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._thread is None:
            self._finish(RuntimeError(OVER))
            return
        self._handed.put(None)
        await self._over

    async def write(self, write: Callable[[Journal], T]) -> T:
        """Returns what ``write`` returned once it is on disk, or raises why it is not.

        ``write`` runs in the writer's thread, within its part of the transaction. It is as whole
        as a call: a cancellation that comes meanwhile is kept for the caller's next wait. Where
        another write of its group is refused it is made again, so it changes the journal alone.
        Raises ``StorageFull`` and ``JournalDamaged`` too.
        """
        if self._end is not None:
            raise self._end
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="journal-writer", daemon=True)
            self._thread.start()
        handed = _Handed(write)
        self._handed.put(handed)
        is_cancelled = False
        while not handed.is_over:
            handed.woken = self._loop.create_future()
            try:
                await handed.woken
            except asyncio.CancelledError:
                is_cancelled = True
        if is_cancelled:
            cancel_later()
        if handed.error is not None:
            raise handed.error
        result: T = handed.result
        return result

    def _run(self) -> None:
        end: BaseException = RuntimeError(OVER)
        try:
            with closing(open_beside(self._journal)) as journal:
                journal.watch(self._note)
                while self._take():
                    self._commit(journal, self._group)
        except BaseException as error:  # nobody may wait for a thread that is gone
            end = error
        self._loop.call_soon_threadsafe(self._finish, end)

    def _take(self) -> bool:
        """Takes all that waits; False once the end was handed in and all before it is written."""
        handed = self._handed.get()
        self._group = []
        while handed is not None:
            self._group.append(handed)
            try:
                handed = self._handed.get_nowait()
            except Empty:
                return True
        if self._group:
            self._handed.put(None)
        return bool(self._group)

    def _commit(self, journal: Journal, group: list[_Handed]) -> None:
        self._changed = frozenset()
        failure: BaseException | None = None
        try:
            _write_all(journal, group)
        except BaseException as error:
            failure = error
        self._loop.call_soon_threadsafe(self._wake, group, self._changed, failure)

    def _note(self, client_request_ids: frozenset[str]) -> None:
        self._changed = client_request_ids

    def _wake(
        self, group: list[_Handed], changed: frozenset[str], failure: BaseException | None
    ) -> None:
        try:
            self._journal.tell(changed)
        except Exception as error:  # a bug: whoever wrote learns of it
            failure = error
        for handed in group:
            handed.wake(failure)

    def _finish(self, end: BaseException) -> None:
        self._end = end
        for handed in self._group:
            handed.wake(end)
        while not self._handed.empty():
            left = self._handed.get()
            if left is not None:
                left.wake(end)
        if not self._over.done():
            self._over.set_result(None)


def _write_all(journal: Journal, group: list[_Handed]) -> None:
    """Commits a group. Writes are refused seldom: only then is each of them made a part."""
    try:
        with journal.as_one_undivided():
            for handed in group:
                _carry_out(journal, handed)
                if journal.is_spoilt:
                    break
    except Indivisible:
        with journal.as_one():
            for handed in group:
                _carry_out(journal, handed)


def _carry_out(journal: Journal, handed: _Handed) -> None:
    """Writes one part of a group. Raises what ended the transaction for all of it."""
    try:
        with journal.as_one():
            handed.result, handed.error = handed.write(journal), None
    except BaseException as error:
        if not journal.is_writing:
            raise
        handed.error = error


def cancel_later() -> None:
    """The running task is cancelled at its next wait, and still counts as asked once."""
    task = asyncio.current_task()
    assert task is not None
    task.uncancel()
    task.cancel()
