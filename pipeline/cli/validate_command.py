"""``songmake validate``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from pipeline.cli.messages import print_diagnostics
from pipeline.cli.options import json_option, manifests_argument, provider_option, select_option
from pipeline.cli.reading import read_all, refuse_errors
from pipeline.cli.sections import Command
from pipeline.core.findings.phrases import counted
from pipeline.runner.reading import Reading


@click.command("validate", cls=Command)
@manifests_argument
@select_option
@provider_option
@json_option
def command(
    manifests: tuple[Path, ...], select: tuple[str, ...], provider: str | None, as_json: bool
) -> None:
    """Check manifests: syntax, schema, model limits, lyrics. Reads no state, sends nothing."""
    reading = read_all(manifests, provider)
    if as_json:
        click.echo(json.dumps(_document(reading), ensure_ascii=False, indent=2))
    else:
        print_diagnostics(reading.diagnostics)
    refuse_errors(reading)
    if select:
        _check_selection(reading, select)
    if not as_json:
        for line in _lines(reading):
            click.echo(line)


def _check_selection(reading: Reading, words: tuple[str, ...]) -> None:
    # Takes and their states take longer to load than a small album to check.
    from pipeline.core.purchase.attempt import State
    from pipeline.core.wanted.selection import select
    from pipeline.core.wanted.takes import wanted_takes

    takes = [
        take for album in reading.albums or () for take in wanted_takes(album, reading.profiles)
    ]
    select(takes, words, {take.ref: State.PLANNED for take in takes})


def _lines(reading: Reading) -> list[str]:
    lines = []
    for album in reading.albums or ():
        takes = sum(song.takes for song in album.songs)
        songs = len(album.songs)
        lines.append(
            f"{album.source}: valid: {counted(songs, 'song')}, "
            f"{counted(takes, 'take')}, provider {album.provider.value}"
        )
    return lines


def _document(reading: Reading) -> dict[str, object]:
    return {
        "schema": "songmake/validation/1",
        "is_valid": reading.albums is not None,
        "findings": [
            {
                "severity": found.severity.value,
                "file": found.file,
                "line": found.position.line,
                "column": found.position.column,
                "message": found.message,
                "hint": found.hint,
            }
            for found in reading.diagnostics
        ],
    }
