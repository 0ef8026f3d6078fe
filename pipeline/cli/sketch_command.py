"""``songmake sketch``: the embedded engine."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import click

from pipeline.adapters.sketch_process import KEY_VARIABLE
from pipeline.cli.options import Usd, folder_options
from pipeline.cli.session import folders_of
from pipeline.sketch.serve import serve as serve_sketches

JOBS_NAME = "sketch"


@click.group("sketch")
def command() -> None:
    """The embedded engine: free, offline sketches of songs."""


@command.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes a free one.")
@click.option("--price", type=Usd(), default="0", help="Pretend that a song costs this.")
@click.option("--parent-pipe", is_flag=True, help="End when standard input ends.")
@folder_options
def serve(
    host: str,
    port: int,
    price: Decimal,
    parent_pipe: bool,
    state: Path | None,
    output: Path | None,
) -> None:
    """Speak the hosted API's contract on this machine.

    Point AIMLAPI_BASE_URL at the printed address to rehearse. Any bearer key is accepted, unless
    SONGMAKE_SKETCH_KEY names the one to ask for.
    """
    jobs_dir = folders_of((), state, output).state / JOBS_NAME
    serve_sketches(
        host=host,
        port=port,
        jobs_dir=jobs_dir,
        api_key=os.environ.get(KEY_VARIABLE) or None,
        price_usd=price,
        parent_pipe=parent_pipe,
        announce=lambda url: click.echo(f"listening on {url}"),
    )
