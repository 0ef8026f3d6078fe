"""A shell that stays open for a document: what is exported, and where one stands, is kept."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.forking.started import forker

_SHIM = Path(__file__).with_name("songmake_shim.py")
_DEADLINE_S = 60.0


class Shell:
    """``bash`` in a folder; ``songmake`` is found first on its PATH."""

    def __init__(self, folder: Path, environment: dict[str, str], *, aside: Path) -> None:
        self._aside = aside
        self._count = 0
        self._pids = aside / "pids"
        self._pids.touch()
        bin_ = aside / "bin"
        bin_.mkdir()
        add_command(bin_ / "songmake")
        line = forker("songmake")
        told, tell = os.pipe()
        self._told = told
        self._bash = subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-s", str(tell)],
            cwd=folder,
            env={
                **environment,
                "PATH": f"{bin_}:/usr/local/bin:/usr/bin:/bin",
                "DOCS_FORKER": str(line.fileno()),
                "DOCS_PIDS": str(self._pids),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(line.fileno(), tell),
            text=True,
        )
        os.close(tell)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for pid in self.pids():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert self._bash.stdin is not None
        self._bash.stdin.close()
        try:
            self._bash.wait(5)
        except subprocess.TimeoutExpired:
            self._bash.kill()
            self._bash.wait()
        os.close(self._told)

    def pids(self) -> list[int]:
        """Of every ``songmake`` that was started, oldest first."""
        return [int(line) for line in self._pids.read_text().split()]

    def type(self, text: str, *, until: Callable[[str], bool] | None = None,
             number: signal.Signals = signal.SIGKILL) -> tuple[int, str]:  # fmt: skip
        """A command's exit code and all that it printed.

        With ``until`` (which is given what was printed so far) the last ``songmake`` gets a signal
        once it holds; a command that ends with ``&`` is only waited for until then.
        """
        self._count += 1
        printed = self._aside / f"printed-{self._count}"
        before = len(self.pids())
        assert self._bash.stdin is not None
        self._bash.stdin.write(f"{{ {text}\n}} </dev/null >{printed} 2>&1; echo $? >&$1\n")
        self._bash.stdin.flush()
        is_left_running = text.split("#")[0].rstrip().endswith("&")
        code = self._code() if is_left_running else None
        if until is not None:
            self._wait(printed, until, before)
            if not is_left_running:
                os.kill(self.pids()[-1], number)
        code = self._code() if code is None else code
        return code, printed.read_text(encoding="utf-8")

    def _wait(self, printed: Path, until: Callable[[str], bool], before: int) -> None:
        end = time.monotonic() + _DEADLINE_S
        while True:
            text = printed.read_text(encoding="utf-8") if printed.exists() else ""
            if len(self.pids()) > before and until(text):
                return
            assert time.monotonic() < end, f"it never came to that:\n{text}"
            time.sleep(0.005)

    def _code(self) -> int:
        ready, _, _ = select.select([self._told], [], [], _DEADLINE_S)
        assert ready, "a command does not end"
        return int(os.read(self._told, 64))


def add_command(path: Path) -> None:
    """Makes a file that is ``songmake`` for a shell of this kind."""
    path.write_text(f'#!/bin/sh\nexec {sys.executable} -SE {_SHIM} "$@"\n', encoding="utf-8")
    path.chmod(0o755)
