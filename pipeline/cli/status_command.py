"""``songmake status``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from pipeline.cli.budget_text import budget_lines
from pipeline.cli.messages import show
from pipeline.cli.options import (
    folder_options,
    json_option,
    manifests_argument,
    provider_option,
    select_option,
    setting,
    store_option,
)
from pipeline.cli.painting import painter, terminal_width
from pipeline.cli.sections import Command
from pipeline.cli.session import load_workspace
from pipeline.cli.status_text import StatusPage
from pipeline.core.documents.status_document import status_document
from pipeline.core.money import microusd_of, price_text
from pipeline.core.sound.take_quality import Listening
from pipeline.core.wanted.selection import select as select_takes
from pipeline.runner.locks.refusing import refuse_unknown
from pipeline.runner.opening import Snapshot, snapshot
from pipeline.runner.outputs.presence import absent_takes
from pipeline.runner.render.preparing import committed_by_album
from pipeline.runner.workspace import Workspace


@click.command("status", cls=Command)
@manifests_argument
@select_option
@provider_option
@folder_options
@store_option
@setting("--all", "shows_all", is_flag=True, help="List every take and every earlier attempt.")
@json_option
def command(
    manifests: tuple[Path, ...],
    select: tuple[str, ...],
    provider: str | None,
    state: Path | None,
    output: Path | None,
    store: str | None,
    shows_all: bool,
    as_json: bool,
) -> None:
    """Every take's state and money, and the command that moves a stuck one on.

    What needs a person comes first. Where there are many takes with nothing to say, and earlier
    attempts, they are counted; --all lists them.
    """
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
    absent = absent_takes(workspace, seen.ledger, seen.publications)
    document = status_document(takes, seen.ledger, attempts, albums, listening, absent)
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        page = StatusPage(width=terminal_width(), paint=painter(), shows_all=shows_all)
        for line in page.lines(document):
            show(line)
        for line in _money(workspace, seen, document, page.width):
            show(line)
    refuse_unknown(workspace, seen)


def _money(
    workspace: Workspace, seen: Snapshot, document: Mapping[str, Any], width: int
) -> Iterator[str]:
    committed = committed_by_album(workspace, seen.attempts)
    used = {str(album): amount for album, amount in committed.items()}
    yield from budget_lines(workspace.albums, used, {}, width=width)
    totals = document["totals"]
    parts = (("charged", "charged"), ("held", "held"), ("in_doubt", "in doubt"))
    yield " · ".join(
        f"{word} {price_text(microusd_of(totals[f'{name}_usd']))}" for name, word in parts
    )
