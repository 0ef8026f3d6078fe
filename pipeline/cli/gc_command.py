"""``songmake gc``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from pipeline.cli.messages import print_hint
from pipeline.cli.options import (
    folder_options,
    json_option,
    manifests_argument,
    setting,
    store_option,
)
from pipeline.cli.sections import Command
from pipeline.cli.session import load_workspace
from pipeline.core.documents.gc_document import gc_document
from pipeline.core.findings.phrases import counted, size_text
from pipeline.runner.clock import Clock
from pipeline.runner.rebuild.clearing import clear

DEFAULT_DAYS = 90


@click.command("gc", cls=Command)
@manifests_argument
@click.option("--delete", is_flag=True, help="Remove what is listed as removable.")
@setting(
    "--older-than",
    type=click.IntRange(0, 36_500),
    default=DEFAULT_DAYS,
    show_default=True,
    metavar="DAYS",
    help="Keep everything that the journal has a newer word about.",
)
@folder_options
@store_option
@json_option
def command(
    manifests: tuple[Path, ...],
    delete: bool,
    older_than: int,
    state: Path | None,
    output: Path | None,
    store: str | None,
    as_json: bool,
) -> None:
    """List what nothing refers to: store, partial, waiting, quarantine. Sends nothing.

    What is wanted, published, under way, in doubt, in a lock file or in the journal's last DAYS
    is never removed. Name every album that still matters: what other manifests want is not seen.
    """
    workspace = load_workspace(manifests, state=state, output=output, store=store, is_quiet=True)
    cleared = clear(workspace, older_than_days=older_than, is_deleting=delete, clock=Clock())
    document = gc_document(
        cleared.found, older_than_days=older_than, is_deleted=delete, kept=cleared.kept
    )
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    for line in _lines(document):
        click.echo(line)
    if document["totals"]["removable_files"] and not delete:
        days = "" if older_than == DEFAULT_DAYS else f" --older-than {older_than}"
        print_hint(f"to remove what is removable: songmake gc --delete{days}")


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    yield from map(_line, document["unreferenced"])
    if document["foreign"]:
        yield "unknown to the journal:"
        yield from map(_line, document["foreign"])
    totals = document["totals"]
    verb = "removed" if document["is_deleted"] else "removable"
    yield (
        f"{counted(totals['removable_files'], 'file')} {verb},"
        f" {size_text(totals['removable_bytes'])};"
        f" {counted(totals['referenced_files'], 'file')} in use"
    )


def _line(row: Mapping[str, Any]) -> str:
    aside = "" if row["is_removable"] else " (stays)"
    return f"{row['path']}  {size_text(row['bytes'])}  {row['why']}{aside}"
