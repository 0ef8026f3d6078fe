"""Jobs on disk: what was accepted, and what became of it. Nothing is rewritten.

``ID.job.json`` is written before the POST is answered, ``ID.end.json`` when the job has ended,
``ID.mp3`` (or wav, pcm) before that. A job without an end is unfinished, whatever happened.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from pipeline.errors import SketchUnavailable
from pipeline.sketch.files import store_bytes

_ID = re.compile(r"[A-Za-z0-9_-]{21}")
_ID_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
_RECORD_VERSION = 1
Record = TypeVar("Record", "Job", "End")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """An accepted request. ``created_ns`` is Unix time, unique within the folder."""

    generation_id: str
    request_id: str
    client_request_id: str | None
    created_ns: int
    body: dict[str, Any]
    usd_spent: str  # decimal text
    credits_used: int
    ignored: Sequence[str] = ()  # fields of the request that the contract does not know
    version: int = _RECORD_VERSION

    @property
    def extension(self) -> str:
        """The format of its audio, which is the end of its file's name."""
        return str(self.body.get("audio_setting", {}).get("format", "mp3"))


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a job ended: audio with its measures, or an error's name and message."""

    generation_id: str
    sha256: str | None = None
    audio_bytes: int | None = None
    seconds: float | None = None
    sample_rate_hz: int | None = None
    bitrate_bps: int | None = None
    score_digest: str | None = None
    heard: Sequence[Mapping[str, str]] = ()  # what prompt and lyrics said: field, value, why
    assumed: Sequence[Mapping[str, str]] = ()  # what they left open, likewise
    warnings: Sequence[str] = ()  # in what the audio differs from what was asked for
    error_name: str | None = None
    error_message: str | None = None
    version: int = _RECORD_VERSION


def new_generation_id() -> str:
    """Twenty-one letters as the API's ids have; 126 bits of chance."""
    return "".join(secrets.choice(_ID_LETTERS) for _ in range(21))


class JobFolder:
    """A folder of jobs. One server at a time may own it, see :meth:`owned`."""

    def __init__(self, folder: Path) -> None:
        """The folder need not exist yet; :meth:`owned` makes it."""
        self.folder = folder

    @contextmanager
    def owned(self) -> Iterator[None]:
        """Hold the folder's lock. Raises :class:`SketchUnavailable` if another server holds it."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.folder / "serve.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise SketchUnavailable(f"{self.folder}: {error.strerror}") from error
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise SketchUnavailable(
                    f"{self.folder}: another sketch server works on these jobs",
                    hint="stop it, or give another folder",
                ) from error
            self._sweep()
            yield
        finally:
            os.close(lock)

    def _sweep(self) -> None:
        for left in self.folder.glob("*.part"):
            left.unlink(missing_ok=True)

    def accept(self, job: Job) -> None:
        """Make a job durable. Raises ``OSError``."""
        store_bytes(self.folder / f"{job.generation_id}.job.json", _spelled(job))

    def end(self, end: End) -> None:
        """Make an end durable. Raises ``OSError``."""
        store_bytes(self.folder / f"{end.generation_id}.end.json", _spelled(end))

    def audio_path(self, job: Job) -> Path:
        """Where the job's audio is, or will be."""
        return self.folder / f"{job.generation_id}.{job.extension}"

    def load_job(self, generation_id: str) -> Job:
        """One job. Raises ``OSError``, or :class:`SketchUnavailable` if it cannot be read."""
        return _loaded(self.folder / f"{generation_id}.job.json", Job)

    def load_end(self, generation_id: str) -> End | None:
        """How a job ended; None while it has not."""
        with suppress(FileNotFoundError):
            return _loaded(self.folder / f"{generation_id}.end.json", End)
        return None

    def load_jobs(self) -> tuple[Job, ...]:
        """Every accepted job, oldest first."""
        names = [path.name.removesuffix(".job.json") for path in self.folder.glob("*.job.json")]
        jobs = [self.load_job(name) for name in names if _ID.fullmatch(name)]
        return tuple(sorted(jobs, key=lambda job: (job.created_ns, job.generation_id)))

    def secret(self) -> bytes:
        """The key that signs this folder's links: made once, so that links outlive a restart."""
        path = self.folder / "links.key"
        if not path.exists():
            store_bytes(path, secrets.token_bytes(32))
            path.chmod(0o600)
        return path.read_bytes()


def _spelled(record: Job | End) -> bytes:
    return (json.dumps(asdict(record), sort_keys=True, ensure_ascii=False) + "\n").encode()


def _loaded(path: Path, record: type[Record]) -> Record:
    try:
        document = json.loads(path.read_bytes())
        known = {field.name for field in fields(record)}
        return record(**{name: value for name, value in document.items() if name in known})
    except (ValueError, TypeError, AttributeError) as error:
        raise SketchUnavailable(
            f"{path}: not a record of this engine",
            hint=f"move it away: {shlex.join(['mv', str(path), f'{path}.bad'])}",
        ) from error
