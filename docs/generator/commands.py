"""Every command with its usage, arguments and options, from click."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator

import click

from docs.generator.markdown import cell, code, page, sentence, table
from pipeline.cli.main import songmake

# two sketches cost more than all other commands of the page
_NOT_RUN = "<!-- not run: tests/sketch/test_commands.py renders songs of its own -->"


def commands_page(title: str) -> str:
    """The page."""
    blocks = ["\n\n".join(_section(command, context)) for command, context in walk(songmake, None)]
    return page(
        title,
        "`songmake COMMAND --help` says the same. An option's environment variable stands beside"
        " it: a flag is set with `1`, several words of one that may be repeated are separated by"
        " spaces. What is typed wins over what is exported.",
        *blocks,
    )


def walk(
    command: click.Command, parent: click.Context | None
) -> Iterator[tuple[click.Command, click.Context]]:
    """A command and all below it, in the order of the program's own help."""
    name = "songmake" if parent is None else command.name
    context = click.Context(command, info_name=name, parent=parent, **command.context_settings)
    yield command, context
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            if found is not None and not found.hidden:
                yield from walk(found, context)


def environment_of(option: click.Parameter) -> tuple[str, ...]:
    """The variables that set an option."""
    found = option.envvar
    if found is None:
        return ()
    return (found,) if isinstance(found, str) else tuple(found)


def _section(command: click.Command, context: click.Context) -> Iterator[str]:
    yield f"## {context.command_path}"
    yield "\n\n".join(_paragraphs(command.help or ""))
    usage = command.get_usage(context).removeprefix("Usage: ")
    yield code(cell(usage))
    options = list(_options(command, context))
    if options:
        yield table(("option", "environment", "what it does"), options)


def _paragraphs(text: str) -> Iterator[str]:
    r"""The help's paragraphs; what click keeps as it is (``\b``) becomes a block."""
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        if not paragraph.startswith("\b"):
            yield sentence(paragraph)
            continue
        kept = textwrap.dedent(paragraph.removeprefix("\b\n"))
        if kept.startswith("songmake "):
            mark = f"{_NOT_RUN}\n" if "songmake sketch render" in kept else ""
            yield f"{mark}```console\n{re.sub(r'(?m)^songmake ', '$ songmake ', kept)}\n```"
        else:
            yield f"```text\n{kept}\n```"


def _options(command: click.Command, context: click.Context) -> Iterator[tuple[str, str, str]]:
    for option in command.get_params(context):
        record = option.get_help_record(context)
        if not isinstance(option, click.Option) or record is None or "--help" in option.opts:
            continue
        names, told = record
        variables = ", ".join(code(name) for name in environment_of(option))
        yield code(names), variables, _with_code(told)


def _with_code(told: str) -> str:
    """Options that a help text names, in a fixed-width face."""
    return re.sub(r"(?<![\w`-])(--[a-z][a-z-]+)", r"`\1`", told)
