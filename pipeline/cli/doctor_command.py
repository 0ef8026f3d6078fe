"""``songmake doctor``."""

from __future__ import annotations

import json
import os
import textwrap
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import click

from pipeline.cli.completing import SHELLS
from pipeline.cli.messages import show
from pipeline.cli.options import (
    folder_options,
    json_option,
    manifests_argument,
    provider_option,
    setting,
    store_option,
)
from pipeline.cli.painting import Tone, painter, terminal_width
from pipeline.cli.reading import manifest_paths, read_all
from pipeline.cli.sections import Command
from pipeline.cli.session import api_key, base_url, folders_of
from pipeline.cli.typed import as_typed
from pipeline.core.checkup.check import Check, Verdict, exit_code
from pipeline.core.documents.doctor_document import doctor_document
from pipeline.core.findings.characters import inert
from pipeline.core.findings.phrases import counted
from pipeline.errors import SongmakeError
from pipeline.runner.clock import Clock
from pipeline.runner.start.checking_up import Patient, check_up

TONES = {
    Verdict.OK: Tone.NEW,
    Verdict.WARN: Tone.MONEY,
    Verdict.FAIL: Tone.ALARM,
    Verdict.SKIP: Tone.PLAIN,
}
NAME_COLUMNS = 16
WIDEST = 100

_Told = TypeVar("_Told")


@click.command("doctor", cls=Command)
@manifests_argument
@provider_option
@folder_options
@store_option
@setting("--offline", is_flag=True, help="Ask nobody: neither provider nor bucket.")
@json_option
def command(
    manifests: tuple[Path, ...],
    provider: str | None,
    state: Path | None,
    output: Path | None,
    store: str | None,
    offline: bool,
    as_json: bool,
) -> int:
    """Say what is wrong with a set-up: versions, key, reach, disk, clock, journal, locks, store.

    Nothing is bought, and nothing is written but a probe file that is removed again. Exits with 0
    if no check fails; otherwise with what the command that fails would end with: 2 manifests, key
    or a missing part, 7 journal, lock or store, 1 disk, folders, account or packages, 6 no reach.
    """
    patient = Patient(
        manifests=manifest_paths(manifests),
        is_named=bool(manifests),
        reading=_or_error(lambda: read_all(manifests, provider)),
        folders=folders_of(manifests, state, output, store),
        key=_or_error(api_key),
        base_url=_or_error(base_url),
        is_offline=offline,
        shell=_shell(os.environ.get("SHELL", "")),
        home=Path.home(),
    )
    found = check_up(patient, Clock())
    if as_json:
        checks = tuple(found)
        click.echo(json.dumps(doctor_document(checks), ensure_ascii=False, indent=2))
    else:
        checks = _print(found)
    return exit_code(checks)


def _or_error(ask: Callable[[], _Told]) -> _Told | SongmakeError:
    try:
        return ask()
    except SongmakeError as error:
        return error


def _shell(path: str) -> str:
    name = Path(path).name
    return name if name in SHELLS else ""


def _print(found: Iterable[Check]) -> tuple[Check, ...]:
    """Prints each check as soon as it is made."""
    width = min(terminal_width(), WIDEST)
    checks = []
    for check in found:
        checks.append(check)
        for line in _lines(check, width):
            show(line)
    counts = {each: sum(check.verdict is each for check in checks) for each in Verdict}
    warnings, failures = counts[Verdict.WARN], counts[Verdict.FAIL]
    show(
        f"{counted(len(checks), 'check')}: {counted(failures, 'failure')},"
        f" {counted(warnings, 'warning')}"
    )
    return tuple(checks)


def _lines(check: Check, width: int) -> Iterator[str]:
    margin = " " * (6 + NAME_COLUMNS + 2)
    verdict = painter()(f"{check.verdict.value:<6}", TONES[check.verdict])
    told = _wrapped(inert(check.message), width - len(margin))
    yield f"{verdict}{check.name:<{NAME_COLUMNS}}  {told[0]}"
    for line in told[1:]:
        yield margin + line
    for hint in (check.hint or "").splitlines():  # each on one line, to be copied
        yield f"{margin}{painter()('hint:', Tone.NEXT)} {inert(as_typed(hint))}"


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, 20), break_long_words=False, break_on_hyphens=False)
