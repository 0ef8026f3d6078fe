"""A process that has loaded a program and forks a copy of itself whenever that is asked for.

Its argument is the program. Standard input is a Unix socket. A message is a JSON object with
``words`` (the program's name is the first), ``folder`` and ``environment``; with it come four
descriptors: the copy's standard streams, and a pipe that gets the copy's return code (negative: the
signal that ended it) when it has ended. The answer is its process id. When the socket closes, this
process ends; copies that still run go on without it.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import select
import signal
import socket
import sys
import threading
from contextlib import suppress
from typing import Any

from tests.forking.programs import LOADERS

_LARGEST_BYTES = 1 << 20


def _serve(line: socket.socket, ended: int) -> bool:
    """Fork until the other side is gone: False; True in a copy, which is the program."""
    reports: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([line, ended], [], [])
        if ended in ready:
            os.read(ended, 4096)
            _report(reports)
        if line in ready:
            message, descriptors, _, _ = socket.recv_fds(line, _LARGEST_BYTES, 4)
            if not message:
                return False
            pid = os.fork()
            if pid == 0:
                _become(json.loads(message), descriptors[:3])
                return True
            for descriptor in descriptors[:3]:
                os.close(descriptor)
            reports[pid] = descriptors[3]
            line.send(str(pid).encode())


def _report(reports: dict[int, int]) -> None:
    while reports:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        report = reports.pop(pid)
        with suppress(BrokenPipeError):  # whoever asked may have ended
            os.write(report, str(os.waitstatus_to_exitcode(status)).encode())
        os.close(report)


def _become(wish: dict[str, Any], streams: list[int]) -> None:
    """Turn this copy into the program: its streams, folder, environment and signals."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.chdir(wish["folder"])
    os.environ.clear()
    os.environ.update(wish["environment"])
    sys.argv = wish["words"]
    sys.stdin = open(0, encoding=sys.stdin.encoding, errors=sys.stdin.errors)  # noqa: SIM115
    for name, number in (("stdout", 1), ("stderr", 2)):
        old = getattr(sys, name)
        is_at_once = number == 2 or os.isatty(number)
        stream = os.fdopen(
            number, "w", encoding=old.encoding, errors=old.errors,
            buffering=1 if is_at_once else -1,
        )  # fmt: skip
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _wait_for_wishes() -> bool:
    line = socket.socket(fileno=os.dup(0))
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.set_wakeup_fd(wake)
    # What is loaded stays: a copy that looked through it for rubbish would copy every page.
    gc.collect()
    gc.freeze()
    is_copy = _serve(line, ended)
    line.detach()
    return is_copy


def _leave(code: int) -> None:
    """End as Python does, but for taking every loaded module apart: more work than most commands.

    Threads are waited for, and what was to be done at the end is done. Where the streams cannot be
    flushed this returns, for Python to say so in its way.
    """
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _run(program: str) -> None:
    main = LOADERS[program]()
    if not _wait_for_wishes():
        return
    try:
        main()
    except SystemExit as end:
        if isinstance(end.code, int):
            _leave(end.code)
        raise


if __name__ == "__main__":
    _run(sys.argv[1])
