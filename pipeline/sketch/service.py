"""What the server knows: the accepted jobs, how they stand, and the workers that render them."""

from __future__ import annotations

import asyncio
import math
import secrets
import time
from decimal import Decimal

from pipeline.sketch.contract import CREDITS_PER_USD, GenerationRequest
from pipeline.sketch.jobs import End, Job, JobFolder, new_generation_id
from pipeline.sketch.pool import Pool

_PRETENDED_BALANCE_USD = Decimal(1000)


class Service:
    """One folder of jobs, owned by this process, within one event loop."""

    def __init__(self, jobs: JobFolder, *, price_usd: Decimal) -> None:
        """Read what is on disk; ``price_usd`` is what each song pretends to cost."""
        self.folder = jobs
        self.secret = jobs.secret()
        self.jobs: list[Job] = list(jobs.load_jobs())
        self._by_id = {job.generation_id: job for job in self.jobs}
        self._ends: dict[str, End] = {}
        self.price_usd = price_usd
        self._pool = Pool(jobs)

    def start(self) -> None:
        """Begin to work, with the jobs that an earlier server left unfinished."""
        for job in self.jobs:
            if self.end_of(job) is None:
                self._pool.submit(job)
        self._pool.start()

    async def stop(self) -> None:
        """End the workers."""
        await self._pool.stop()

    async def accept(self, request: GenerationRequest, client_request_id: str | None) -> Job:
        """A new job: durable when this returns. Raises ``OSError`` if it could not be written."""
        job = Job(
            generation_id=new_generation_id(), request_id=f"req-{secrets.token_hex(12)}",
            client_request_id=client_request_id, created_ns=time.time_ns(), body=request.body,
            usd_spent=str(self.price_usd),
            credits_used=math.ceil(self.price_usd * CREDITS_PER_USD), ignored=request.ignored,
        )  # fmt: skip
        # Shielded: a client that hangs up must not leave a job on disk that nobody renders.
        await asyncio.shield(asyncio.ensure_future(self._record(job)))
        return job

    async def _record(self, job: Job) -> None:
        await asyncio.to_thread(self.folder.accept, job)
        self.jobs.append(job)
        self._by_id[job.generation_id] = job
        self._pool.submit(job)

    def job(self, generation_id: str) -> Job | None:
        """The job of an id, if it is one."""
        return self._by_id.get(generation_id)

    def end_of(self, job: Job) -> End | None:
        """How the job ended, None while it has not; read from disk once."""
        known = self._ends.get(job.generation_id)
        if known is None and not self._is_waiting(job):
            known = self.folder.load_end(job.generation_id)
            if known is not None:
                self._ends[job.generation_id] = known
        return known

    def _is_waiting(self, job: Job) -> bool:
        return job.generation_id in self._pool.waiting

    def status_of(self, job: Job) -> str:
        """``queued``, ``generating``, ``completed`` or ``error``: what is really going on."""
        end = self.end_of(job)
        if end is not None:
            return "error" if end.error_name else "completed"
        return "generating" if job.generation_id in self._pool.generating else "queued"

    def put_off(self, job: Job) -> str | None:
        """Why a job's audio could not be written yet, the disk being full, say; None if it can."""
        return self._pool.put_off.get(job.generation_id)

    def condemn(self, job: Job) -> None:
        """Let a generation have failed, as a rehearsal asks, for as long as this server runs."""
        self._ends[job.generation_id] = End(
            generation_id=job.generation_id, error_name="generation_failed",
            error_message="the generation failed: this rehearsal asks for it",
        )  # fmt: skip

    def ends(self) -> dict[str, End | None]:
        """How every job stands."""
        return {job.generation_id: self.end_of(job) for job in self.jobs}

    def balance_usd(self) -> Decimal:
        """A pretended purse, less what was pretended to be spent."""
        spent = (Decimal(job.usd_spent) for job in self.jobs if self.status_of(job) != "error")
        return _PRETENDED_BALANCE_USD - sum(spent, Decimal(0))
