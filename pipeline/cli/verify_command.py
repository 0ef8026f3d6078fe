"""``songmake verify``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from pipeline.cli.messages import print_hint
from pipeline.cli.options import (
    folder_options,
    json_option,
    manifests_argument,
    provider_option,
    select_option,
    setting,
    store_option,
)
from pipeline.cli.sections import Command
from pipeline.cli.session import load_workspace
from pipeline.core.findings.phrases import counted
from pipeline.core.run.outcome import exit_code_of
from pipeline.runner.clock import Clock
from pipeline.runner.rebuild.repairing import repair
from pipeline.runner.rebuild.verifying import Discrepancy, verify


@click.command("verify", cls=Command)
@manifests_argument
@select_option
@provider_option
@folder_options
@store_option
@setting(
    "--repair",
    is_flag=True,
    help="Mend what can be mended for free: store, outputs, hand-over files and lock.",
)
@json_option
def command(manifests: tuple[Path, ...], **flags: Any) -> int:
    """Check that journal, lock, store and outputs agree: checksums, decoding and tags."""
    workspace = load_workspace(
        manifests,
        provider=flags["provider"],
        state=flags["state"],
        output=flags["output"],
        store=flags["store"],
        is_quiet=True,
    )
    mended: tuple[tuple[str, str], ...] | None = None
    if flags["repair"]:
        repaired = repair(workspace, select=flags["select"], clock=Clock())
        takes, found, mended = repaired.takes, repaired.findings, repaired.mended
    else:
        takes, found = verify(workspace, select=flags["select"])
    if flags["as_json"]:
        document = verification_document(len(takes), found, mended)
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        _print(len(takes), found, mended or ())
    return exit_code_of(each.code for each in found)


def verification_document(
    takes: int, found: Sequence[Discrepancy], mended: Sequence[tuple[str, str]] | None
) -> dict[str, Any]:
    """``songmake verify --json``; ``mended`` is in it with ``--repair`` alone."""
    findings = [
        {
            "where": each.where,
            "message": each.message,
            "exit_code": int(each.code),
            **({"hint": each.hint} if each.hint else {}),
        }
        for each in found
    ]
    document: dict[str, Any] = {
        "schema": "songmake/verification/1",
        "takes": takes,
        "findings": findings,
    }
    if mended is not None:
        document["mended"] = [{"where": where, "message": done} for where, done in mended]
    return document


def _print(takes: int, found: Sequence[Discrepancy], mended: Sequence[tuple[str, str]]) -> None:
    for where, done in mended:
        click.echo(f"mended: {where}: {done}")
    for each in found:
        click.echo(f"{each.where}: {each.message}")
    click.echo(f"{counted(takes, 'take')} looked at, {counted(len(found), 'finding')}")
    for hint in dict.fromkeys(each.hint for each in found if each.hint):
        print_hint(hint)
    if found:
        print_hint("what render would do about it, and for how much: songmake plan")
