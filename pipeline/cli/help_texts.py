"""Writes the static help: ``make reference`` calls it, the suite holds it against click's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from pipeline.cli.entry import HELP_FOLDER, OWN_WIDTH, help_file
from pipeline.cli.main import songmake


def help_texts() -> dict[Path, str]:
    """Every help text by its file, as click prints it at 80 columns."""
    root = click.Context(songmake, info_name="songmake", **_settings(songmake))
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
            inside = click.Context(inner, info_name=name, parent=context, **_settings(inner))
            yield from _texts(inner, inside, [*names, name])


def _settings(command: click.Command) -> dict[str, object]:
    return {"terminal_width": OWN_WIDTH - 2, **command.context_settings}


if __name__ == "__main__":
    write_help()
