"""Every environment variable: those of options, and those that the code reads by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pipeline
from docs.generator.commands import environment_of, walk
from docs.generator.markdown import code, page, table
from pipeline.cli.main import songmake

_NAMED = re.compile(
    r'"((?:AIMLAPI|AWS|AZURE|GOOGLE|SONGMAKE)_[A-Z0-9_]+|[A-Z]+_COLOR|TERM|COLUMNS)"'
)
_READ_BY_NAME = {
    "AIMLAPI_KEY": "the hosted API's key; without it nothing can be bought",
    "AIMLAPI_BASE_URL": "the hosted API's address, `https://api.aimlapi.com` if it is not set;"
    " a rehearsal sets it to its own server",
    "NO_COLOR": "set to anything: no colours, unless `--color always`",
    "FORCE_COLOR": "set to anything: colours off a terminal, too",
    "COLUMNS": "the width of plan, status and their like; else the terminal's, else 80",
    "TERM": "`dumb`: no colours, no bar",
    "SONGMAKE_SKETCH_KEY": "the key that `songmake sketch serve` asks for; any will do if not set",
    "AWS_ENDPOINT_URL": "the address of an S3 service that is not Amazon's, for `--store s3://…`",
    "AWS_ENDPOINT_URL_S3": "the same, and wins over it",
    "AWS_ENDPOINT": "the same, if neither is set",
    "AWS_ALLOW_HTTP": "`true`: that address may be http outside this machine",
}


def environment_page(title: str) -> str:
    """The page. Raises ``LookupError`` for a variable that the code reads and nobody described."""
    named = read_by_name()
    of_options = {variable for variable, _, _ in _options()}
    unknown = sorted(named - set(_READ_BY_NAME) - of_options)
    if unknown:
        raise LookupError(f"not described in {__name__}: {', '.join(unknown)}")
    gone = sorted(set(_READ_BY_NAME) - named)
    if gone:
        raise LookupError(f"described in {__name__}, and nothing reads it: {', '.join(gone)}")
    rows = [(code(name), told) for name, told in _READ_BY_NAME.items()]
    return page(
        title,
        table(("variable", "what it does"), rows),
        "Credentials of object storage are read by the client of the service:"
        " [store](../store.md). `HTTPS_PROXY`, `SSL_CERT_FILE` and their like work as usual, but"
        " for loopback addresses, which are always reached directly.",
        "## Set an option once",
        "What is typed wins. `--replace`, `--take-over` and `--delete` have no variable: they have"
        " to be typed.",
        table(("variable", "is", "of"), _of_options()),
    )


def read_by_name() -> frozenset[str]:
    """Names that stand in the code as whole strings."""
    found: set[str] = set()
    for path in Path(pipeline.__file__).parent.rglob("*.py"):
        found.update(_NAMED.findall(path.read_text(encoding="utf-8")))
    return frozenset(found)


def _of_options() -> Iterator[tuple[str, str, str]]:
    found: dict[str, tuple[str, list[str]]] = {}
    for variable, long, path in _options():
        found.setdefault(variable, (long, []))[1].append(path)
    for variable, (long, paths) in sorted(found.items()):
        yield code(variable), code(long), ", ".join(paths)


def _options() -> Iterator[tuple[str, str, str]]:
    """Variable, option and command, of every option that has one."""
    for command, context in walk(songmake, None):
        path = context.command_path.removeprefix("songmake ")
        for option in command.get_params(context):
            long = next((name for name in option.opts if name.startswith("--")), "")
            for variable in environment_of(option):
                yield variable, long, path
