"""``songmake settle``."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.adapters.aimlapi.client import Access
from pipeline.adapters.aimlapi.translate import USABLE_ID
from pipeline.cli.messages import print_next, print_warning
from pipeline.cli.options import folder_options, manifests_argument, store_option
from pipeline.cli.reading import read_all
from pipeline.cli.sections import Command
from pipeline.cli.session import api_key, base_url, folders_of
from pipeline.core.money import price_text
from pipeline.core.purchase.attempt import State
from pipeline.errors import SongmakeError, UsageError
from pipeline.runner.clock import Clock
from pipeline.runner.ledger.settling import Settlement, Word, settle
from pipeline.runner.outputs.rewriting import rewrite_reports
from pipeline.runner.workspace import Folders, Workspace, workspace_of

NEXT = {
    State.SUBMITTED: "collect it, free: songmake render",
    State.PLANNED: "buy it: songmake render",
    State.LOST: "if you want another: songmake render --replace '{ref}'",
}


@click.command("settle", cls=Command)
@click.argument("take", metavar="SONG#TAKE")
@manifests_argument
@click.option("--generation", metavar="ID", help="It was accepted, as this generation.")
@click.option("--charged", is_flag=True, help="It was charged, and its audio cannot be had.")
@click.option("--not-charged", is_flag=True, help="It never was charged: it may be bought again.")
@folder_options
@store_option
def command(
    take: str,
    manifests: tuple[Path, ...],
    generation: str | None,
    charged: bool,
    not_charged: bool,
    state: Path | None,
    output: Path | None,
    store: str | None,
) -> None:
    """Decide an in-doubt take: SONG#TAKE, album/SONG#TAKE or a client request id."""
    settlement = _settlement(take, generation, charged, not_charged)
    folders = folders_of(manifests, state, output, store)
    key = api_key()
    access = None if key is None else Access(base_url=base_url(), key=key)
    workspace = _workspace(manifests, folders)
    attempt = settle(
        settlement, state_dir=folders.state, access=access, clock=Clock(), workspace=workspace
    )
    money = price_text(attempt.balance.committed)
    click.echo(f"{attempt.ref}: {attempt.state.value} ({money})")
    print_next(NEXT[attempt.state].format(ref=attempt.ref))
    _refresh_reports(workspace)


def _workspace(manifests: tuple[Path, ...], folders: Folders) -> Workspace | None:
    """What the manifests say; None if they do not hold just now, or are not there."""
    try:
        reading = read_all(manifests, None)
    except SongmakeError:
        return None
    return None if reading.albums is None else workspace_of(reading, folders)


def _refresh_reports(workspace: Workspace | None) -> None:
    """Brings the reports in step, unless the manifests do not hold just now."""
    if workspace is None:
        print_warning("the manifests do not hold now", hint="mend them, then: songmake report")
        return
    try:
        rewrite_reports(workspace, clock=Clock(), warn=print_warning)
    except SongmakeError as error:
        print_warning(f"the cost report was not written again: {error.message}", hint=error.hint)


def _settlement(take: str, generation: str | None, charged: bool, not_charged: bool) -> Settlement:
    if (generation is not None) + charged + not_charged != 1:
        raise UsageError(
            "say one of --generation ID, --charged and --not-charged",
            hint=f"look in the provider's log, then: songmake settle '{take}' --generation ID",
        )
    if generation is not None:
        if not USABLE_ID.fullmatch(generation):
            raise UsageError(
                f"'{generation}' is not a generation id", hint="copy it from the provider's log"
            )
        return Settlement(name=take, word=Word.GENERATION, generation_id=generation)
    return Settlement(name=take, word=Word.CHARGED if charged else Word.NOT_CHARGED)
