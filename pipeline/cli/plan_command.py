"""``songmake plan``."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import click

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
from pipeline.cli.plan_text import plan_lines
from pipeline.cli.session import load_workspace
from pipeline.core.album import AlbumId
from pipeline.core.attempt import balance_of
from pipeline.core.budget import Caps, over_budget
from pipeline.core.documents import is_pending, plan_document
from pipeline.core.money import microusd
from pipeline.core.plan import Action, stragglers
from pipeline.errors import ExitCode
from pipeline.runner.opening import Snapshot, snapshot
from pipeline.runner.preparing import plan_takes
from pipeline.runner.reporting import refuse_unknown_purchases
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
    as_json: bool,
) -> int:
    """What render would do, why and for how much. Sends nothing, writes nothing."""
    workspace = load_workspace(
        manifests, provider=provider, state=state, output=output, store=store
    )
    actions, files = print_plan(
        workspace,
        select=select,
        replace=replace,
        max_cost=max_cost,
        as_json=as_json,
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
) -> tuple[tuple[Action, ...], tuple[str, ...]]:
    """Plans without writing anything, prints, and returns actions and stale hand-over files."""
    seen = snapshot(workspace)
    refuse_unknown_purchases(workspace, seen.known_ids)
    actions = plan_takes(workspace, seen, select_words=select, replace_words=replace)
    albums = frozenset(str(album.id) for album in workspace.albums)
    actions = (*actions, *stragglers(seen.attempts, actions, albums=albums))
    caps = Caps(
        album_microusd=workspace.caps_microusd,
        run_microusd=None if max_cost is None else microusd(max_cost),
    )
    files = () if select else seen.stale_files
    spent = committed(workspace, seen)
    show_plan(workspace, actions, caps, spent, files=files, as_json=as_json)
    return actions, files


def show_plan(
    workspace: Workspace,
    actions: Sequence[Action],
    caps: Caps,
    spent: dict[AlbumId, int],
    *,
    files: Sequence[str] = (),
    as_json: bool = False,
    to_stderr: bool = False,
) -> None:
    """Prints a plan as text or JSON."""
    document = plan_document(
        actions, over_budget(actions, spent, caps), workspace.albums, files=files
    )
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    width = shutil.get_terminal_size((100, 24)).columns
    several = len(workspace.albums) > 1
    for line in plan_lines(document, has_several_albums=several, width=width):
        click.echo(line, err=to_stderr)


def committed(workspace: Workspace, seen: Snapshot) -> dict[AlbumId, int]:
    """Each album's held, charged and in-doubt money."""
    return {
        album.id: balance_of(
            attempt for attempt in seen.attempts if attempt.ref.album == album.id
        ).committed
        for album in workspace.albums
    }
