"""``songmake plan``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import click

from pipeline.cli.budget_text import budget_lines
from pipeline.cli.messages import print_warning, say, show
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
from pipeline.cli.painting import painter, terminal_width
from pipeline.cli.plan_text import PlanPage, balance_line
from pipeline.cli.sections import Command
from pipeline.cli.session import api_key, base_url, load_workspace
from pipeline.core.documents.plan_document import plan_document
from pipeline.core.documents.preflight_document import preflight_document
from pipeline.core.money import microusd
from pipeline.core.purchase.actions import is_pending, price_of
from pipeline.core.purchase.budget import Caps, over_budget
from pipeline.core.purchase.mends import mend_of_action
from pipeline.core.purchase.plan import Action, Buy, stragglers
from pipeline.core.purchase.preflight import Preflight
from pipeline.core.purchase.spending import Spending
from pipeline.errors import ExitCode
from pipeline.runner.clock import Clock
from pipeline.runner.locks.refusing import refuse_unknown
from pipeline.runner.opening import Snapshot, snapshot
from pipeline.runner.outputs.handing_over import hand_over
from pipeline.runner.render.preparing import committed_by_album, plan_takes
from pipeline.runner.render.taking_over import held_back, told_apart
from pipeline.runner.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLook:
    """How a plan is shown."""

    as_json: bool = False
    shows_all: bool = False
    has_diffs: bool = False
    is_result: bool = True  # for standard output; else it is part of a conversation


@click.command("plan", cls=Command)
@manifests_argument
@select_option
@provider_option
@folder_options
@store_option
@setting(
    "--diff",
    is_flag=True,
    help="Show what a changed request asks now: words of lyrics and prompt, other fields.",
)
@setting("--all", "shows_all", is_flag=True, help="List every take, those that stay too.")
@click.option("--replace", multiple=True, metavar="SEL", help="Plan as if for render --replace.")
@setting("--max-cost", type=Usd(), metavar="USD", help="Plan as if for render --max-cost.")
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
    diff: bool,
    shows_all: bool,
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
        look=PlanLook(as_json=as_json, shows_all=shows_all, has_diffs=diff),
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
    look: PlanLook,
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
    files = () if select else stale_files(workspace, seen)
    committed = committed_by_album(workspace, seen.attempts)
    spending = Spending(actions=actions, committed=committed, caps=caps)
    ahead = _ask(spending) if is_asking else None
    if ahead is not None:
        spending = spending.at(ahead.quotes)
    show_plan(workspace, spending, look, files=files, ahead=ahead)
    if not is_taking_over:
        held = held_back(actions, seen.locks, seen.journal_id)
        for message, hint in told_apart(held, seen.locks, workspace):
            print_warning(message, hint=hint)
    return actions, files


def stale_files(workspace: Workspace, seen: Snapshot) -> tuple[str, ...]:
    """The hand-over files that a render would write or remove."""
    wanted = hand_over(workspace, workspace.takes_by_any_provider(), seen.known)
    return tuple(wanted.pending())


def _ask(spending: Spending) -> Preflight | None:
    from pipeline.runner.render.preflight import preflight

    return preflight(spending, base_url=base_url(), key=api_key(), clock=Clock())


def show_plan(
    workspace: Workspace,
    spending: Spending,
    look: PlanLook,
    *,
    files: Sequence[str] = (),
    ahead: Preflight | None = None,
) -> None:
    """Prints a plan as text or JSON; what was learned ahead of it is a part, or warnings."""
    stopped = over_budget(spending.actions, spending.committed, spending.caps)
    document = plan_document(
        spending.actions, stopped, workspace.albums, files=files, has_diffs=look.has_diffs
    )
    if look.as_json:
        if ahead is not None:
            document["preflight"] = preflight_document(ahead)
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    for finding in ahead.findings if ahead is not None else ():
        print_warning(finding.message, hint=finding.hint)
    page = PlanPage(
        width=terminal_width(is_result=look.is_result),
        paint=painter(is_result=look.is_result),
        mends=dict(_mends(spending.actions)),
        shows_all=look.shows_all,
    )
    speak = show if look.is_result else say
    for line in (*page.lines(document), *_budgets(workspace, spending, page.width)):
        speak(line)
    if ahead is not None and ahead.balance_microusd is not None:
        speak(balance_line(ahead.balance_microusd))


def _mends(actions: Sequence[Action]) -> Iterator[tuple[str, str]]:
    for action in actions:
        mend = mend_of_action(action)
        if mend is not None and action.take is not None:
            yield str(action.take.ref), mend


def _budgets(workspace: Workspace, spending: Spending, width: int) -> Iterator[str]:
    stopped = over_budget(spending.actions, spending.committed, spending.caps)
    planned: dict[str, int] = {}
    for action in spending.actions:
        if isinstance(action, Buy) and action.take.ref not in stopped:
            album = action.take.ref.album
            planned[album] = planned.get(album, 0) + price_of(action)
    committed = {str(album): amount for album, amount in spending.committed.items()}
    return budget_lines(workspace.albums, committed, planned, width=width)
