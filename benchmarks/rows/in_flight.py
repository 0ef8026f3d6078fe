"""Row 9: the memory of a run while the provider works on one song, a thousand and ten thousand."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.albums import album_yaml
from benchmarks.bench import Bench
from benchmarks.measuring import quartiles
from benchmarks.row import Measured, Row
from benchmarks.servers.serving import Served, serving
from benchmarks.servers.wishes import Wishes

_MIB = 1 << 20
_SONGS = 1_000  # of the album, however many of them are in flight
_LONGER_S = 3600.0  # than anybody waits: nothing ends while it is looked at
_SETTLING_S = 3.0  # after the last submission: what is written behind is written
_PATIENCE_S = 1200.0


def _difference(bench: Bench) -> Measured:
    """The same album with a thousand in flight and with one; what is loaded is loaded in both."""
    pairs = []
    for _ in range(bench.rounds_up_to(3)):
        one, thousand = (_in_flight(bench, _SONGS, jobs) for jobs in (1, _SONGS))
        pairs.append((thousand / _MIB, one / _MIB))
    low, middle, high = quartiles([many - one for many, one in pairs])
    return Measured(
        ratio=middle,
        low=low,
        high=high,
        ours=quartiles([many for many, _ in pairs])[1],
        theirs=quartiles([one for _, one in pairs])[1],
        unit="MiB",
        rounds=len(pairs),
    )


def _total(bench: Bench, songs: int) -> Measured:
    held = _in_flight(bench, songs, songs) / _MIB
    return Measured(ratio=held, low=held, high=held, ours=held, theirs=0.0, unit="MiB", rounds=1)


def _in_flight(bench: Bench, songs: int, jobs: int) -> int:
    """Bytes that the process holds (resident) once ``jobs`` of an album's songs are in flight."""
    folder = bench.scratch / f"{songs}-{jobs}-{time.monotonic_ns()}"
    (folder / "manifests").mkdir(parents=True)
    (folder / "manifests" / "album.yaml").write_text(album_yaml(songs), encoding="utf-8")
    (folder / ".songmake").mkdir()
    with (
        serving(folder, Wishes(median_s=_LONGER_S)) as served,
        _running(bench, folder, jobs, served) as pid,
    ):
        _wait_for(served, jobs)
        time.sleep(_SETTLING_S)
        return _resident_bytes(pid)


@contextmanager
def _running(bench: Bench, folder: Path, jobs: int, served: Served) -> Iterator[int]:
    argv: list[str | Path] = [bench.songmake, "render", "--yes", "--quiet", "--jobs", str(jobs)]
    argv += ["--poll-interval", "15"]
    with subprocess.Popen(
        argv,
        cwd=folder,
        env=bench.env_with(served.env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield process.pid
        finally:
            process.kill()


def _wait_for(served: Served, accepted: int) -> None:
    until_s = time.monotonic() + _PATIENCE_S
    while served.counts().accepted < accepted:
        if time.monotonic() > until_s:
            raise TimeoutError(f"not {accepted} songs were submitted in {_PATIENCE_S:.0f} s")
        time.sleep(0.5)


def _resident_bytes(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


ROWS = (
    Row(
        number=9,
        work="memory, 1,000 in flight less 1 (resident, the same album)",
        at_most=15.0,
        reach_for=8.0,
        measure=_difference,
        unit="MiB",
    ),
    Row(
        number=9,
        work="memory of the whole process, 10,000 in flight (resident)",
        at_most=100.0,
        reach_for=70.0,
        measure=partial(_total, songs=10_000),
        unit="MiB",
        reason="about 4 KB a song (1.4 of them its words, 1 its line of the lock and its ids) over "
        "45 MiB of interpreter, imports and certificates; the rest is what loading left in pools "
        "that are half used",
    ),
)
