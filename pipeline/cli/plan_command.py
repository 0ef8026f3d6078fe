"""``songmake plan``."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import click

from pipeline.cli.messages import print_warning
from pipeline.cli.options import (
    Usd,
    folder_options,
    json_option,
    manifests_argument,
    provider_option,
    select_option,
    setting,
    store_option,
)
from pipeline.cli.plan_text import balance_line, plan_lines
from pipeline.cli.session import api_key, base_url, load_workspace
from pipeline.core.documents.preflight_document import preflight_document
from pipeline.core.documents.run_documents import is_pending, plan_document
from pipeline.core.money import microusd
from pipeline.core.purchase.budget import Caps, over_budget
from pipeline.core.purchase.plan import Action, stragglers
from pipeline.core.purchase.preflight import Preflight
from pipeline.core.purchase.spending import Spending
from pipeline.errors import ExitCode
from pipeline.runner.clock import Clock
from pipeline.runner.locks.refusing import refuse_unknown
from pipeline.runner.opening import snapshot
from pipeline.runner.render.preparing import committed_by_album, plan_takes
from pipeline.runner.render.taking_over import held_back, told_apart
from pipeline.runner.workspace import Workspace


@click.command("plan")
@manifests_argument
@select_option
@provider_option
@folder_options
@store_option
@click.option("--replace", multiple=True, metavar="SEL", help="As for render.")
@setting("--max-cost", type=Usd(), help="As for render.")
@setting("--check", is_flag=True, help="Exit with 10 if anything is pending.")
@setting(
    "--preflight",
    is_flag=True,
    help="Ask the provider for balance, prices and models too; without it, plan is offline.",
)
@json_option
def command(
    manifests: tuple[Path, ...],
    select: tuple[str, ...],
    provider: str | None,
    state: Path | None,
    output: Path | None,
    store: str | None,
    replace: tuple[str, ...],
    max_cost: Decimal | None,
    check: bool,
    preflight: bool,
    as_json: bool,
) -> int:
    """What render would do, why and for how much. Buys nothing, writes nothing."""
    workspace = load_workspace(
        manifests, provider=provider, state=state, output=output, store=store
    )
    actions, files = print_plan(
        workspace,
        select=select,
        replace=replace,
        max_cost=max_cost,
        as_json=as_json,
        is_asking=preflight,
    )
    is_anything_pending = bool(files) or any(map(is_pending, actions))
    return ExitCode.DIFFERS if check and is_anything_pending else ExitCode.OK


def print_plan(
    workspace: Workspace,
    *,
    select: tuple[str, ...],
    replace: tuple[str, ...],
    max_cost: Decimal | None,
    as_json: bool,
    is_taking_over: bool = False,
    is_asking: bool = False,
) -> tuple[tuple[Action, ...], tuple[str, ...]]:
    """Plans without writing anything, prints, and returns actions and stale hand-over files.

    ``is_asking`` asks the provider what it says of the purchases first.
    """
    seen = snapshot(workspace)
    refuse_unknown(workspace, seen)
    actions = plan_takes(workspace, seen, select_words=select, replace_words=replace)
    albums = frozenset(str(album.id) for album in workspace.albums)
    actions = (*actions, *stragglers(seen.attempts, actions, albums=albums))
    caps = Caps(
        album_microusd=workspace.caps_microusd,
        run_microusd=None if max_cost is None else microusd(max_cost),
    )
    files = () if select else seen.stale_files
    committed = committed_by_album(workspace, seen.attempts)
    spending = Spending(actions=actions, committed=committed, caps=caps)
    ahead = _ask(spending) if is_asking else None
    if ahead is not None:
        spending = spending.at(ahead.quotes)
    show_plan(workspace, spending, files=files, as_json=as_json, ahead=ahead)
    if not is_taking_over:
        held = held_back(actions, seen.locks, seen.journal_id)
        for message, hint in told_apart(held, seen.locks, workspace):
            print_warning(message, hint=hint)
    return actions, files


def _ask(spending: Spending) -> Preflight | None:
    from pipeline.runner.render.preflight import preflight

    return preflight(spending, base_url=base_url(), key=api_key(), clock=Clock())


def show_plan(
    workspace: Workspace,
    spending: Spending,
    *,
    files: Sequence[str] = (),
    as_json: bool = False,
    to_stderr: bool = False,
    ahead: Preflight | None = None,
) -> None:
    """Prints a plan as text or JSON; what was learned ahead of it is a part, or warnings."""
    stopped = over_budget(spending.actions, spending.committed, spending.caps)
    document = plan_document(spending.actions, stopped, workspace.albums, files=files)
    if as_json:
        if ahead is not None:
            document["preflight"] = preflight_document(ahead)
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    for finding in ahead.findings if ahead is not None else ():
        print_warning(finding.message, hint=finding.hint)
    width = shutil.get_terminal_size((100, 24)).columns
    several = len(workspace.albums) > 1
    for line in plan_lines(document, has_several_albums=several, width=width):
        click.echo(line, err=to_stderr)
    if ahead is not None and ahead.balance_microusd is not None:
        click.echo(balance_line(ahead.balance_microusd), err=to_stderr)
