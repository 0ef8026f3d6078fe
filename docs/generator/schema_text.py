"""What a JSON Schema says of a property, in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from docs.generator.markdown import code

Schema = Mapping[str, Any]


def resolved(schema: Schema, root: Schema) -> Schema:
    """The schema with what its ``$ref`` names; its own words win. Another file's is a map."""
    while "$ref" in schema:
        place, name = schema["$ref"].split("#")[0], schema["$ref"].rpartition("/")[2]
        own = {key: told for key, told in schema.items() if key != "$ref"}
        schema = {**({"type": "object"} if place else root["$defs"][name]), **own}
    return schema


def kind_text(schema: Schema, root: Schema) -> str:
    """Type and limits in a few words: ``whole number, 1 to 99``."""
    schema = resolved(schema, root)
    if "const" in schema:
        return code(json.dumps(schema["const"]).strip('"'))
    if "enum" in schema:
        return ", ".join(code("null" if word is None else str(word)) for word in schema["enum"])
    if "oneOf" in schema:
        return " or ".join(kind_text(choice, root) for choice in schema["oneOf"])
    named = schema.get("type", "")
    kinds = [named] if isinstance(named, str) else list(named)
    return " or ".join(_kind(kind, schema, root) for kind in kinds if kind)


def _kind(kind: str, schema: Schema, root: Schema) -> str:
    match kind:
        case "integer" | "number":
            word = "whole number" if kind == "integer" else "number"
            return " ".join(filter(None, (word, _range(schema))))
        case "string":
            longest = schema.get("maxLength")
            return "text" + (f", at most {longest} characters" if longest else "")
        case "array":
            things = kind_text(schema["items"], root)
            most = schema.get("maxItems")
            return f"list of {things}" + (f" (at most {most})" if most else "")
        case "object":
            return "map"
        case "boolean":
            return "`true` or `false`"
        case _:
            return code(kind)


def _range(schema: Schema) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    above = schema.get("exclusiveMinimum")
    words = f"above {above}" if above is not None else ""
    if least is not None and most is not None:
        return f"{least} to {most}"
    if least is not None:
        return f"from {least}"
    return " ".join(filter(None, (words, f"to {most}" if most is not None else "")))


def fields(
    schema: Schema, root: Schema, prefix: str = "", *, is_deep: bool = True
) -> Iterator[tuple[str, Schema, bool]]:
    """Every property below a schema: dotted name, its schema, whether it has to be there."""
    schema = resolved(schema, root)
    for name, below in schema.get("properties", {}).items():
        found = resolved(below, root)
        yield f"{prefix}{name}", found, name in schema.get("required", ())
        if is_deep:
            yield from fields(found, root, f"{prefix}{name}.")
            yield from fields(found.get("items", {}), root, f"{prefix}{name}[].")
    for below in _by_pattern(schema):
        found = resolved(below, root)
        yield f"{prefix}*", found, False
        if is_deep:
            yield from fields(found, root, f"{prefix}*.")
    for choice in schema.get("oneOf", ()):
        yield from fields(choice, root, prefix, is_deep=is_deep)


def _by_pattern(schema: Schema) -> Iterator[Schema]:
    yield from schema.get("patternProperties", {}).values()
    others = schema.get("additionalProperties")
    if isinstance(others, Mapping):
        yield others
