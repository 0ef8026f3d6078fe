"""The outcomes of a run as a JSON document, and back."""

from __future__ import annotations

import json
import os
import platform
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.bench import Bench
from benchmarks.outcome import Outcome
from benchmarks.row import Measured, Point, Row
from pipeline.version import __version__

LATEST = Path(__file__).with_name("results") / "latest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """``machine`` names what it was measured on; ``is_quick`` runs are for trying things out."""

    version: str
    machine: dict[str, str]
    is_quick: bool
    outcomes: tuple[Outcome, ...]


def to_json(outcomes: Sequence[Outcome], *, is_quick: bool) -> str:
    """The document, its rows as they were measured."""
    rows = [
        {
            **{name: getattr(one.row, name) for name in _GOALS},
            "measured": asdict(one.measured) if one.measured is not None else None,
            "error": one.error,
            "took_s": round(one.took_s, 1),
            "verdict": one.verdict,
        }
        for one in outcomes
    ]
    document = {
        "songmake": __version__,
        "machine": machine(),
        "is_quick": is_quick,
        "rows": rows,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


_GOALS = ("number", "work", "at_most", "reach_for", "is_at_least", "unit", "reason")


def from_json(text: str) -> Run:
    """The run that ``to_json`` wrote."""
    document = json.loads(text)
    return Run(
        version=document["songmake"],
        machine=document["machine"],
        is_quick=document["is_quick"],
        outcomes=tuple(_outcome(row) for row in document["rows"]),
    )


def _outcome(row: dict[str, Any]) -> Outcome:
    return Outcome(
        row=Row(**{name: row[name] for name in _GOALS}, measure=_again),
        measured=None if row["measured"] is None else _measured(row["measured"]),
        error=row["error"],
        took_s=row["took_s"],
    )


def _measured(figures: dict[str, Any]) -> Measured:
    points = tuple(Point(**point) for point in figures["points"])
    return Measured(**{**figures, "points": points})


def _again(bench: Bench) -> Measured:
    raise RuntimeError("a row that was read cannot be measured again; hint: make bench")


def machine() -> dict[str, str]:
    """What a figure depends on, as far as this machine tells."""
    return {
        "cores": str(len(os.sched_getaffinity(0))),
        "processor": _named("/proc/cpuinfo", r"model name\s*: (.+)"),
        "memory_gib": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f}",
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }


def _named(path: str, pattern: str) -> str:
    try:
        found = re.search(pattern, Path(path).read_text(encoding="utf-8"))
    except OSError:
        return "unknown"
    return found[1].strip() if found is not None else "unknown"
