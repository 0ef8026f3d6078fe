"""The thread that writes lock files, so that the event loop never waits for a disk."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

SHORTEST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 10.0
IDLE_PER_WORK = 10  # what is not urgent takes a tenth of a core and of the disk at most


class LockScribe:
    """Calls ``write(name)`` for names whose files are behind, one at a time.

    Changes that come while a write is under way, or soon after one, share the next write. What is
    urgent does not wait for what is not.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._waiting: dict[str, list[Future[None]]] = {}
        self._condition = threading.Condition()
        self._is_urgent = False
        self._is_closed = False
        self._rest_until_s = time.monotonic() + SHORTEST_PAUSE_S
        self._thread: threading.Thread | None = None

    def note(self, name: str) -> None:
        """The file is behind: it is written soon. An error shows at the next urgent write."""
        with self._condition:
            self._waiting.setdefault(name, [])
            self._wake()

    def urge(self, name: str) -> Future[None]:
        """The file is written next; the result comes when it is on disk, or is what refused."""
        written: Future[None] = Future()
        with self._condition:
            self._waiting.setdefault(name, []).append(written)
            self._is_urgent = True
            self._wake()
        return written

    def close(self) -> None:
        """Returns when everything noted has been tried and the thread has ended."""
        with self._condition:
            self._is_closed = True
            self._condition.notify()
        if self._thread is not None:
            self._thread.join()

    def _wake(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="lock-scribe", daemon=True)
            self._thread.start()
        self._condition.notify()

    def _run(self) -> None:
        while (batch := self._next()) is not None:
            began_s = time.monotonic()
            for name, waiting in batch.items():
                self._serve(name, waiting)
            ended_s = time.monotonic()
            took_s = ended_s - began_s
            pause_s = min(max(took_s * IDLE_PER_WORK, SHORTEST_PAUSE_S), LONGEST_PAUSE_S)
            self._rest_until_s = max(self._rest_until_s, ended_s + pause_s)

    def _next(self) -> dict[str, list[Future[None]]] | None:
        with self._condition:
            self._condition.wait_for(lambda: self._waiting or self._is_closed)
            if not self._waiting:
                return None
            self._condition.wait_for(
                lambda: self._is_urgent or self._is_closed,
                timeout=max(self._rest_until_s - time.monotonic(), 0.0),
            )
            urgent = {name: waiting for name, waiting in self._waiting.items() if waiting}
            batch = urgent if self._is_urgent else dict(self._waiting)
            for name in batch:
                del self._waiting[name]
            self._is_urgent = False
            return batch

    def _serve(self, name: str, waiting: list[Future[None]]) -> None:
        try:
            self._write(name)
        except Exception as error:  # it belongs to whoever waits for this write
            for written in waiting:
                written.set_exception(error)
            return
        for written in waiting:
            written.set_result(None)
