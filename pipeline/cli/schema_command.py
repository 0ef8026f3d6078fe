"""``songmake schema``."""

from __future__ import annotations

import json

import click

from pipeline.adapters.manifest.schema_files import load_album_schema


@click.command("schema")
def command() -> None:
    """Print the manifest's JSON Schema, for editors."""
    click.echo(json.dumps(load_album_schema(), indent=2, ensure_ascii=False))
