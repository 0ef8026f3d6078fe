"""A process that has loaded ``songmake`` and forks a copy of itself for every command asked for.

Standard input is a Unix socket. A message is a JSON object with ``words``, ``folder`` and
``environment``; with it come four descriptors: the command's standard streams, and a pipe that gets
the command's return code (negative: the signal that ended it) when it has ended. The answer is its
process id. When the socket closes, this process ends; commands that still run go on without it.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pipeline
from pipeline.adapters.aimlapi.trust import trust

_LARGEST_BYTES = 1 << 20
# Loaded at the first use by the product: by commands that send, check schemas or decode.
_USED_LATER = (
    "anyio._backends._asyncio", "anyio.streams.tls", "asyncio.subprocess", "difflib", "html",
    "httpcore", "httpx", "jsonschema", "miniaudio", "sqlite3", "tqdm", "yaml",
)  # fmt: skip


def _load_everything() -> None:
    for name in (*_modules(), *_USED_LATER):
        importlib.import_module(name)
    trust(of_environment=False)


def _modules() -> Iterator[str]:
    """The product's modules but the engine, which has threads and is a process of its own."""
    for found in pkgutil.walk_packages(pipeline.__path__, "pipeline."):
        if not found.name.startswith(("pipeline.sketch", "pipeline.__main__")):
            yield found.name


def _serve(line: socket.socket, ended: int) -> bool:
    """Fork until the other side is gone: False; True in a child, which is the command."""
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
    """Turn this copy into the command: its streams, folder, environment and signals."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.chdir(wish["folder"])
    os.environ.clear()
    os.environ.update(wish["environment"])
    sys.argv = ["songmake", *wish["words"]]
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
    _load_everything()
    is_child = _serve(line, ended)
    line.detach()
    return is_child


if __name__ == "__main__" and _wait_for_wishes():
    from pipeline.cli.main import main

    main()
