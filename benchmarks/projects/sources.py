"""What the peers' targets are made of, and how a project is built once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

_DONE = ".built"


def names(songs: int) -> list[str]:
    """The targets' names."""
    return [f"s{number:05d}" for number in range(songs)]


def write_sources(folder: Path, songs: int) -> None:
    """``in/NAME.txt`` for each target, of a song's size, and an empty ``out/``."""
    (folder / "in").mkdir(exist_ok=True)
    (folder / "out").mkdir(exist_ok=True)
    for name in names(songs):
        (folder / "in" / f"{name}.txt").write_text(f"{name}\n" * 250, encoding="utf-8")


def once(folder: Path, make: Callable[[], None]) -> None:
    """Calls ``make`` unless an earlier run ended it in this folder."""
    if not (folder / _DONE).exists():
        make()
        (folder / _DONE).touch()
