"""``songmake`` on the PATH of a document's shell: asks for a fork, instead of loading the product.

Runs without site-packages. Signals go on to the command; its end is its own.
"""

import fcntl
import json
import os
import signal
import socket
import sys


def main() -> int:
    environment = dict(os.environ)
    line = socket.socket(fileno=int(environment.pop("DOCS_FORKER")))
    pids = environment.pop("DOCS_PIDS")
    ended, report = os.pipe()
    wish = {
        "words": ["songmake", *sys.argv[1:]],
        "folder": environment["PWD"],
        "environment": environment,
    }
    turn = os.open(pids, os.O_WRONLY | os.O_APPEND)
    fcntl.flock(turn, fcntl.LOCK_EX)  # two at once would take each other's answers
    socket.send_fds(line, [json.dumps(wish).encode()], [0, 1, 2, report])
    pid = int(line.recv(64))
    os.write(turn, f"{pid}\n".encode())
    os.close(turn)
    os.close(report)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, frame: os.kill(pid, number))
    told = int(os.read(ended, 64) or -signal.SIGKILL)
    return told if told >= 0 else 128 - told


sys.exit(main())
