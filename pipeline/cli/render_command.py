"""``songmake render``."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from pipeline.cli.agreement import Agreement
from pipeline.cli.closing import closing_of, closing_text, print_closing
from pipeline.cli.main import print_bug
from pipeline.cli.messages import print_diagnostics
from pipeline.cli.options import (
    Seconds,
    Usd,
    folder_options,
    json_option,
    manifests_argument,
    provider_option,
    select_option,
    setting,
    store_option,
)
from pipeline.cli.plan_command import PlanLook, print_plan
from pipeline.cli.progress import watcher
from pipeline.cli.progress_json import JsonLines
from pipeline.cli.sections import Command
from pipeline.cli.session import api_key, base_url, folders_of, load_workspace
from pipeline.cli.unchanged_record import Recollection
from pipeline.core.documents.summary_document import summary_document
from pipeline.core.money import microusd
from pipeline.errors import ExitCode, RunLocked, SongmakeError, UsageError
from pipeline.runner.clock import Clock
from pipeline.runner.rebuild.rebuilding import rebuild
from pipeline.runner.render.finishing import write_early_summary
from pipeline.runner.render.preparing import RenderOrder
from pipeline.runner.render.rendering import render
from pipeline.runner.render.run import RenderSettings
from pipeline.runner.workspace import Workspace


@click.command("render", cls=Command)
@manifests_argument
@select_option
@provider_option
@folder_options
@store_option
@setting(
    "--jobs",
    "-j",
    type=click.IntRange(1, 10_000),
    metavar="N",
    default=4,
    show_default=True,
    help="Generations in flight at a time.",
)
@setting("--yes", "-y", is_flag=True, help="Agree to the plan's price without being asked.")
@setting("--max-cost", type=Usd(), metavar="USD", help="Spend at most this in this run.")
@setting(
    "--poll-interval",
    type=Seconds(),
    metavar="S",
    help="Ask every S seconds, instead of adapting to what is typical.",
)
@setting(
    "--poll-timeout",
    type=Seconds(),
    default=1800,
    show_default=True,
    metavar="S",
    help="Leave a generation for the next run after S seconds.",
)
@setting("--max-duration", type=Seconds(), metavar="S", help="End the run after S seconds.")
@setting("--no-wait", is_flag=True, help="Submit, and leave the collecting to the next run.")
@setting("--fail-fast", is_flag=True, help="Stop buying at the first song that fails.")
@click.option(
    "--replace",
    multiple=True,
    metavar="SEL",
    help="Buy these takes again, though they are there. Repeatable.",
)
@click.option(
    "--take-over", is_flag=True, help="Buy though a lock file belongs to another journal."
)
@setting(
    "--frozen",
    is_flag=True,
    help="Rebuild from lock and store: no key, no request, $0; exit 10 if something is missing.",
)
@setting("--dry-run", "-n", is_flag=True, help="Show the plan and end.")
@setting("--quiet", "-q", is_flag=True, help="Say only what a person must know.")
@setting(
    "--progress",
    type=click.Choice(["auto", "bar", "lines", "none"]),
    default="auto",
    help="How progress is shown.  [default: auto, a bar on a terminal]",
)
@json_option
def command(manifests: tuple[Path, ...], **flags: Any) -> int:
    """Buy, collect and publish what is missing. The only command that spends."""
    clock = Clock()
    started_at = clock.stamp()
    stream = JsonLines(clock) if flags["as_json"] and not flags["dry_run"] else None
    try:
        return _render(manifests, flags, clock, stream)
    except BaseException as error:
        if not isinstance(error, RunLocked):  # of another run that is at work
            _leave_summary(manifests, flags, error, started_at=started_at, clock=clock)
        if stream is not None:
            code, reason = _meaning(error)
            hint = error.hint if isinstance(error, SongmakeError) else None
            stream.break_off(code, reason=reason, hint=hint)
        raise


def _render(
    manifests: tuple[Path, ...], flags: dict[str, Any], clock: Clock, stream: JsonLines | None
) -> int:
    if flags["frozen"]:
        _refuse_unfrozen(flags)
    seen = Recollection()
    workspace = load_workspace(
        manifests,
        provider=flags["provider"],
        state=flags["state"],
        output=flags["output"],
        store=flags["store"],
        is_quiet=flags["quiet"],
        tell=seen.over_findings(print_diagnostics),
    )
    if flags["dry_run"]:
        print_plan(
            workspace,
            select=flags["select"],
            replace=flags["replace"],
            max_cost=flags["max_cost"],
            look=PlanLook(as_json=flags["as_json"]),
            is_taking_over=flags["take_over"],
        )
        return ExitCode.OK
    order = None if flags["frozen"] else _order(workspace, flags)
    watching = watcher(flags["progress"], stream=stream, is_quiet=flags["quiet"], clock=clock)
    with watching as watched:
        emit = seen.over(watched)
        if order is None:
            ended = rebuild(workspace, select=flags["select"], emit=emit, clock=clock)
        else:
            ended = render(
                order,
                agree=Agreement(order=order, flags=flags, emit=emit, clock=clock),
                emit=emit,
                clock=clock,
                on_leaving=watched.leave,
                at_rest=seen.note_journal,
            )
    for bug in ended.bugs:
        print_bug(bug)
    closing = closing_of(workspace, ended)
    if stream is not None:
        stream.end(closing)
    else:
        print_closing(closing, is_quiet=flags["quiet"])
        said = "" if flags["quiet"] else closing_text(closing)
        if order is not None and not (flags["replace"] or flags["take_over"]):
            seen.keep(workspace, ended, said)
    return ended.code


def _refuse_unfrozen(flags: dict[str, Any]) -> None:
    """Raises ``UsageError`` for flags that a rebuild cannot honour.

    What the environment says for renders in general is no wish to buy in this one.
    """
    context = click.get_current_context()
    typed = {
        name
        for name in ("replace", "take_over", "yes", "max_cost")
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }
    for name in sorted(typed):
        flag = f"--{name.replace('_', '-')}"
        raise UsageError(
            f"{flag} is about buying, and --frozen buys nothing",
            hint=f"leave out one of them: {flag}, or --frozen (SONGMAKE_FROZEN)",
        )
    if flags["dry_run"]:
        raise UsageError(
            "--dry-run writes nothing, and --frozen writes outputs",
            hint="to look without writing: songmake verify",
        )


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
        is_taking_over=flags["take_over"],
    )


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
