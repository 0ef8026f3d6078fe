"""One project, one vendor, and what can happen to a run between them."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from pipeline.cli.session import load_workspace
from pipeline.core.run.events import Event
from pipeline.errors import ExitCode
from pipeline.runner.clock import Clock
from pipeline.runner.render.rendering import Prepared, RenderOrder, render
from pipeline.runner.render.run import RenderSettings
from tests.builders import write_manifest
from tests.command import Ended, Songmake
from tests.vendor.client import Vendor
from tests.vendor.ledger import Ledger

SOON_S = 6.0  # the promise is two seconds; a busy machine gets the rest
JOURNAL = ".songmake/journal.sqlite3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A project whose ``songmake`` talks to a vendor's double."""

    project: Path
    vendor: Vendor
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def songmake(self) -> Songmake:
        return Songmake(project=self.project, environment=self.vendor.environment)

    @property
    def ledger(self) -> Ledger:
        return self.vendor.ledger()

    @property
    def journal(self) -> Path:
        return self.project / JOURNAL

    @property
    def lock(self) -> Path:
        return self.project / "manifests/album.lock.json"

    @property
    def outputs(self) -> Path:
        return self.project / "outputs"

    def manifest(self, songs: dict[str, Any], **fields: Any) -> Path:
        return write_manifest(self.project, songs, **fields)

    def render(self, *words: str, **options: Any) -> Ended:
        return self.songmake.render(*words, **options)

    def render_here(
        self,
        clock: Clock | None = None,
        *,
        is_taking_over: bool = False,
        emit: Callable[[Event], None] | None = None,
        **settings: Any,
    ) -> ExitCode:
        """A whole run in this process: quicker, and with a clock and settings of one's own."""
        folders = {"state": self.project / ".songmake", "output": self.outputs}
        order = RenderOrder(
            workspace=load_workspace([self.project / "manifests"], is_quiet=True, **folders),
            settings=RenderSettings(**{"poll_interval_s": 0.05, "jobs": 8, **settings}),
            base_url=self.vendor.api_url,
            key=self.vendor.key,
            environment={},
            is_taking_over=is_taking_over,
        )
        ended = render(order, agree=_agree, emit=emit or _say_nothing, clock=clock or Clock())
        assert ended.bugs == ()
        return ended.code

    def start(self, *words: str, **options: Any) -> subprocess.Popen[str]:
        """A render under way, asking often."""
        running = self.songmake.start(
            "render", "--yes", "--poll-interval", "0.05", *words, **options
        )
        self.started.append(running)
        return running

    def start_and_wait(
        self, condition: Callable[[Ledger], bool], *words: str, **options: Any
    ) -> subprocess.Popen[str]:
        """A render under way, of which the vendor has seen that much."""
        running = self.start(*words, **options)
        deadline = time.monotonic() + 30
        while not condition(self.ledger):
            if running.poll() is not None or time.monotonic() > deadline:
                kill_9(running)
                raise AssertionError(f"it ended or came to a halt (exit {running.returncode})")
            time.sleep(0.005)
        return running

    def end_all(self) -> None:
        """Ends what a failed test has left running."""
        for running in self.started:
            if running.returncode is None:
                kill_9(running)

    def attempts(self) -> list[dict[str, Any]]:
        return attempts_in(self.journal)

    @contextmanager
    def open_journal(self) -> Iterator[sqlite3.Connection]:
        with open_database(self.journal) as db:
            yield db

    def let_time_pass(self, seconds: float = 60.0) -> None:
        """The next run comes that much later: every unresolved intent is older by it.

        A run gives the provider's log a quarter of a minute to show a fresh request.
        """
        for row in self.attempts():
            if row["state"] not in ("intent", "in_doubt"):
                continue
            moment = datetime.fromisoformat(row["intent_at"]) - timedelta(seconds=seconds)
            text = moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
            with self.open_journal() as db:
                db.execute(
                    "UPDATE attempts SET intent_at = ? WHERE client_request_id = ?",
                    (text, row["client_request_id"]),
                )

    def kill_at_random(self, chance: Random, *words: str) -> None:
        """Starts a render and kills it: as it starts, a while later, or at a random request."""
        before = len(self.ledger.requests)
        running = self.start(*words)
        try:
            kind = chance.random()
            if kind < 0.1:
                wait_to_end(running, chance.uniform(0.1, 0.8))
            elif kind < 0.5:
                self._wait_for_request(running, before + 1)
                wait_to_end(running, chance.uniform(0.0, 1.0))
            else:
                self._wait_for_request(running, before + chance.randint(1, 30))
                wait_to_end(running, chance.uniform(0.0, 0.04))
        finally:
            kill_9(running)

    def _wait_for_request(self, running: subprocess.Popen[str], count: int) -> None:
        end = time.monotonic() + 20
        while running.poll() is None and len(self.ledger.requests) < count:
            assert time.monotonic() < end, "the run came to a halt"
            time.sleep(0.003)

    def assert_nothing_was_bought_twice(self) -> None:
        ledger = self.ledger
        assert ledger.bought_twice == ()
        assert ledger.violations == ()
        assert self.vendor.complaints() == ""


@contextmanager
def open_database(path: Path) -> Iterator[sqlite3.Connection]:
    """Each statement is a transaction of its own; closed at the end."""
    db = sqlite3.connect(path, isolation_level=None, timeout=10)
    db.row_factory = sqlite3.Row
    try:
        yield db
    finally:
        db.close()


def attempts_in(journal: Path) -> list[dict[str, Any]]:
    """The journal's rows, oldest first; none where there is no journal yet."""
    if not journal.exists():
        return []
    with open_database(journal) as db:
        try:
            return [dict(row) for row in db.execute("SELECT * FROM attempts ORDER BY seq")]
        except sqlite3.OperationalError:
            return []  # killed before it had its tables


def _agree(prepared: Prepared) -> Prepared:
    """Whatever it costs."""
    return prepared


def _say_nothing(event: Event) -> None:
    """What matters is in the journal and in the ledger."""


def wait_to_end(running: subprocess.Popen[str], seconds: float) -> None:
    """Waits so long, or until it has ended by itself."""
    end = time.monotonic() + seconds
    while running.poll() is None and time.monotonic() < end:
        time.sleep(0.002)


def kill_9(running: subprocess.Popen[str]) -> None:
    """Ends it as a power cut would; one that has ended already is left as it is."""
    running.kill()
    running.communicate()


def ended(running: subprocess.Popen[str], *, within_s: float) -> Ended:
    """How it ends; one that does not end in time is killed and fails the test."""
    try:
        out, err = running.communicate(timeout=within_s)
    except subprocess.TimeoutExpired:
        kill_9(running)
        raise AssertionError(f"still running after {within_s} s") from None
    assert "Traceback" not in err, err
    return Ended(code=running.returncode, out=out, err=err)


def signalled(running: subprocess.Popen[str], number: signal.Signals) -> Ended:
    """How a run ends that gets one signal."""
    running.send_signal(number)
    return ended(running, within_s=SOON_S)


def tree(folder: Path) -> dict[str, str]:
    """Every file under a folder, with a checksum."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def published(outputs: Path) -> dict[str, str]:
    """The same, of everything that can be rebuilt."""
    return {name: text for name, text in tree(outputs).items() if name != "summary.json"}


def remove_folder(folder: Path) -> None:
    """Removes a folder with read-only files in it."""
    shutil.rmtree(folder)
    assert not folder.exists()


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        os.kill(pid, 0)
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (ProcessLookupError, FileNotFoundError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
