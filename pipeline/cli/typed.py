"""What was typed, for those who speak later: the wish for colour, and what hints repeat of it.

A hint is written for the defaults; what the command line said in place of them is said again with
it, so that it works as it is printed. What the environment says stays said.
"""

from __future__ import annotations

import re
import shlex
import shutil
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

REPEATED = ("manifests", "provider", "state", "store", "output")  # in the order of a hint
NAME = "songmake"
COMMAND = re.compile(r"\bsongmake ([a-z]+)(?![a-z-])(?! --help)")
CALL = re.compile(r"\bsongmake (?=([a-z]+|--help)\b)")
MANIFEST = re.compile(r"\.ya?ml\b")
WORD = re.compile(r" ('[^']*'|\S+)")


class Colour(StrEnum):
    """When words are coloured."""

    AUTO = "auto"  # on a terminal that can, unless NO_COLOR is set
    ALWAYS = "always"
    NEVER = "never"


@dataclass(slots=True, kw_only=True)
class Typed:
    """Filled while the command line is read. ``words`` are the arguments as they came.

    ``program`` is what a shell starts songmake by.
    """

    program: str = NAME
    words: tuple[str, ...] = ()
    colour: Colour = Colour.AUTO
    given: dict[str, tuple[str, ...]] = field(default_factory=dict)


def program_of(started_as: str) -> str:
    """What a shell starts this program by: its name if the path knows it, else as it was started.

    ``make`` starts it from a virtual environment that need not be active where the hint is pasted.
    """
    is_named = Path(started_as).name != NAME or shutil.which(NAME) is not None
    return NAME if is_named else shlex.quote(started_as)


def typed() -> Typed:
    """What was typed for the command that is at work; nothing outside of one."""
    context = click.get_current_context(silent=True)
    found = None if context is None else context.find_object(Typed)
    return Typed() if found is None else found


def remembered(context: click.Context, param: click.Parameter, value: Any) -> Any:
    """A parameter's callback: hints repeat it if it was typed."""
    found, name = context.find_object(Typed), str(param.name)
    is_typed = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    if found is not None and is_typed and value:
        values = value if isinstance(value, tuple) else (value,)
        found.given[name] = tuple(map(str, values))
    return value


def coloured(context: click.Context, param: click.Parameter, value: str | None) -> None:
    """The callback of ``--color``; a later one counts."""
    found = context.find_object(Typed)
    if found is not None and value is not None:
        found.colour = Colour(value)


def again(*flags: str) -> str:
    """The very command that is at work, with ``flags`` added."""
    return shlex.join([NAME, *typed().words, *flags])


def selection() -> str:
    """The ``--select`` that were typed, to stand behind a command that goes on with the same."""
    words = (word for each in typed().given.get("select", ()) for word in ("--select", each))
    return "".join(f" {shlex.quote(word)}" for word in words)


def as_typed(text: str) -> str:
    """``text`` with every command in it as it is to be typed here.

    The flags that were typed with this one complete it.
    """
    context = click.get_current_context(silent=True)
    root = None if context is None else context.find_root()
    if root is None or not isinstance(root.command, click.Group):
        return text
    found = typed()
    whole = _completed(text, root, root.command, found) if found.given else text
    known = ("--help", *root.command.list_commands(root))
    return CALL.sub(lambda call: f"{found.program} " if call[1] in known else call[0], whole)


def _completed(text: str, root: click.Context, group: click.Group, found: Typed) -> str:
    parts: list[str] = []
    at = 0
    for match in COMMAND.finditer(text):
        command = group.get_command(root, match[1])
        if command is not None:
            end = _end_of_names(command, text, match.end())
            line = text[text.rfind("\n", 0, end) + 1 :].partition("\n")[0]
            parts += [text[at:end], *_flags(command, found, line)]
            at = end
    return "".join((*parts, text[at:]))


def _end_of_names(command: click.Command, text: str, end: int) -> int:
    """Behind what the command names before its manifests: ``settle`` says which take."""
    for param in command.params:
        if not isinstance(param, click.Argument) or param.nargs != 1:
            continue
        named = WORD.match(text, end)
        if named is None:
            break
        end = named.end()
    return end


def _flags(command: click.Command, found: Typed, line: str) -> list[str]:
    """What ``command`` takes of the flags that were typed, unless the hint's line names them."""
    params = {param.name: param for param in command.params}
    flags = []
    for name in REPEATED:
        values = found.given.get(name)
        if not values or name not in params:
            continue
        quoted = [shlex.quote(value) for value in values]
        if isinstance(params[name], click.Argument):
            is_named = MANIFEST.search(line) or quoted[0] in line.split()
            flags += [] if is_named else [f" {value}" for value in quoted]
        elif not re.search(rf"--{name}\b", line) and "@" not in values[0]:
            flags += [f" --{name} {value}" for value in quoted]
    return flags
