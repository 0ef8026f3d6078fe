"""``songmake render``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from pipeline.cli.main import print_bug
from pipeline.cli.messages import say
from pipeline.cli.options import (
    Seconds,
    Usd,
    folder_options,
    json_option,
    manifests_argument,
    provider_option,
    select_option,
    setting,
)
from pipeline.cli.plan_command import print_plan, show_plan
from pipeline.cli.progress import JsonLines, watcher
from pipeline.cli.session import api_key, base_url, folders_of, load_workspace
from pipeline.core.album import AlbumId, Provider
from pipeline.core.attempt import balance_of
from pipeline.core.consent import Consent, Standing, consent
from pipeline.core.documents import REASONS, is_pending, summary_document
from pipeline.core.money import microusd, price_text
from pipeline.core.plan import Buy
from pipeline.errors import ConsentMissing, ExitCode, RunLocked, SongmakeError
from pipeline.runner.clock import Clock
from pipeline.runner.finishing import Ended, write_early_summary
from pipeline.runner.preparing import Prepared, RenderOrder
from pipeline.runner.render import render
from pipeline.runner.run import RenderSettings
from pipeline.runner.workspace import Workspace


@click.command("render")
@manifests_argument
@select_option
@provider_option
@folder_options
@setting(
    "--jobs",
    "-j",
    type=click.IntRange(1, 10_000),
    default=4,
    show_default=True,
    help="Generations in flight at a time.",
)
@setting("--yes", "-y", is_flag=True, help="Agree to the plan's price without being asked.")
@setting("--max-cost", type=Usd(), metavar="USD", help="Spend at most this in this run.")
@setting(
    "--poll-interval", type=Seconds(), metavar="S", help="Ask every S seconds, instead of adapting."
)
@setting(
    "--poll-timeout",
    type=Seconds(),
    default=1800.0,
    show_default=True,
    metavar="S",
    help="Leave a generation for the next run after S seconds.",
)
@setting("--max-duration", type=Seconds(), metavar="S", help="End the run after S seconds.")
@setting("--no-wait", is_flag=True, help="Submit, and leave the collecting to the next run.")
@setting("--fail-fast", is_flag=True, help="Stop buying at the first song that fails.")
@click.option(
    "--replace", multiple=True, metavar="SEL", help="Buy these takes again, though they are there."
)
@setting("--dry-run", "-n", is_flag=True, help="Show the plan and end.")
@setting("--quiet", "-q", is_flag=True, help="Say only what a person must know.")
@setting(
    "--progress",
    type=click.Choice(["auto", "bar", "lines", "none"]),
    default="auto",
    help="How progress is shown.",
)
@json_option
def command(manifests: tuple[Path, ...], **flags: Any) -> int:
    """Buy, collect and publish what is missing. The only command that spends."""
    clock = Clock()
    started_at = clock.stamp()
    try:
        return _render(manifests, flags, clock)
    except RunLocked:
        raise  # another run is at work, and the summary is its own
    except BaseException as error:
        _leave_summary(manifests, flags, error, started_at=started_at, clock=clock)
        raise


def _render(manifests: tuple[Path, ...], flags: dict[str, Any], clock: Clock) -> int:
    workspace = load_workspace(
        manifests,
        provider=flags["provider"],
        state=flags["state"],
        output=flags["output"],
        is_quiet=flags["quiet"],
    )
    if flags["dry_run"]:
        print_plan(
            workspace,
            select=flags["select"],
            replace=flags["replace"],
            max_cost=flags["max_cost"],
            as_json=flags["as_json"],
        )
        return ExitCode.OK
    order = _order(workspace, flags)
    mode = {"as_json": flags["as_json"], "is_quiet": flags["quiet"]}
    with watcher(flags["progress"], clock=clock, **mode) as emit:
        ended = render(order, agree=_agreement(workspace, flags), emit=emit, clock=clock)
    for bug in ended.bugs:
        print_bug(bug)
    _tell_end(workspace, ended, flags, clock)
    return ended.code


def _order(workspace: Workspace, flags: dict[str, Any]) -> RenderOrder:
    max_cost: Decimal | None = flags["max_cost"]
    settings = RenderSettings(
        jobs=flags["jobs"],
        poll_interval_s=flags["poll_interval"],
        poll_timeout_s=flags["poll_timeout"],
        max_duration_s=flags["max_duration"],
        is_waiting=not flags["no_wait"],
        is_failing_fast=flags["fail_fast"],
        max_cost_microusd=None if max_cost is None else microusd(max_cost),
    )
    return RenderOrder(
        workspace=workspace,
        settings=settings,
        select=flags["select"],
        replace=flags["replace"],
        base_url=base_url(),
        key=api_key(),
        environment=dict(os.environ),
    )


def _agreement(workspace: Workspace, flags: dict[str, Any]) -> Callable[[Prepared], None]:
    def agree(prepared: Prepared) -> None:
        has_work = any(map(is_pending, prepared.actions))
        if has_work and not flags["quiet"] and not flags["as_json"]:
            committed = {AlbumId(name): spent for name, spent in prepared.committed.items()}
            show_plan(workspace, prepared.actions, prepared.caps, committed, to_stderr=True)
        decision = consent(
            price_microusd=prepared.price_microusd,
            albums=_standings(workspace, prepared),
            is_yes=flags["yes"],
            has_max_cost=flags["max_cost"] is not None,
            is_terminal=sys.stdin.isatty() and sys.stderr.isatty(),
        )
        _enforce(decision, prepared)

    return agree


def _enforce(decision: Consent, prepared: Prepared) -> None:
    price = price_text(prepared.price_microusd)
    if decision is Consent.ASK and not _confirmed(f"spend up to {price}?"):
        raise ConsentMissing(
            "declined: nothing was sent", hint="songmake plan shows the plan again"
        )
    if decision is Consent.MISSING:
        raise ConsentMissing(
            f"this would spend {price}, and there is no terminal to ask on",
            hint="say it again with --yes, or with --max-cost USD",
        )


def _confirmed(question: str) -> bool:
    """A person's answer; the end of input is a no, Ctrl-C stays what it is."""
    try:
        return click.confirm(question, err=True)
    except click.Abort as abort:
        if isinstance(abort.__context__, EOFError):
            return False
        raise


