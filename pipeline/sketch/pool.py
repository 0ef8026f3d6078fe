"""The workers: a process for each job, few at a time, oldest job first."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pipeline
from pipeline.sketch.jobs import End, Job, JobFolder
from pipeline.sketch.worker import TRY_LATER

MOST_WORKERS = 2
_PAUSE_S = 3.0  # before a job is tried again whose worker could not write
_ATTEMPTS = 2  # a worker that is killed from outside gets another chance, once
_ROOT = Path(pipeline.__file__).parent.parent


class Pool:
    """Renders jobs in the order given. Made and used within one event loop.

    A process a job rather than a standing pool: memory goes back after each song, one that dies
    takes nothing along, and its environment holds neither keys nor more than one thread.
    """

    def __init__(self, jobs: JobFolder, *, workers: int | None = None) -> None:
        """``workers``: as many as cores, but few, if not told."""
        self._jobs = jobs
        self._queue: asyncio.Queue[Job] = asyncio.Queue()
        self._count = workers or max(1, min(MOST_WORKERS, os.cpu_count() or 1))
        self._tasks: list[asyncio.Task[None]] = []
        self._processes: set[asyncio.subprocess.Process] = set()
        self.waiting: set[str] = set()  # ids of jobs that no worker has begun
        self.generating: set[str] = set()

    def start(self) -> None:
        """Begin to work."""
        self._tasks = [asyncio.create_task(self._work()) for _ in range(self._count)]

    def submit(self, job: Job) -> None:
        """Queue a job that is on disk already."""
        self.waiting.add(job.generation_id)
        self._queue.put_nowait(job)

    def stop(self) -> None:
        """End every worker now; their jobs stay unfinished on disk."""
        for task in self._tasks:
            task.cancel()
        for worker in self._processes:
            if worker.returncode is None:
                worker.kill()

    async def _work(self) -> None:
        while True:
            job = await self._queue.get()
            self.waiting.discard(job.generation_id)
            self.generating.add(job.generation_id)
            try:
                await self._render(job)
            except OSError:
                # A full disk, most likely: the job waits, it is not given up.
                await asyncio.sleep(_PAUSE_S)
                self.submit(job)
            finally:
                self.generating.discard(job.generation_id)

    async def _render(self, job: Job) -> None:
        for _ in range(_ATTEMPTS):
            code = await self._run(job)
            if code == TRY_LATER:
                raise OSError("the worker could not read or write")
            if await asyncio.to_thread(self._jobs.load_end, job.generation_id) is not None:
                return
        end = End(
            generation_id=job.generation_id, error_name="generation_failed",
            error_message=f"the engine's worker ended with {code}",
        )  # fmt: skip
        await asyncio.to_thread(self._jobs.end, end)

    async def _run(self, job: Job) -> int:
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "pipeline.sketch.worker", str(self._jobs.folder.resolve()),
            job.generation_id, env=_environment(), stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        self._processes.add(worker)
        try:
            return await worker.wait()
        finally:
            self._processes.discard(worker)


def _environment() -> dict[str, str]:
    """What a worker needs to find this package: no keys; one thread, so that sums add up alike."""
    kept = {
        name: os.environ[name]
        for name in ("PATH", "LANG", "TMPDIR", "SYSTEMROOT")
        if name in os.environ
    }
    paths = [str(_ROOT), *(path for path in sys.path if path)]
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return kept | threads | {"PYTHONPATH": os.pathsep.join(paths)}
