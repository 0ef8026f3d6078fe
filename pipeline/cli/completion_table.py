"""The commands' words as a table, and a command line that is made of nothing but the table.

Loading the commands themselves takes ten times as long as a key press may. ``make
reference`` writes the table anew; the suite holds it against the commands.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

FILE = Path(__file__).with_name("completion_table.json")
LONGEST_HELP = 70

Offer = Callable[[click.Context, click.Parameter, str], list[CompletionItem[str]]]


def table_of(command: click.Command, parent: click.Context | None = None) -> dict[str, Any]:
    """What a real command is made of; ``fills`` says what a value stands for."""
    context = command.context_class(command, parent=parent, **command.context_settings)
    row: dict[str, Any] = {
        "help": command.get_short_help_str(LONGEST_HELP),
        "params": [_row(param) for param in command.get_params(context) if not _is_hidden(param)],
    }
    if isinstance(command, click.Group):
        names = command.list_commands(context)
        inside = {name: command.get_command(context, name) for name in names}
        row["commands"] = {
            name: table_of(found, context) for name, found in inside.items() if found
        }
    return row


def _is_hidden(param: click.Parameter) -> bool:
    return isinstance(param, click.Option) and param.hidden


def _row(param: click.Parameter) -> dict[str, Any]:
    name = str(param.name)
    row: dict[str, Any] = {"name": name if name.isidentifier() and name[0] != "_" else "help"}
    if isinstance(param, click.Option):
        row |= {"opts": list(param.opts), "help": _one_line(param.help or "")}
        row |= {"off": list(param.secondary_opts)} if param.secondary_opts else {}
        row |= {word: True for word in ("is_flag", "multiple") if getattr(param, word)}
    elif param.nargs != 1:
        row["nargs"] = param.nargs
    if isinstance(param.type, click.Choice):
        row["choices"] = [str(choice) for choice in param.type.choices]
    filling = _filling(param)
    return row if filling is None else {**row, "fills": filling}


def _one_line(text: str) -> str:
    first = " ".join(text.split()).partition(" [default")[0]
    return first if len(first) <= LONGEST_HELP else first[: LONGEST_HELP - 1].rstrip() + "…"


def _filling(param: click.Parameter) -> str | None:
    shown = param.metavar or ""
    if param.name == "manifests":
        return "manifests"
    if shown == "SEL":
        return "selections"
    if "SONG#TAKE" in shown:
        return "takes"
    if isinstance(param.type, click.Path):
        return "files" if param.type.file_okay else "folders"
    return None


def command_of(name: str, row: Mapping[str, Any], offers: Mapping[str, Offer]) -> click.Command:
    """A command that can be completed, and does nothing."""
    params = [_param(each, offers) for each in row["params"]]
    if "commands" not in row:
        return click.Command(name, params=params, short_help=row["help"], add_help_option=False)
    inside = {each: command_of(each, found, offers) for each, found in row["commands"].items()}
    return click.Group(
        name, params=params, short_help=row["help"], commands=inside, add_help_option=False
    )


def _param(row: Mapping[str, Any], offers: Mapping[str, Offer]) -> click.Parameter:
    filling = row.get("fills")
    kind: Any = click.STRING
    if "choices" in row:
        kind = click.Choice(row["choices"])
    elif filling in ("files", "folders"):
        kind = click.Path(file_okay=filling == "files")
    offer = offers.get(filling or "")
    if "opts" not in row:
        return click.Argument(
            [row["name"]],
            type=kind,
            nargs=row.get("nargs", 1),
            required=False,
            shell_complete=offer,
        )
    if row.get("is_flag"):
        last = "/".join((row["opts"][-1], *row.get("off", ())))
        return click.Option([row["name"], *row["opts"][:-1], last], is_flag=True, help=row["help"])
    return click.Option(
        [row["name"], *row["opts"]],
        type=kind,
        multiple=row.get("multiple", False),
        help=row["help"],
        shell_complete=offer,
    )


def load_command(offers: Mapping[str, Offer]) -> click.Command:
    """``songmake`` as the table has it."""
    return command_of("songmake", json.loads(FILE.read_text(encoding="utf-8")), offers)


def table_text() -> str:
    """The table of the commands as they are, as the file should have it."""
    from pipeline.cli.main import COMMANDS, songmake

    table = table_of(songmake)
    for name, row in table["commands"].items():
        row["help"] = COMMANDS[name]
    return json.dumps(table, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(table_text(), encoding="utf-8")
