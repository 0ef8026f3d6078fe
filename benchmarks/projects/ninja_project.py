"""Ninja: an edge a target, up to date by its time."""

from __future__ import annotations

from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.measuring import run
from benchmarks.projects.sources import names, once, write_sources


def build(folder: Path, songs: int, bench: Bench) -> list[str]:
    """What to type in ``folder`` to hear that nothing is to be done."""
    argv = [str(bench.peers.ninja)]

    def make() -> None:
        write_sources(folder, songs)
        edges = "".join(f"build out/{name}.txt: copy in/{name}.txt\n" for name in names(songs))
        text = f"rule copy\n  command = cp $in $out\n{edges}"
        (folder / "build.ninja").write_text(text, encoding="utf-8")
        run(argv, cwd=folder, env=bench.env)

    once(folder, make)
    return argv
