"""Every page of the reference, by its file's name."""

from __future__ import annotations

from docs.generator.commands import commands_page
from docs.generator.documents import documents_page, events_page
from docs.generator.environment import environment_page
from docs.generator.exits import exits_page
from docs.generator.manifest import manifest_page
from docs.generator.markdown import page, table
from docs.generator.states import states_page

_PAGES = {
    "commands.md": ("Commands", "every command, option and argument", commands_page),
    "manifest.md": ("The manifest", "every field: type, limits, what it is for", manifest_page),
    "events.md": ("Events", "the lines of `songmake render --json`", events_page),
    "documents.md": ("JSON documents", "what the other commands print or write", documents_page),
    "exit-codes.md": ("Exit codes", "how a command ends, and which errors end it so", exits_page),
    "states.md": ("States of a take", "where a take can stand, and its money then", states_page),
    "environment.md": ("Environment variables", "what is read from outside", environment_page),
}


def pages() -> dict[str, str]:
    """File name to text."""
    rows = [(f"[{title}]({name})", told) for name, (title, told, _) in _PAGES.items()]
    index = page(
        "Reference",
        "Written from the code by `make reference`. For what to do with it: the"
        " [producer's guide](../producer.md) and the [operator's guide](../operator.md).",
        table(("page", "what is in it"), rows),
    )
    return {"README.md": index, **{name: make(title) for name, (title, _, make) in _PAGES.items()}}
