"""``songmake report``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from pipeline.cli.messages import print_warning
from pipeline.cli.options import folder_options, json_option, manifests_argument, store_option
from pipeline.cli.session import folders_of, load_workspace
from pipeline.core.cost_report import report_line
from pipeline.runner.clock import Clock
from pipeline.runner.importing import import_report
from pipeline.runner.rewriting import rewrite_reports


@click.command("report")
@manifests_argument
@folder_options
@store_option
@click.option(
    "--import",
    "imported",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Take purchases that this cost report knows into the journal.",
)
@json_option
def command(
    manifests: tuple[Path, ...],
    state: Path | None,
    output: Path | None,
    store: str | None,
    imported: Path | None,
    as_json: bool,
) -> None:
    """Write reports and hand-over files again from the journal. Sends nothing."""
    if imported is not None:
        folders = folders_of(manifests, state, output, store)
        takes = import_report(imported, folders=folders, clock=Clock())
        names = ", ".join(dict.fromkeys(map(str, takes))) or "nothing that it does not know already"
        click.echo(f"the journal now knows {names}")
        return
    workspace = load_workspace(manifests, state=state, output=output, store=store, is_quiet=True)
    documents = rewrite_reports(workspace, clock=Clock(), warn=print_warning)
    if as_json:
        click.echo(json.dumps(documents, ensure_ascii=False, indent=2))
        return
    for document in documents:
        click.echo(report_line(document))
