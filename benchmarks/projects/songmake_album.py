"""songmake: an album whose songs were all bought from the double of the API, and published."""

from __future__ import annotations

from pathlib import Path

from benchmarks.albums import album_yaml
from benchmarks.bench import Bench
from benchmarks.measuring import run
from benchmarks.projects.sources import once
from benchmarks.servers.serving import serving
from benchmarks.servers.wishes import Wishes


def build(folder: Path, songs: int, bench: Bench) -> list[str]:
    """What to type in ``folder`` to hear that nothing is to be done."""
    argv = [str(bench.songmake), "render"]

    def make() -> None:
        (folder / ".songmake").mkdir(exist_ok=True)
        (folder / "manifests").mkdir(exist_ok=True)
        (folder / "manifests" / "album.yaml").write_text(album_yaml(songs), encoding="utf-8")
        with serving(folder, Wishes(median_s=0.05, audio_bytes=16_000)) as served:
            buying = (*argv, "--yes", "--quiet", "--jobs", "200", "--poll-interval", "1")
            run(buying, cwd=folder, env=bench.env_with(served.env))

    once(folder, make)
    run(argv, cwd=folder, env=bench.env)  # another version than the builder's writes what differs
    return argv
