"""What a broken rule of a JSON Schema means, in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from pipeline.adapters.manifest.nodes import MappingNode, Node, ScalarNode, SequenceNode
from pipeline.core.findings.characters import excerpt
from pipeline.core.findings.suggestion import closest

_NUMBER = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18})?")
_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}
_SPOKEN_BOOLEANS = {
    "yes": "true",
    "y": "true",
    "on": "true",
    "no": "false",
    "n": "false",
    "off": "false",
}
_LIMITS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
}
_COUNTS = {
    "minItems": ("at least", "entries"),
    "maxItems": ("at most", "entries"),
    "minProperties": ("at least", "keys"),
    "maxProperties": ("at most", "keys"),
}


class Words(NamedTuple):
    """A message and what to do about it."""

    message: str
    hint: str | None = None


def shown_value(value: object) -> str:
    """A value as a manifest's writer would write it, short and safe to print."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return str(value)
        case str():
            return excerpt(value)
        case list():
            return "a list"
        case _:
            return "a mapping"


def worded(label: str, rule: str, limit: Any, value: object, schema: Mapping[str, Any]) -> Words:
    """The words for one broken rule (a keyword of JSON Schema other than ``type``)."""
    if rule == "enum":
        return _not_one_of(label, limit, value)
    if rule == "const":
        return Words(f"{label} must be {shown_value(limit)}, not {shown_value(value)}")
    if rule in ("minLength", "maxLength") and isinstance(value, str):
        return _wrong_length(label, rule, limit, value)
    if rule in _LIMITS:
        return Words(f"{label} must be {_LIMITS[rule]} {limit}, not {shown_value(value)}")
    if rule in _COUNTS and isinstance(value, list | dict) and not value:
        return Words(f"{label} must not be empty")
    if rule in _COUNTS and isinstance(value, list | dict):
        bound, unit = _COUNTS[rule]
        return Words(f"{label} must have {bound} {limit} {unit}, not {len(value)}")
    if rule == "pattern":
        return _wrong_pattern(label, limit, value, schema)
    return Words(f"{label} breaks the rule {rule}")


def _not_one_of(label: str, known: list[Any], value: object) -> Words:
    names = ", ".join(str(each) for each in known)
    near = closest(str(value), (str(each) for each in known)) if isinstance(value, str) else None
    if near is None and isinstance(value, int) and not isinstance(value, bool):
        numbers = [each for each in known if isinstance(each, int)]
        near = str(min(numbers, key=lambda each: abs(each - value))) if numbers else None
    hint = f"did you mean {near}?" if near is not None else None
    return Words(f"{label} must be one of {names}, not {shown_value(value)}", hint)


def _wrong_length(label: str, rule: str, limit: int, value: str) -> Words:
    if rule == "minLength" and not value:
        return Words(f"{label} must not be empty")
    bound = "at least" if rule == "minLength" else "at most"
    return Words(f"{label} must be {bound} {limit} characters long, not {len(value)}")


def _wrong_pattern(label: str, pattern: str, value: object, schema: Mapping[str, Any]) -> Words:
    if not str(value).strip():
        return Words(f"{label} must not be blank")
    described = schema.get("description", f"a text like {pattern}")
    rule = schema.get("patternErrorMessage", f"must be {described}")  # editors show it too
    stripped = " ".join(str(value).split())
    hint = f"write {excerpt(stripped)}" if pattern == "^\\S(.*\\S)?$" else None
    return Words(f"{label} {rule}, not {shown_value(value)}", hint)


def wrong_type(label: str, key: str, wanted: list[str], node: Node) -> Words:
    """The words for a value of the wrong type, with the way to write the right one."""
    names = " or ".join(_TYPES.get(each, each) for each in wanted)
    match node:
        case ScalarNode(value=None, text=""):
            return Words(f"{label} has no value", f"write {names} behind it, or delete the key")
        case ScalarNode():
            got = excerpt(node.text)
            hint = _hint_for_scalar(key, wanted, node)
            return Words(f"{label} must be {names}, and {got} is {_kind(node.value)}", hint)
        case SequenceNode():
            return Words(f"{label} must be {names}, not a list")
        case MappingNode():
            return Words(f"{label} must be {names}, not a mapping")


def _kind(value: object) -> str:
    match value:
        case None:
            return "the empty value"
        case bool():
            return "true or false"
        case int():
            return "a whole number"
        case Decimal():
            return "a number with a fraction"
        case _:
            return "text"


def _hint_for_scalar(key: str, wanted: list[str], node: ScalarNode) -> str | None:
    if "string" in wanted:
        return f'quote it: {key}: "{node.text[:60]}"'
    if wanted == ["boolean"] and isinstance(node.value, str):
        meant = _SPOKEN_BOOLEANS.get(node.value.casefold())
        return f"write {meant}" if meant else None
    if "array" in wanted:
        return f"write {key}: [{node.text[:60]}]"
    if isinstance(node.value, Decimal) and node.value == node.value.to_integral_value():
        return f"write {int(node.value)}"
    if isinstance(node.value, str) and not node.is_plain and _NUMBER.fullmatch(node.value.strip()):
        return f"write it without quotes: {key}: {node.value.strip()[:20]}"
    return None
