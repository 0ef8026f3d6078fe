"""The manifest's fields, from schemas/album.schema.json and the models' profiles."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from docs.generator.documents import SCHEMAS, load
from docs.generator.markdown import code, page, sentence, table
from docs.generator.schema_text import Schema, fields, kind_text

_HEADS = ("field", "is", "if left out", "changing it", "what it is for")


def manifest_page(title: str) -> str:
    """The page."""
    root = load("album")
    parts, words = root["properties"], root["$defs"]
    shared = ", ".join(code(name) for name in parts["defaults"]["properties"])
    top = _table("", root, root, is_deep=False)
    return page(
        title,
        "`songmake schema` prints the schema that this page is made of. A field in **bold** has to"
        " be there. *Changing it* says what a change costs: *buys* means that the takes concerned"
        " are bought anew by the next render, *free* that nothing is.",
        f"## The file\n\n{top}",
        f"## album\n\nThe album as a whole.\n\n{_table('album', parts['album'], root)}",
        "## songs\n\nOne entry a song. Its key is the permanent id (lower-case letters and digits"
        " in groups joined by single hyphens), its place in the map the track number.\n\n"
        + _table("songs", words["song"], root),
        f"## defaults\n\nWhat every song has unless it says otherwise: {shared}. Maps merge;"
        " everything else is replaced.",
        "## credits\n\nFor `ai-disclosure.json`, the album's or a song's own.\n\n"
        + _table("credits", parts["credits"], root, is_deep=False),
        "Each part, and each of `contributors`, is a map:\n\n"
        + _table("credits", _as_map("PART", words["credit"]), root)
        + "\n\n"
        + _table("credits", _as_map("contributors", words["contributors"]), root),
        f"## Models\n\nWhat a model cannot be asked is an error.\n\n{_models()}",
    )


def _as_map(name: str, schema: Schema) -> Schema:
    return {"properties": {name: schema}}


def _table(section: str, schema: Schema, root: Schema, *, is_deep: bool = True) -> str:
    return table(_HEADS, _rows(section, fields(schema, root, is_deep=is_deep), root))


def _rows(
    section: str, found: Iterator[tuple[str, Schema, bool]], root: Schema
) -> Iterator[tuple[str, str, str, str, str]]:
    for name, schema, is_needed in found:
        if section == "songs" and name.startswith("credits."):
            continue
        shown = f"**{code(name)}**" if is_needed else code(name)
        default = code(json.dumps(schema["default"]).strip('"')) if "default" in schema else ""
        told = sentence(schema.get("description", "")) + _example(schema)
        yield shown, kind_text(schema, root), default, price_of(section, name), told


def _example(schema: Schema) -> str:
    choices = [choice for choice in schema.get("examples", ()) if not isinstance(choice, dict)]
    if not choices or "enum" in schema or schema.get("type") == "boolean":
        return ""
    text = json.dumps(choices[0], ensure_ascii=False)
    return "" if "\\n" in text else f" For example {code(text)}."


def price_of(section: str, name: str) -> str:
    """What a change of a field does: nothing, or a purchase."""
    top = name.split(".")[0]
    if section == "songs":
        if top == "takes":
            return "more: buys those that are missing"
        return "buys" if top in asked_for() else "free"
    if section:
        return "free"
    return {
        "provider": "buys, where the other one has not rendered it",
        "styles": "buys, where it is used",
        "budget_usd": "free",
        "credits": "free",
    }.get(top, "see below")


def asked_for() -> frozenset[str]:
    """Words of a song that are part of its request: the neutral names of every model."""
    names = {name.split(".")[0] for profile in _profiles() for name in profile["wire"]}
    return frozenset(names | {"style", "revision"})


def _profiles() -> Iterator[dict[str, Any]]:
    for path in sorted((SCHEMAS / "profiles").glob("*.json")):
        yield json.loads(path.read_text(encoding="utf-8"))


def _models() -> str:
    rows = []
    for profile in _profiles():
        price = profile.get("price")
        rows.append(
            (
                code(profile["model"]),
                code(profile["contract"]),
                f"${price['usd']}" if price else "what `price_usd` says",
                ", ".join(code(name) for name in profile["wire"] if name != "model"),
                "; ".join(_limits(profile)),
            )
        )
    return table(("model", "contract", "a song costs", "can be asked", "limits"), rows)


def _limits(profile: dict[str, Any]) -> Iterator[str]:
    """What the contract allows; words that are sent as one text share its limit."""
    together: dict[str, list[str]] = {}
    for name, wire in profile["wire"].items():
        together.setdefault(wire, []).append(name)
    for wire, names in together.items():
        schema = profile["request"]["properties"].get(wire, {})
        limit = _limit(schema, profile["scale"].get(names[0], 1))
        if limit:
            yield f"{' and '.join(names)} {limit}"


def _limit(schema: Schema, scale: int) -> str:
    if "maxLength" in schema:
        return f"{schema.get('minLength', 0)} to {schema['maxLength']} characters"
    if "minimum" in schema and "maximum" in schema:
        return f"{schema['minimum'] // scale} to {schema['maximum'] // scale}"
    return ""
