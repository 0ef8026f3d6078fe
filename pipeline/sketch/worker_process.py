"""A worker as the server sees it: a process that is handed one job after another."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto
from pathlib import Path

import pipeline

_ROOT = Path(pipeline.__file__).parent.parent
MOST_JOBS = 50
# A song needs less than 500 MB; whoever holds more when it is done has kept something.
MOST_RESIDENT_BYTES = 700 * 1024 * 1024


_CHOOSING = ("NPY_", "OPENBLAS_")


class Outcome(Enum):
    """What became of a job that was handed over."""

    DONE = auto()  # its end is on disk
    DIED = auto()  # the worker is no more


class PutOff(OSError):
    """The worker could not read or write: nothing is wrong with the job, it waits."""


class WorkerProcess:
    """One ``python -m pipeline.sketch.worker``, from :meth:`start` to :meth:`retire`."""

    def __init__(self, running: asyncio.subprocess.Process) -> None:
        """For :meth:`start`."""
        self._running = running
        self._jobs_done = 0
        self._resident_bytes = 0

    @classmethod
    async def start(cls, folder: Path) -> WorkerProcess:
        """A new worker on a folder of jobs. Raises ``OSError``."""
        running = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "pipeline.sketch.worker", str(folder.resolve()),
            env=_environment(), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        return cls(running)

    @property
    def is_alive(self) -> bool:
        """Whether it runs, as far as is known."""
        return self._running.returncode is None

    @property
    def is_spent(self) -> bool:
        """Whether a fresh one should follow: memory goes back only when a process ends."""
        return self._jobs_done >= MOST_JOBS or self._resident_bytes > MOST_RESIDENT_BYTES

    async def render(self, generation_id: str, began: Callable[[], None]) -> Outcome:
        """Hand a job over and wait for what becomes of it; ``began`` is called when it begins.

        Raises ``PutOff``.
        """
        assert self._running.stdin is not None
        assert self._running.stdout is not None
        with suppress(ConnectionError):
            self._running.stdin.write(f"{generation_id}\n".encode())
            await self._running.stdin.drain()
        while line := await self._running.stdout.readline():
            match line.decode().split():
                case ["began", said] if said == generation_id:
                    began()
                case ["later", said, number] if said == generation_id:
                    raise PutOff(int(number), os.strerror(int(number)))
                case ["done", said, resident] if said == generation_id:
                    self._jobs_done += 1
                    self._resident_bytes = int(resident)
                    return Outcome.DONE
        return Outcome.DIED

    async def retire(self) -> int:
        """End it, and give its exit status. Its job, if it had one, stays unfinished on disk."""
        with suppress(ProcessLookupError):
            self._running.kill()
        return await self._running.wait()


def _environment() -> dict[str, str]:
    """What a worker needs to find this package, and to add up alike: no keys, one thread.

    Which of the processor's instructions are used may be chosen by variables, for numpy and its
    matrix products; a song that is rendered without a server hears them too.
    """
    kept = {
        name: text
        for name, text in os.environ.items()
        if name in ("PATH", "LANG", "TMPDIR", "SYSTEMROOT") or name.startswith(_CHOOSING)
    }
    paths = [str(_ROOT), *(path for path in sys.path if path)]
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return kept | threads | {"PYTHONPATH": os.pathsep.join(paths)}
