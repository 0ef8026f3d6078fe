"""``songmake report``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from pipeline.cli.messages import print_warning
from pipeline.cli.options import (
    folder_options,
    json_option,
    manifests_argument,
    setting,
    store_option,
)
from pipeline.cli.reconciliation_text import reconciliation_lines
from pipeline.cli.sections import Command
from pipeline.cli.session import api_key, base_url, folders_of, load_workspace
from pipeline.core.documents.cost_report import report_line
from pipeline.core.documents.reconciliation_document import Outcome, reconciliation_document
from pipeline.core.run.outcome import exit_code_of
from pipeline.errors import ExitCode, KeyMissing, UsageError
from pipeline.runner.clock import Clock
from pipeline.runner.ledger.importing import import_record
from pipeline.runner.outputs.rewriting import rewrite_reports
from pipeline.runner.workspace import Workspace


@click.command("report", cls=Command)
@manifests_argument
@folder_options
@store_option
@click.option(
    "--import",
    "imported",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Take purchases that this cost report or lock file knows into the journal.",
)
@setting(
    "--reconcile",
    is_flag=True,
    help="Compare with the provider's ledger and log first; asks, and buys nothing.",
)
@json_option
def command(
    manifests: tuple[Path, ...],
    state: Path | None,
    output: Path | None,
    store: str | None,
    imported: Path | None,
    reconcile: bool,
    as_json: bool,
) -> int:
    """Write reports and hand-over files again from the journal; only --reconcile sends anything."""
    if imported is not None:
        if reconcile:
            raise UsageError(
                "--import and --reconcile are two steps",
                hint="first: songmake report --import FILE",
            )
        folders = folders_of(manifests, state, output, store)
        takes = import_record(imported, folders=folders, clock=Clock())
        names = ", ".join(dict.fromkeys(map(str, takes))) or "nothing that it does not know already"
        click.echo(f"the journal now knows {names}")
        return ExitCode.OK
    workspace = load_workspace(manifests, state=state, output=output, store=store, is_quiet=True)
    if reconcile:
        return _reconcile(workspace, as_json=as_json)
    documents = rewrite_reports(workspace, clock=Clock(), warn=print_warning)
    if as_json:
        click.echo(json.dumps(documents, ensure_ascii=False, indent=2))
        return ExitCode.OK
    for document in documents:
        click.echo(report_line(document))
    return ExitCode.OK


def _reconcile(workspace: Workspace, *, as_json: bool) -> int:
    from pipeline.adapters.aimlapi.client import Access
    from pipeline.runner.ledger.reconciling import reconcile

    key = api_key()
    if key is None:
        raise KeyMissing(
            "AIMLAPI_KEY is not set, and the provider's ledger must be asked",
            hint="export AIMLAPI_KEY=…, then: songmake report --reconcile",
        )
    access = Access(base_url=base_url(), key=key)
    outcome = reconcile(workspace, access, clock=Clock(), warn=print_warning)
    code = exit_code_of(outcome.causes)
    document = reconciliation_document(outcome, code)
    _warn(outcome)
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        for line in reconciliation_lines(document):
            click.echo(line)
    return code


def _warn(outcome: Outcome) -> None:
    """Says which of the provider's books could not be read to its end."""
    for name, source, missed in (
        ("ledger", outcome.ledger, "what it does not show is not compared"),
        ("log", outcome.log, "doubts and unknown purchases may stay hidden"),
    ):
        if not source.is_whole:
            print_warning(
                f"the provider's {name} was not read to its end ({source.problem}): {missed}",
                hint="again later, free: songmake report --reconcile",
            )
