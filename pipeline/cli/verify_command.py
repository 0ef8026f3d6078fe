"""``songmake verify``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from pipeline.cli.messages import counted, say
from pipeline.cli.options import (
    folder_options,
    json_option,
    manifests_argument,
    provider_option,
    select_option,
    store_option,
)
from pipeline.cli.session import load_workspace
from pipeline.core.outcome import exit_code_of
from pipeline.runner.verifying import verify


@click.command("verify")
@manifests_argument
@select_option
@provider_option
@folder_options
@store_option
@json_option
def command(
    manifests: tuple[Path, ...],
    select: tuple[str, ...],
    provider: str | None,
    state: Path | None,
    output: Path | None,
    store: str | None,
    as_json: bool,
) -> int:
    """Check that journal, store and outputs agree: checksums of everything, and decoding."""
    workspace = load_workspace(
        manifests, provider=provider, state=state, output=output, store=store, is_quiet=True
    )
    takes, found = verify(workspace, select=select)
    if as_json:
        document = {
            "schema": "songmake/verification/1",
            "takes": len(takes),
            "findings": [
                {"where": each.where, "message": each.message, "exit_code": int(each.code)}
                for each in found
            ],
        }
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        for each in found:
            click.echo(f"{each.where}: {each.message}")
        click.echo(f"{counted(len(takes), 'take')} looked at, {counted(len(found), 'finding')}")
        if found:
            say("hint: songmake plan tells what render would do about it, and for how much")
    return exit_code_of(each.code for each in found)
