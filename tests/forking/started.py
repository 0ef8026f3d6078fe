"""The other side of :mod:`tests.forking.__main__`: asks for copies, and waits for them.

A copy is a process with an id of its own, that signals reach and ``kill -9`` ends; what it is
spared are the 0.4 s in which Python loads modules. Whoever looks at ``/proc/PID/cmdline`` or at
memory needs a real start.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]


class Forked(subprocess.Popen[str]):
    """A program that was forked; for its owner a :class:`subprocess.Popen` like any other.

    ``args`` are its name, one of :data:`tests.forking.programs.LOADERS`, and its words; ``cwd`` and
    ``env`` must be given.
    """

    def _execute_child(  # type: ignore[override]
        self, args, executable, preexec_fn, close_fds, pass_fds, cwd, env, startupinfo,
        creationflags, shell, p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, *others,
    ) -> None:  # fmt: skip
        self._report, report = os.pipe()
        wish = {"words": args, "folder": str(cwd), "environment": env}
        pipes = (p2cread, c2pwrite, errwrite)
        streams = [own if own != -1 else number for number, own in enumerate(pipes)]
        try:
            line = forker(args[0])
            socket.send_fds(line, [json.dumps(wish).encode()], [*streams, report])
            self.pid = int(line.recv(64))
            self._child_created = True
        finally:
            os.close(report)
            self._close_pipe_fds(  # type: ignore[attr-defined]
                p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite
            )

    def _wait(self, timeout: float | None) -> int:
        if self.returncode is None:
            ready, _, _ = select.select([self._report], [], [], timeout)
            if not ready:
                raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
            told = os.read(self._report, 64)
            os.close(self._report)
            # Without a word: the process that forks was killed, and nobody knows.
            self.returncode = int(told) if told else -signal.SIGKILL
        return self.returncode

    def _internal_poll(self, _deadstate: int | None = None, **others: Any) -> int | None:
        try:
            return self._wait(0)
        except subprocess.TimeoutExpired:
            return None


@cache
def forker(program: str) -> socket.socket:
    """The socket to the process that forks a program: one, from the first use to pytest's end."""
    # -S: nothing installed is needed, and the start is faster.
    options = ["-S"] if program == "vendor" else []
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        os.posix_spawn(
            sys.executable, [sys.executable, *options, "-m", "tests.forking", program],
            {**os.environ, "PYTHONPATH": str(_ROOT)},
            file_actions=[(os.POSIX_SPAWN_DUP2, theirs.fileno(), 0)],
        )  # fmt: skip
    return ours
