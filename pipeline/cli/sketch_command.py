"""``songmake sketch``: the embedded engine."""

from __future__ import annotations

import click

from pipeline.cli import sketch_explain_command, sketch_render_command, sketch_serve_command


@click.group("sketch")
def command() -> None:
    """The embedded engine: free, offline sketches of songs."""


command.add_command(sketch_render_command.command)
command.add_command(sketch_explain_command.command)
command.add_command(sketch_serve_command.command)
