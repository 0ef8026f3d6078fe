"""Rows 10 and 11: files from the CDN, hashed and checked on their way to the disk."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.measuring import paired, quartiles, run
from benchmarks.row import Measured, Row
from benchmarks.servers.serving import Served, serving
from benchmarks.servers.wishes import Wishes

FILES, AT_ONCE, FILE_BYTES = 15, 4, 20 << 20
MANY_AT_ONCE, LARGE_BYTES = 8, 50_000_000
ROUNDS = 5
_ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def _emptied(bench: Bench) -> Iterator[Path]:
    folder = bench.scratch / "fetched"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _songmake(bench: Bench, served: Served, files: int, at_once: int) -> dict[str, float]:
    authority = [str(served.authority)] if served.authority is not None else []
    with _emptied(bench) as folder:
        ran = subprocess.run(
            [bench.python, "-m", "benchmarks.clients.downloads", served.cdn_url, str(folder),
             str(files), str(at_once), *authority],
            cwd=_ROOT, env=bench.env, stdout=subprocess.PIPE, check=True,
        )  # fmt: skip
    figures: dict[str, float] = json.loads(ran.stdout)
    return figures


def _curl(bench: Bench, served: Served) -> float:
    authority = ["--cacert", str(served.authority)] if served.authority is not None else []
    with _emptied(bench) as folder:
        wanted = [
            word
            for number in range(FILES)
            for word in ("-o", f"{number}.mp3", f"{served.cdn_url}/audio/{number}.mp3")
        ]
        argv: list[str | Path] = [bench.peers.curl, "-q", "--silent", "--show-error", "--fail"]
        argv += ["--noproxy", "*", "--parallel", "--parallel-max", str(AT_ONCE)]
        argv += [*authority, *wanted]
        used = run(argv, cwd=folder, env=bench.env)
        came_bytes = sum(path.stat().st_size for path in folder.iterdir())
    return used.cpu_s / (came_bytes / 1e9)


def _against_curl(bench: Bench, *, is_tls: bool) -> Measured:
    with serving(bench.scratch, Wishes(audio_bytes=FILE_BYTES, is_tls=is_tls)) as served:
        return paired(
            lambda: _songmake(bench, served, FILES, AT_ONCE)["cpu_s_a_gb"],
            partial(_curl, bench, served),
            rounds=bench.rounds_up_to(ROUNDS),
            unit="s/GB",
        )


def _growth(bench: Bench) -> Measured:
    rounds = bench.rounds_up_to(ROUNDS)
    with serving(bench.scratch, Wishes(audio_bytes=LARGE_BYTES)) as served:
        grown = [
            _songmake(bench, served, MANY_AT_ONCE, MANY_AT_ONCE)["growth_mib"]
            for _ in range(rounds)
        ]
    low, middle, high = quartiles(grown)
    return Measured(
        ratio=middle,
        low=low,
        high=high,
        ours=statistics.median(grown),
        theirs=0.0,
        unit="MiB",
        rounds=rounds,
    )


ROWS = (
    *(
        Row(
            number=10,
            work=f"a GB by {scheme}, hashed / curl --parallel",
            at_most=at_most,
            reach_for=1.0,
            measure=partial(_against_curl, is_tls=scheme == "https"),
            reason="sha256 alone takes 0.5 s/GB, and curl checks nothing",
        )
        for scheme, at_most in (("http", 2.7), ("https", 4.2))
    ),
    Row(
        number=11,
        work="memory growth, 8 downloads of 50 MB at once",
        at_most=24,
        reach_for=12,
        unit="MiB",
        measure=_growth,
    ),
)
