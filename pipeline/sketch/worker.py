"""Renders jobs in a process of its own: ``python -m pipeline.sketch.worker FOLDER``.

Standard input brings a job's id a line; standard output answers ``began ID``, then ``done ID RSS``
(resident bytes) or ``later ID ERRNO``. When standard input closes, however the server ended, the
worker ends at once; its job stays unfinished on disk and is rendered by the next server.
"""

from __future__ import annotations

import hashlib
import os
import queue
import resource
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

from pipeline.sketch.contract import read_body
from pipeline.sketch.files import store_bytes
from pipeline.sketch.jobs import End, Job, JobFolder
from pipeline.sketch.performance import performance_seed

_NICENESS = 10


def main(folder: str) -> None:
    """Render every job that is handed over. Any failure of the engine is an end as well."""
    told: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(told,), daemon=True).start()
    os.nice(_NICENESS)
    answers = _private_stdout()
    jobs = JobFolder(Path(folder))
    while True:
        generation_id = told.get()
        print("began", generation_id, file=answers, flush=True)
        try:
            jobs.end(rendered(jobs, jobs.load_job(generation_id)))
        except OSError as error:
            print("later", generation_id, error.errno or 0, file=answers, flush=True)
        else:
            print("done", generation_id, resident_bytes(), file=answers, flush=True)


def rendered(jobs: JobFolder, job: Job) -> End:
    """Render a job's audio into its folder. Raises ``OSError`` if it could not be written."""
    request = read_body(job.body)
    seed = performance_seed(job.body, job.client_request_id)
    try:
        from pipeline.sketch import engine  # numpy is the worker's alone

        song = engine.render(request.prompt, request.lyrics, request.audio, seed)
    except Exception as error:
        return End(
            generation_id=job.generation_id, error_name="generation_failed",
            error_message=f"the engine failed: {type(error).__name__}",
        )  # fmt: skip
    store_bytes(jobs.audio_path(job), song.audio)
    return End(
        generation_id=job.generation_id, sha256=hashlib.sha256(song.audio).hexdigest(),
        audio_bytes=len(song.audio), seconds=song.seconds, sample_rate_hz=song.sample_rate_hz,
        bitrate_bps=song.bitrate_bps, score_digest=song.score_digest,
        heard=tuple(asdict(finding) for finding in song.explanation.heard),
        assumed=tuple(asdict(finding) for finding in song.explanation.assumed),
        warnings=(*_ignored(job), *song.warnings),
    )  # fmt: skip


def _ignored(job: Job) -> tuple[str, ...]:
    return tuple(f"{name} is ignored: the contract has no such field" for name in job.ignored)


def resident_bytes() -> int:
    """The memory that this process holds; the most that it ever held where that cannot be told."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


def _private_stdout() -> TextIO:
    """Standard output for the answers alone: a library that prints speaks to nobody."""
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return answers


def _listen(told: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin:
        told.put(line.strip())
    os._exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
