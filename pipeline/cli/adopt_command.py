"""``songmake adopt``."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import click

from pipeline.cli.messages import print_warning
from pipeline.cli.options import (
    Usd,
    folder_options,
    manifests_argument,
    provider_option,
    store_option,
)
from pipeline.cli.sections import Command
from pipeline.cli.session import load_workspace
from pipeline.core.money import microusd, price_text
from pipeline.core.run.events import Event, Warned
from pipeline.core.run.outcome import exit_code_of
from pipeline.runner.clock import Clock
from pipeline.runner.ledger.adopting import Adopted, Adoption, adopt


@click.command("adopt", cls=Command)
@click.argument("take", metavar="SONG#TAKE")
@manifests_argument
@click.option(
    "--file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    required=True,
    metavar="F",
    help="The audio; it is copied, never moved.",
)
@click.option("--cost", type=Usd(), default=Decimal(0), metavar="USD", help="What it cost, if any.")
@click.option(
    "--replace",
    is_flag=True,
    help="Let the audio that the take has give way; it stays in the store.",
)
@provider_option
@folder_options
@store_option
def command(
    take: str,
    manifests: tuple[Path, ...],
    file: Path,
    cost: Decimal,
    replace: bool,
    provider: str | None,
    state: Path | None,
    output: Path | None,
    store: str | None,
) -> int:
    """Take in audio that was made elsewhere: it is copied, stored and published as SONG#TAKE.

    Sends nothing.
    """
    workspace = load_workspace(
        manifests, provider=provider, state=state, output=output, store=store, is_quiet=True
    )
    adoption = Adoption(name=take, file=file, cost_microusd=microusd(cost), is_replacing=replace)
    adopted = adopt(adoption, workspace, emit=_warn, clock=Clock())
    click.echo(_line(adopted, file))
    return exit_code_of(adopted.causes)


def _line(adopted: Adopted, file: Path) -> str:
    if not adopted.is_new:
        return f"{adopted.take.ref}: it had these very bytes, and has them again"
    attempt = adopted.attempt
    assert attempt.audio is not None
    length_s = attempt.audio.milliseconds / 1000
    told = f"{attempt.audio.format}, {length_s:.1f} s, {price_text(attempt.cost_microusd)}"
    return f"{adopted.take.ref}: adopted {file.name} ({told}), {attempt.state}"


def _warn(event: Event) -> None:
    if isinstance(event, Warned):
        print_warning(event.message, hint=event.hint)
