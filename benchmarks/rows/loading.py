"""Rows 5 to 7 for manifests: from YAML text to what is known to satisfy the schema."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

import benchmarks
from benchmarks.albums import album_yaml
from benchmarks.bench import Bench
from benchmarks.measuring import cpu_s, paired, run
from benchmarks.row import Measured, Point, Row
from pipeline.adapters.manifest import (
    load_album_schema,
    load_manifest,
    load_profiles,
    schemas_folder,
)
from pipeline.adapters.manifest.load import MOST_MANIFEST_BYTES
from pipeline.adapters.manifest.quiet_collector import quiet_collector
from pipeline.adapters.manifest.schema_check import check_schema
from pipeline.adapters.manifest.source import Source, read_text
from pipeline.adapters.manifest.yaml_source import parse_yaml

FEW, MANY = 1_000, 10_000
QUICK = 10  # times fewer songs
SLOW_ROUNDS = 5  # of a peer that takes seconds
SIZES = (100, 300, 1_000, 3_000, 10_000)

_NAIVE = Path(benchmarks.__file__).with_name("naive_validate.py")
_SCHEMA = schemas_folder() / "album.schema.json"
_TAGS = "    tags: [night, house]\n"
_MORE = (
    "    audio: {format: mp3, sample_rate: 44100, bitrate: 256000}\n"
    "    takes: 1\n"
    "    credits: {lyrics: {ai: none, people: [A. Moreno]}}\n"
)


def _text(songs: int) -> str:
    """Songs of eight keys, two of them with keys of their own."""
    return album_yaml(songs).replace(_TAGS, _TAGS + _MORE)


def _manifest(bench: Bench, songs: int) -> Path:
    path = bench.scratch / f"windows-{songs}.yaml"
    if not path.exists():
        path.write_text(_text(songs), encoding="utf-8")
    return path


def _songs(bench: Bench, songs: int) -> int:
    return songs // QUICK if bench.is_quick else songs


def _checked(path: Path) -> None:
    source = Source(path.name, read_text(path, most_bytes=MOST_MANIFEST_BYTES))
    with quiet_collector():
        parsed = parse_yaml(source)
        assert parsed.root is not None
        checked = check_schema(parsed.root, load_album_schema(), source)
    assert not parsed.findings
    assert not checked.findings


def _checked_by_peers(path: Path) -> None:
    schema = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    assert not list(Draft202012Validator(schema).iter_errors(loaded))


def _loading(bench: Bench, *, songs: int, rounds: int | None = None) -> Measured:
    path = _manifest(bench, _songs(bench, songs))
    return paired(
        lambda: cpu_s(partial(_checked, path)) * 1000,
        lambda: cpu_s(partial(_checked_by_peers, path)) * 1000,
        rounds=bench.rounds if rounds is None else bench.rounds_up_to(rounds),
        unit="ms",
    )


def _telling_errors(bench: Bench) -> Measured:
    """Three errors far from each other; both processes find the same places."""
    songs = _songs(bench, FEW)
    path = bench.scratch / "three-errors.yaml"
    path.write_text(_with_errors(_text(songs), songs), encoding="utf-8")

    def ended(*argv: str | Path, code: int) -> Callable[[], float]:
        return lambda: run(argv, cwd=bench.scratch, env=bench.env, exits=(code,)).cpu_s * 1000

    return paired(
        ended(bench.songmake, "validate", path, code=2),
        ended(bench.python, _NAIVE, _SCHEMA, path, code=1),
        rounds=bench.rounds,
        unit="ms",
    )


def _with_errors(text: str, songs: int) -> str:
    for share, right, wrong in (
        (0.1, "    takes: 1\n", "    takes: many\n"),
        (0.5, "    tags: [night, house]\n", "    tag: [night, house]\n"),
        (0.9, "{format: mp3,", "{format: mp9,"),
    ):
        before, found, after = text.partition(f"  window-{int(songs * share):05d}:\n")
        text = before + found + after.replace(right, wrong, 1)
    return text


def _growing(bench: Bench) -> Measured:
    """A whole load, to an album: schema, lyrics, requests and digests."""
    profiles = load_profiles()

    def per_song_us(songs: int) -> float:
        path = _manifest(bench, songs)
        load = partial(load_manifest, path, profiles=profiles, provider=None, shown_as=path.name)
        return cpu_s(load) / songs * 1e6

    measured = paired(
        partial(per_song_us, _songs(bench, MANY)),
        partial(per_song_us, _songs(bench, FEW)),
        rounds=bench.rounds_up_to(SLOW_ROUNDS),
        unit="µs a song",
    )
    points = tuple(
        Point(
            series="load",
            songs=songs,
            cost=statistics.median(per_song_us(songs) for _ in range(3)),
        )
        for songs in (_songs(bench, size) for size in SIZES)
    )
    return replace(measured, points=points)


ROWS = (
    Row(
        number=5,
        work="load + validate 1,000 songs / CSafeLoader + Draft202012Validator",
        at_most=0.3,
        reach_for=0.2,
        measure=partial(_loading, songs=FEW),
    ),
    Row(
        number=5,
        work="load + validate 10,000 songs / CSafeLoader + Draft202012Validator",
        at_most=0.3,
        reach_for=0.2,
        measure=partial(_loading, songs=MANY, rounds=SLOW_ROUNDS),
    ),
    Row(
        number=6,
        work="validate, 3 errors at their places, 1,000 songs / compose + construct + jsonschema",
        at_most=0.6,
        reach_for=0.4,
        measure=_telling_errors,
        reason="two fifths of its time are starting Python, click, PyYAML and jsonschema, all but"
        " click as the peer does; a sixth is what the peer does not: reading every song, with its"
        " lyrics linted and its request held against the limits of its model",
    ),
    Row(
        number=7,
        work="load: µs a song at 10,000 / at 1,000",
        at_most=1.25,
        reach_for=1.1,
        measure=_growing,
    ),
)
