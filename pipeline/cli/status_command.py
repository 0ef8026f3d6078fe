"""``songmake status``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from pipeline.cli.options import (
    folder_options,
    json_option,
    manifests_argument,
    provider_option,
    select_option,
    store_option,
)
from pipeline.cli.plan_text import micro, status_lines
from pipeline.cli.session import load_workspace
from pipeline.core.documents.run_documents import status_document
from pipeline.core.money import price_text
from pipeline.core.sound.take_quality import Listening
from pipeline.core.wanted.selection import select as select_takes
from pipeline.runner.locks.refusing import refuse_unknown
from pipeline.runner.opening import snapshot


@click.command("status")
@manifests_argument
@select_option
@provider_option
@folder_options
@store_option
@json_option
def command(
    manifests: tuple[Path, ...],
    select: tuple[str, ...],
    provider: str | None,
    state: Path | None,
    output: Path | None,
    store: str | None,
    as_json: bool,
) -> None:
    """Every take's state and money, and the command that moves a stuck one on."""
    workspace = load_workspace(
        manifests, provider=provider, state=state, output=output, store=store, is_quiet=True
    )
    seen = snapshot(workspace, asks_store=False)
    takes = select_takes(workspace.takes, select, seen.ledger.states(workspace.takes))
    attempts = seen.attempts
    if select:
        refs = {take.ref for take in takes}
        attempts = tuple(found for found in seen.attempts if found.ref in refs)
    albums = [str(album.id) for album in workspace.albums]
    listening = Listening.of(workspace.takes, seen.ledger, seen.measurements)
    document = status_document(takes, seen.ledger, attempts, albums, listening)
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        _print(document, has_several_albums=len(albums) > 1)
    refuse_unknown(workspace, seen)


def _print(document: Mapping[str, Any], *, has_several_albums: bool) -> None:
    for line in status_lines(document["takes"], has_several_albums=has_several_albums):
        click.echo(line)
    totals = document["totals"]
    click.echo(
        f"charged {price_text(micro(totals['charged_usd']))}"
        f" · held {price_text(micro(totals['held_usd']))}"
        f" · in doubt {price_text(micro(totals['in_doubt_usd']))}"
    )