def _standings(workspace: Workspace, prepared: Prepared) -> tuple[Standing, ...]:
    charged = {
        action.take.ref.album
        for action in prepared.actions
        if isinstance(action, Buy) and action.take.price_microusd
    }
    paid = {
        attempt.ref.album
        for attempt in prepared.attempts
        if attempt.provider is Provider.AIMLAPI
        and attempt.balance.committed
        and not attempt.is_adopted
    }
    return tuple(
        Standing(has_budget=album.budget_usd is not None, has_paid_takes=album.id in paid)
        for album in workspace.albums
        if album.id in charged
    )


def _tell_end(workspace: Workspace, ended: Ended, flags: dict[str, Any], clock: Clock) -> None:
    states = list(ended.ledger.states(workspace.takes).values())
    there = sum(state.value == "published" for state in states)
    albums = {album.id for album in workspace.albums}
    balance = balance_of(found for found in ended.attempts if found.ref.album in albums)
    if flags["as_json"]:
        fields = {"event": "run_ended", "exit_code": int(ended.code), "reason": REASONS[ended.code]}
        JsonLines(clock).write(fields)
        return
    if ended.code is not ExitCode.OK:
        say(f"{ended.reason or REASONS[ended.code]} (exit {int(ended.code)})")
    if flags["quiet"]:
        return
    money = [f"charged so far {price_text(balance.charged)}"]
    money += [f"held {price_text(balance.held)}"] if balance.held else []
    money += [f"in doubt {price_text(balance.in_doubt)}"] if balance.in_doubt else []
    click.echo(f"{there} of {len(states)} takes published · {' · '.join(money)}")
    for album in workspace.albums:
        click.echo(f"{_shown(workspace.folders.outputs / album.id)}/")


def _shown(path: Path) -> str:
    """A path as short as it can be from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _meaning(error: BaseException) -> tuple[ExitCode, str | None]:
    match error:
        case SongmakeError():
            return error.exit_code, error.message
        case SystemExit():
            return ExitCode.TERMINATED, None
        case KeyboardInterrupt() | click.Abort():
            return ExitCode.INTERRUPTED, None
        case OSError():
            return ExitCode.FAILED, str(error)
        case _:
            return ExitCode.FAILED, f"unexpected {type(error).__name__}"


def _leave_summary(
    manifests: tuple[Path, ...],
    flags: dict[str, Any],
    error: BaseException,
    *,
    started_at: str,
    clock: Clock,
) -> None:
    """``make`` hides exit codes, so why a run did not begin is in ``summary.json`` too."""
    if flags["dry_run"]:
        return
    try:
        folders = folders_of(manifests, flags["state"], flags["output"])
    except (SongmakeError, OSError):
        return
    if not folders.outputs.parent.is_dir():
        return
    code, reason = _meaning(error)
    document = summary_document(
        code, reason=reason, started_at=started_at, finished_at=clock.stamp()
    )
    write_early_summary(folders, document)
