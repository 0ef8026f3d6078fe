"""Running ``songmake`` as its users do: a process of its own, in a project of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.forking.started import Forked

ROOT = Path(__file__).resolve().parents[1]
_STARTED: weakref.WeakSet[subprocess.Popen[str]] = weakref.WeakSet()


def end_what_was_started() -> None:
    """Kills what a failed test left at work, so that it speaks to no later test's double."""
    for process in list(_STARTED):
        if process.poll() is None:
            process.kill()
            process.communicate()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err


@dataclass(frozen=True, slots=True, kw_only=True)
class Songmake:
    """The command in one project, with the environment of one provider."""

    project: Path
    environment: Mapping[str, str]

    def start(self, *words: str, is_fresh: bool = False, **options: Any) -> subprocess.Popen[str]:
        """The running process; standard input is closed.

        It is forked off one that has loaded the product, unless it must be ``is_fresh`` or its
        environment speaks to Python.
        """
        pipes: dict[str, Any] = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
        }
        surroundings: dict[str, Any] = {
            "cwd": self.project,
            "env": {**os.environ, "PYTHONPATH": str(ROOT), **self.environment},
            "text": True,
        }
        wishes = {**surroundings, **pipes, **options}
        is_other_python = any(name.startswith("PYTHON") for name in self.environment)
        if is_fresh or is_other_python or "preexec_fn" in options:
            words = (sys.executable, "-m", "pipeline", *words)
            process: subprocess.Popen[str] = subprocess.Popen(words, **wishes)
        else:
            process = Forked(["songmake", *words], **wishes)
        _STARTED.add(process)
        return process

    def __call__(self, *words: str, timeout_s: float = 60, **options: Any) -> Ended:
        """Runs to its end; a process that does not end in time is killed and fails the test."""
        process = self.start(*words, **options)
        try:
            out, err = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"songmake {words} did not end:\n{out}\n{err}") from None
        assert "Traceback" not in err, err
        return Ended(code=process.returncode, out=out, err=err)

    def render(self, *words: str, timeout_s: float = 60, **options: Any) -> Ended:
        """``songmake render --yes``, asking often."""
        return self("render", "--yes", "--poll-interval", "0.05", *words,
                    timeout_s=timeout_s, **options)  # fmt: skip

    def document(self, path: str) -> dict[str, Any]:
        """A JSON document under ``outputs/``."""
        found = json.loads((self.project / "outputs" / path).read_text(encoding="utf-8"))
        assert isinstance(found, dict)
        return found

    def report(self, album: str = "album") -> dict[str, Any]:
        """An album's cost report."""
        return self.document(f"{album}/cost-report.json")

    def states(self, album: str = "album") -> dict[str, str]:
        """``song#take`` to state, from the cost report."""
        rows = self.report(album)["takes"]
        return {f"{row['song']}#{row['take']}": row["state"] for row in rows}
