"""doit: a task a target, up to date by the time, else the MD5, of its source."""

from __future__ import annotations

from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.measuring import run
from benchmarks.projects.sources import once, write_sources

_DODO = """\
import shutil


def copy(source, target):
    shutil.copyfile(source, target)


def task_song():
    for number in range({songs}):
        source, target = f"in/s{{number:05d}}.txt", f"out/s{{number:05d}}.txt"
        yield {{
            "name": str(number),
            "file_dep": [source],
            "targets": [target],
            "actions": [(copy, [source, target])],
        }}
"""


def build(folder: Path, songs: int, bench: Bench) -> list[str]:
    """What to type in ``folder`` to hear that nothing is to be done."""
    argv = [str(bench.peers.doit)]

    def make() -> None:
        write_sources(folder, songs)
        (folder / "dodo.py").write_text(_DODO.format(songs=songs), encoding="utf-8")
        run(argv, cwd=folder, env=bench.env)

    once(folder, make)
    return argv
