"""One job in a process of its own: ``python -m pipeline.sketch.worker FOLDER ID``.

Its standard input is a pipe from the server. When that closes, however the server ended, the
worker ends too; the job stays unfinished on disk and is rendered by the next server.
"""

from __future__ import annotations

import hashlib
import os
import sys
import threading
from pathlib import Path

from pipeline.sketch.contract import read_body
from pipeline.sketch.files import store_bytes
from pipeline.sketch.jobs import End, Job, JobFolder
from pipeline.sketch.performance import performance_seed

# The exit status of a worker that could not read or write; sysexits.h calls it EX_TEMPFAIL.
TRY_LATER = 75
_NICENESS = 10


def main(folder: str, generation_id: str) -> None:
    """Render one job: its audio, then its end. Any failure of the engine is an end as well."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.nice(_NICENESS)
    jobs = JobFolder(Path(folder))
    try:
        jobs.end(_rendered(jobs, jobs.load_job(generation_id)))
    except OSError:
        sys.exit(TRY_LATER)


def _rendered(jobs: JobFolder, job: Job) -> End:
    from pipeline.sketch.engine import render  # numpy is the worker's alone

    request = read_body(job.body)
    seed = performance_seed(job.body, job.client_request_id)
    try:
        song = render(request.prompt, request.lyrics, request.audio, seed)
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
    )  # fmt: skip


def _end_with_parent() -> None:
    while os.read(0, 4096):
        pass
    os._exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
