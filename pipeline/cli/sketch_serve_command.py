"""``songmake sketch serve``."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import click

from pipeline.adapters.sketch_process import KEY_VARIABLE
from pipeline.cli.options import Usd, folder_options
from pipeline.cli.session import folders_of
from pipeline.errors import UsageError
from pipeline.sketch.faults import Fault, FaultInvalidError, parse_fault
from pipeline.sketch.serve import serve as serve_sketches

JOBS_NAME = "sketch"


@click.command("serve", short_help="speak the hosted API's contract on this machine")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), metavar="N", default=0, help="0 takes a free one."
)
@click.option("--price", type=Usd(), default="0", help="Pretend that a song costs this.")
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="SPEC",
    help="Let something go wrong: PLACE:EFFECT[:OPTION=VALUE…][*TIMES]. Repeatable.",
)
@click.option("--parent-pipe", is_flag=True, help="End when standard input ends.")
@folder_options
def command(
    host: str,
    port: int,
    price: Decimal,
    faults: tuple[str, ...],
    parent_pipe: bool,
    state: Path | None,
    output: Path | None,
) -> None:
    """Speak the hosted API's contract on this machine.

    Point AIMLAPI_BASE_URL at the printed address to rehearse. Any bearer key is accepted, unless
    SONGMAKE_SKETCH_KEY names the one to ask for.

    \b
    A bad day on order, each fault once, *3 three times, * always:
      --fault 'post:429:retry-after=5*3'    too many requests
      --fault post:500-after-accept         paid, and answered with an error
      --fault post:lost-answer              paid, and no answer at all
      --fault 'poll:404*2'                  the song is not known yet
      --fault poll:unknown-status           a status that nobody documented
      --fault poll:error:match=coda         that song fails for good
      --fault cdn:expired                   a link that died early
      --fault cdn:truncate                  half a file
      --fault 'logs:404*'                   no log to look a lost song up in

    \b
    places:  post poll cdn logs billing
    effects: 400 to 599, lost-answer lost-request slow html truncate everywhere;
             500-after-accept (any status) at post; unknown-status stuck error
             no-link at poll; expired garbage at cdn; empty at logs
    options: retry-after=S body=message|problem|html|empty seconds=S
             skip=N match=TEXT
    """
    told = [_fault(text) for text in faults]
    jobs_dir = folders_of((), state, output).state / JOBS_NAME
    serve_sketches(
        host=host,
        port=port,
        jobs_dir=jobs_dir,
        api_key=os.environ.get(KEY_VARIABLE) or None,
        price_usd=price,
        parent_pipe=parent_pipe,
        announce=lambda url: click.echo(f"listening on {url}"),
        faults=told,
    )


def _fault(text: str) -> Fault:
    try:
        return parse_fault(text)
    except FaultInvalidError as error:
        raise UsageError(f"--fault {text}: {error.message}", hint=error.hint) from error
