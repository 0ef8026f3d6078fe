"""The JSON documents in short, and the events of a run, from schemas/."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docs.generator.markdown import code, page, sentence, table
from docs.generator.schema_text import Schema, fields, kind_text, resolved

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
_OWN_PAGES = ("album", "event")


def load(name: str) -> dict[str, Any]:
    """``schemas/NAME.schema.json``."""
    path = SCHEMAS / f"{name}.schema.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def documents_page(title: str) -> str:
    """The page: one table a document."""
    names = sorted(path.name.removesuffix(".schema.json") for path in SCHEMAS.glob("*.schema.json"))
    sections = [
        f"## {name}\n\n{sentence(load(name).get('description', ''))}"
        f" Schema: [{name}.schema.json](../../schemas/{name}.schema.json).\n\n{_table(load(name))}"
        for name in names
        if name not in _OWN_PAGES
    ]
    return page(
        title,
        "Money is text with six decimals, moments are UTC, what is absent is `null`. A document"
        " names its form in `schema`; a change that a reader could stumble over raises the number."
        " In the names below `[]` is each of a list and `*` each entry of a map; a field in"
        " *italics* may be left out.",
        *sections,
    )


def events_page(title: str) -> str:
    """The page: one table an event."""
    root = load("event")
    sections = []
    common: set[str] = set()
    kinds = [resolved(choice, root) for choice in root["oneOf"]]
    for kind in kinds:
        common = common & set(kind["properties"]) if common else set(kind["properties"])
    shared = [field for field in fields(kinds[0], root, is_deep=False) if field[0] in common]
    for kind in kinds:
        name = kind["properties"]["event"]["const"]
        own = [field for field in fields(kind, root) if field[0].split(".")[0] not in common]
        told = table(("field", "is", "what it says"), _rows(own, root)) if own else ""
        sections.append(f"## {name}\n\n{sentence(kind['description'])}\n\n{told}".strip())
    return page(
        title,
        f"{sentence(root['description'])} Schema:"
        " [event.schema.json](../../schemas/event.schema.json). Every line has these fields:",
        table(("field", "is", "what it says"), _rows(shared, root, is_any=True)),
        *sections,
    )


def _table(root: Schema) -> str:
    return table(("field", "is", "what it says"), _rows(fields(root, root), root))


def _rows(found: Any, root: Schema, *, is_any: bool = False) -> Iterator[tuple[str, str, str]]:
    for name, schema, is_needed in found:
        shown = code(name) if is_needed else f"*{code(name)}*"
        kind = "text" if is_any and name == "event" else kind_text(schema, root)
        told = "Which event it is." if is_any and name == "event" else schema.get("description", "")
        yield shown, kind, sentence(told)
