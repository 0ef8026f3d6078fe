"""``songmake schema``."""

from __future__ import annotations

import click

from pipeline.adapters.manifest.schema_files import album_schema_text


@click.command("schema")
def command() -> None:
    """Print the manifest's JSON Schema, for editors."""
    click.echo(album_schema_text(), nl=False)
