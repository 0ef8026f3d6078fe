"""The same work for songmake and its peers: N files, each from a source of its own, all up to date.

A builder brings its project there with its own program, as a user would, and returns what to
type in the folder to hear that there is nothing to do.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench import Bench


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """``argv`` is run in ``folder`` and finds nothing to do."""

    folder: Path
    argv: tuple[str, ...]


def project(name: str, songs: int, bench: Bench) -> Project:
    """The project of a builder here ("doit_project" …), kept between rows and runs."""
    folder = bench.kept / f"{name}-{songs}"
    folder.mkdir(parents=True, exist_ok=True)
    argv = importlib.import_module(f"{__name__}.{name}").build(folder, songs, bench)
    return Project(folder=folder, argv=tuple(argv))
