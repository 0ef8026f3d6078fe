"""Row 7: what a song costs in an album of 10,000, beside one of 1,000; the curve is plotted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from benchmarks.albums import album_yaml
from benchmarks.bench import Bench
from benchmarks.measuring import quartiles, run
from benchmarks.row import Measured, Point, Row
from benchmarks.servers.serving import serving
from benchmarks.servers.wishes import Wishes

_SIZES = (100, 300, 1_000, 3_000, 10_000)
_QUICK = (100, 300, 1_000, 3_000)
_BASE = 1_000
_JOBS = "200"
_US = 1e6

_Cost = Callable[[Bench, int], float]  # the CPU seconds of an album of so many songs


def _plan(bench: Bench) -> Measured:
    return _slope(bench, "plan", _plan_cpu_s, rounds=bench.rounds_up_to(3))


def _render(bench: Bench) -> Measured:
    return _slope(bench, "render", _render_cpu_s, rounds=1)


def _slope(bench: Bench, series: str, cost_s: _Cost, *, rounds: int) -> Measured:
    sizes = _QUICK if bench.is_quick else _SIZES
    costs: dict[int, list[float]] = {songs: [] for songs in sizes}
    for turn in range(rounds):
        for songs in sizes if turn % 2 == 0 else reversed(sizes):
            costs[songs].append(cost_s(bench, songs) / songs * _US)
    largest = sizes[-1]
    ratios = [many / few for many, few in zip(costs[largest], costs[_BASE], strict=True)]
    low, middle, high = quartiles(ratios)
    return Measured(
        ratio=middle,
        low=low,
        high=high,
        ours=quartiles(costs[largest])[1],
        theirs=quartiles(costs[_BASE])[1],
        unit="µs",
        rounds=rounds,
        points=tuple(
            Point(series=series, songs=songs, cost=quartiles(costs[songs])[1]) for songs in sizes
        ),
    )


def _plan_cpu_s(bench: Bench, songs: int) -> float:
    """Nothing was bought yet: every song is planned and none is passed over."""
    folder = _album(bench, songs, "plan")
    argv: list[str | Path] = [bench.songmake, "plan", "--json"]
    return run(argv, cwd=folder, env=bench.env_with({"AIMLAPI_KEY": "none"})).cpu_s


def _render_cpu_s(bench: Bench, songs: int) -> float:
    """Bought, polled, fetched, stored, published, reported: generations that take no time."""
    folder = _album(bench, songs, "render")
    with serving(folder, Wishes(median_s=0.0, audio_bytes=8_000)) as served:
        argv: list[str | Path] = [
            bench.songmake,
            "render",
            "--yes",
            "--progress",
            "lines",
            "--jobs",
            _JOBS,
        ]
        argv += ["--poll-interval", "0.5"]
        return run(argv, cwd=folder, env=bench.env_with(served.env)).cpu_s


def _album(bench: Bench, songs: int, work: str) -> Path:
    folder = bench.scratch / f"{work}-{songs}"
    number = 1
    while folder.exists():
        folder, number = bench.scratch / f"{work}-{songs}-{number}", number + 1
    (folder / "manifests").mkdir(parents=True)
    (folder / "manifests" / "album.yaml").write_text(album_yaml(songs), encoding="utf-8")
    (folder / ".songmake").mkdir()
    return folder


ROWS = tuple(
    Row(
        number=7,
        work=f"{work}: µs a song at 10,000 songs / at 1,000",
        at_most=1.25,
        reach_for=1.1,
        measure=measure,
        reason=reason,
    )
    for work, measure, reason in (
        ("plan", _plan, ""),
        (
            "render",
            _render,
            "the lock is longer, and so is what the end of a run reads",
        ),
    )
)
