"""Writes the static help: ``make reference`` calls it, the suite holds it against click's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from pipeline.cli.entry import HELP_FOLDER, OWN_WIDTH, help_file
from pipeline.cli.main import songmake


def help_texts() -> dict[Path, str]:
    """Every help text by its file, as click prints it at 80 columns."""
    root = _context(songmake, "songmake", None)
    return dict(_texts(songmake, root, []))


def write_help() -> None:
    """Brings the folder in step with the commands."""
    folder, wanted = Path(HELP_FOLDER), help_texts()
    folder.mkdir(exist_ok=True)
    for stale in set(folder.glob("*.txt")) - set(wanted):
        stale.unlink()
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8")


def _texts(
    command: click.Command, context: click.Context, names: list[str]
) -> Iterator[tuple[Path, str]]:
    yield Path(help_file(names)), f"{command.get_help(context)}\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            inside = _context(inner, name, context)
            yield from _texts(inner, inside, [*names, name])


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    settings: dict[str, Any] = {"terminal_width": OWN_WIDTH - 2, **command.context_settings}
    return click.Context(command, info_name=name, parent=parent, **settings)


if __name__ == "__main__":
    write_help()
