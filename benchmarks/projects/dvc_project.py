"""DVC: a stage a target, up to date by the MD5 of source and target as ``dvc.lock`` has them.

``dvc commit`` writes the lock and the cache of targets that are there, as ``dvc repro`` would
after running every stage.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.measuring import run
from benchmarks.projects.sources import names, once, write_sources


def build(folder: Path, songs: int, bench: Bench) -> list[str]:
    """What to type in ``folder`` to hear that nothing is to be done."""
    dvc = str(bench.peers.dvc)

    def make() -> None:
        write_sources(folder, songs)
        for name in names(songs):
            shutil.copyfile(folder / "in" / f"{name}.txt", folder / "out" / f"{name}.txt")
        (folder / "dvc.yaml").write_text(_stages(songs), encoding="utf-8")
        for words in (
            ("init", "--no-scm", "--force"),
            ("config", "core.analytics", "false"),
            ("config", "core.check_update", "false"),
            ("commit", "--force"),
        ):
            run([dvc, *words], cwd=folder, env=bench.env)

    once(folder, make)
    return [dvc, "status"]


def _stages(songs: int) -> str:
    stages = (
        f"  {name}:\n    cmd: cp in/{name}.txt out/{name}.txt\n"
        f"    deps: [in/{name}.txt]\n    outs: [out/{name}.txt]\n"
        for name in names(songs)
    )
    return "stages:\n" + "".join(stages)
