"""The SQL files, read by name."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

SCHEMA_VERSION = 7


@cache
def statements() -> dict[str, str]:
    """Statement by the name in its ``-- name:`` line."""
    text = _read("queries.sql")
    parts = [part.partition("\n") for part in text.split("-- name: ")[1:]]
    return {name.strip(): body.strip() for name, _, body in parts}


def migration(version: int) -> str:
    """The script that brings a journal from ``version - 1`` to ``version``."""
    return _read(f"migration_{version:04d}.sql")


def _read(name: str) -> str:
    return (files("pipeline.adapters.journal") / "sql" / name).read_text(encoding="utf-8")
