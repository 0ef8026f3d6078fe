"""The workers: one a core, each rendering one job after another, oldest job first."""

from __future__ import annotations

import asyncio
import os

from pipeline.sketch.jobs import End, Job, JobFolder
from pipeline.sketch.worker_process import Outcome, PutOff, WorkerProcess

PAUSE_S = 3.0  # before a job is tried again whose worker could not write
IDLE_S = 60.0  # a worker without work gives its memory back
_ATTEMPTS = 3  # a worker that is killed from outside loses no job


def core_count() -> int:
    """The cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


class Pool:
    """Renders jobs in the order given. Made and used within one event loop.

    Standing workers, since loading the instruments and the voice takes longer than a short song;
    hired when there is work, let go after a while without any.
    """

    def __init__(self, jobs: JobFolder, *, workers: int | None = None) -> None:
        """``workers``: as many as cores, if not told."""
        self._jobs = jobs
        self._queue: asyncio.Queue[Job] = asyncio.Queue()
        self._count = workers or core_count()
        self._tasks: list[asyncio.Task[None]] = []
        self._workers: set[WorkerProcess] = set()
        self.waiting: set[str] = set()  # ids of jobs that were not given to a worker
        self.generating: set[str] = set()  # that a worker has begun
        self.put_off: dict[str, str] = {}  # ids to why they could not be written, till they are

    def start(self) -> None:
        """Begin to work."""
        self._tasks = [asyncio.create_task(self._work()) for _ in range(self._count)]

    def submit(self, job: Job) -> None:
        """Queue a job that is on disk already."""
        self.waiting.add(job.generation_id)
        self._queue.put_nowait(job)

    async def stop(self) -> None:
        """End every worker now; their jobs stay unfinished on disk."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for worker in tuple(self._workers):
            await self._let_go(worker)

    async def _work(self) -> None:
        worker: WorkerProcess | None = None
        while True:
            job = await self._next_job(IDLE_S if worker else None)
            if job is None:
                await self._let_go(worker)
                worker = None
                continue
            self.waiting.discard(job.generation_id)
            try:
                worker = await self._render(worker, job)
                self.put_off.pop(job.generation_id, None)
            except OSError as error:
                # A full disk, most likely: the job waits, it is not given up.
                worker = None
                self.put_off[job.generation_id] = error.strerror or "it cannot be written"
                self.waiting.add(job.generation_id)
                await asyncio.sleep(PAUSE_S)
                self.submit(job)
            finally:
                self.generating.discard(job.generation_id)

    async def _next_job(self, within_s: float | None) -> Job | None:
        try:
            async with asyncio.timeout(within_s):
                return await self._queue.get()
        except TimeoutError:
            return None

    async def _render(self, worker: WorkerProcess | None, job: Job) -> WorkerProcess | None:
        """Render one job; the worker to go on with, None if another must be hired.

        Raises ``OSError`` if the job must wait.
        """
        code = 0
        for _ in range(_ATTEMPTS):
            if worker is None or not worker.is_alive:
                await self._let_go(worker)
                worker = await self._hired()
            try:
                outcome = await worker.render(
                    job.generation_id, lambda: self.generating.add(job.generation_id)
                )
            except PutOff:
                await self._let_go(worker)
                raise
            if outcome is Outcome.DONE:
                if not worker.is_spent:
                    return worker
                await self._let_go(worker)
                return None
            code = await worker.retire()
            await self._let_go(worker)
            worker = None
            self.generating.discard(job.generation_id)
            if await asyncio.to_thread(self._jobs.load_end, job.generation_id) is not None:
                return None
        end = End(
            generation_id=job.generation_id, error_name="generation_failed",
            error_message=f"the engine's worker ended with {code}",
        )  # fmt: skip
        await asyncio.to_thread(self._jobs.end, end)
        return None

    async def _hired(self) -> WorkerProcess:
        worker = await WorkerProcess.start(self._jobs.folder)
        self._workers.add(worker)
        return worker

    async def _let_go(self, worker: WorkerProcess | None) -> None:
        if worker is not None:
            await worker.retire()
            self._workers.discard(worker)
