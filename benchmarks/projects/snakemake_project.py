"""Snakemake: one rule with a wildcard, up to date by times and provenance.

The targets are copied and then recorded by ``snakemake --touch``, which leaves what a run leaves:
a run starts a process for each of them.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.measuring import run
from benchmarks.projects.sources import names, once, write_sources

_SNAKEFILE = """\
rule all:
    input: [f"out/s{{number:05d}}.txt" for number in range({songs})]

rule copy:
    input: "in/{{name}}.txt"
    output: "out/{{name}}.txt"
    shell: "cp {{input}} {{output}}"
"""


def build(folder: Path, songs: int, bench: Bench) -> list[str]:
    """What to type in ``folder`` to hear that nothing is to be done."""
    argv = [str(bench.peers.snakemake), "--cores", "1"]

    def make() -> None:
        write_sources(folder, songs)
        for name in names(songs):
            shutil.copyfile(folder / "in" / f"{name}.txt", folder / "out" / f"{name}.txt")
        (folder / "Snakefile").write_text(_SNAKEFILE.format(songs=songs), encoding="utf-8")
        run([*argv, "--touch"], cwd=folder, env=bench.env)

    once(folder, make)
    return argv
