"""Row 13: the wall time of a whole command that buys 1,000 songs, 50 at a time, 2 s or so each."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

from benchmarks.albums import album_yaml
from benchmarks.bench import Bench
from benchmarks.measuring import paired, run
from benchmarks.row import Measured, Row
from benchmarks.servers.serving import serving
from benchmarks.servers.wishes import Wishes

_SONGS, _QUICK_SONGS = 1_000, 200
_SLOTS = 50
_GENERATION_S = 2.0
_WISHES = Wishes(median_s=_GENERATION_S, slots=_SLOTS, audio_bytes=200_000)
_SPREAD_WISHES = replace(_WISHES, sigma=0.3)  # the same times for both: they come from its seed
_ROOT = Path(__file__).resolve().parents[2]


def _by_ideal(bench: Bench) -> Measured:
    """The ideal keeps every slot busy from the first moment on, and ends with the last song."""
    songs = _songs(bench)
    ideal_s = songs * _GENERATION_S / _SLOTS
    ours = partial(_songmake_s, bench, songs)
    return paired(ours, lambda: ideal_s, rounds=bench.rounds_up_to(3), unit="s", warm_ups=0)


def _by_plain_loop(bench: Bench, wishes: Wishes = _WISHES) -> Measured:
    songs = _songs(bench)
    ours = partial(_songmake_s, bench, songs, wishes)
    theirs = partial(_plain_s, bench, songs, wishes)
    return paired(ours, theirs, rounds=bench.rounds_up_to(3), unit="s", warm_ups=0)


def _songs(bench: Bench) -> int:
    return _QUICK_SONGS if bench.is_quick else _SONGS


def _songmake_s(bench: Bench, songs: int, wishes: Wishes = _WISHES) -> float:
    """Loading, planning, buying, checking, storing, publishing and the pages, durable."""
    folder = _folder(bench, "songmake")
    (folder / "manifests").mkdir()
    (folder / "manifests" / "album.yaml").write_text(album_yaml(songs), encoding="utf-8")
    (folder / ".songmake").mkdir()
    with serving(folder, wishes) as served:
        argv: list[str | Path] = [
            bench.songmake,
            "render",
            "--yes",
            "--quiet",
            "--jobs",
            str(_SLOTS),
        ]
        return run(argv, cwd=folder, env=bench.env_with(served.env)).wall_s


def _plain_s(bench: Bench, songs: int, wishes: Wishes) -> float:
    folder = _folder(bench, "plain")
    with serving(folder, wishes) as served:
        argv: list[str | Path] = [
            bench.python,
            "-m",
            "benchmarks.plain_loop",
            served.api_url,
            str(songs),
            folder,
        ]
        return run(argv, cwd=_ROOT, env=bench.env).wall_s


def _folder(bench: Bench, name: str) -> Path:
    return Path(mkdtemp(prefix=f"{name}-", dir=bench.scratch))


ROWS = (
    Row(
        number=13,
        work="wall of 1,000 songs, 50 slots, 2 s each, 200 KB files / ideal",
        at_most=1.10,
        reach_for=1.04,
        measure=_by_ideal,
        reason="of 45 s, 0.4 are starting, 1.6 the last tags, reports and pages; the first fifty "
        "are seen 0.2 s late, as nothing is learned yet, others 0.04, and fifty at a time come "
        "in bursts",
    ),
    Row(
        number=13,
        work="wall of the same / plain asyncio and httpx, a poll a second",
        at_most=0.70,
        reach_for=0.60,
        measure=_by_plain_loop,
        reason="its second look comes just after 2 s: it takes 1.05 times the ideal itself",
    ),
    Row(
        number=13,
        work="wall of 1,000 songs of 2 s with a spread (log-normal, σ 0.3) / the plain loop",
        at_most=0.70,
        reach_for=0.60,
        measure=partial(_by_plain_loop, wishes=_SPREAD_WISHES),
        reason="the loop takes 1.33 times the ideal: 0.70 of that is below it, and 0.75 the least",
    ),
)
