"""A quick yes to values that satisfy a JSON Schema; whatever it does not accept is jsonschema's.

The gate is built from the schema when it is needed. It may never accept what the strict validator
(:mod:`pipeline.adapters.manifest.validators`) has an error for, so that it refuses to be built from
anything that it does not know to the letter: another keyword, another kind of limit or reference.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

Gate = Callable[[Any], bool]

_NOTES = frozenset(
    {"title", "description", "examples", "default", "enumDescriptions", "patternErrorMessage"}
)
_ONLY_AT_ROOT = frozenset({"$schema", "$id", "$defs"})
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REFERENCE = re.compile(r"#/\$defs/([A-Za-z0-9_]+)")
_OBJECT_RULES = frozenset(
    {"properties", "additionalProperties", "required", "minProperties", "maxProperties"}
)


class NotGateable(Exception):
    """A schema of which the gate does not know everything."""


def gate_of(schema: Mapping[str, Any]) -> Gate:
    """Whether a value (of dict, list, str, int, bool, Decimal, None) satisfies the whole schema.

    Raises :class:`NotGateable`.
    """
    if schema.get("$schema", _DIALECT) != _DIALECT:
        raise NotGateable(f"another dialect: {schema['$schema']!r}")
    below = {key: rule for key, rule in schema.items() if key not in _ONLY_AT_ROOT}
    return _Building(schema.get("$defs", {})).gate(below)


def gate_within(root: Mapping[str, Any], schema: Any) -> Gate:
    """The same for a schema that stands somewhere in ``root`` and may refer to its ``$defs``."""
    return _Building(root.get("$defs", {})).gate(schema)


class _Building:
    """Builds gates; each definition once."""

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions
        self._by_name: dict[str, Gate] = {}
        self._under_way: set[str] = set()

    def gate(self, schema: Any) -> Gate:
        if isinstance(schema, bool):
            return lambda _value: schema
        if not isinstance(schema, dict):
            raise NotGateable(f"no schema: {schema!r}")
        checks = _in_one(schema)
        rules = (rule for rule in schema if not checks or rule not in _IN_ONE)
        checks += [check for rule in rules for check in self._checks(rule, schema)]
        if schema.keys() & _OBJECT_RULES:
            checks.append(self._object(schema))
        return _all_of(checks)

    def _checks(self, rule: str, schema: Mapping[str, Any]) -> tuple[Gate, ...]:
        limit = schema[rule]
        match rule:
            case "$ref":
                return (self._definition(limit),)
            case "allOf":
                return tuple(self.gate(each) for each in limit)
            case "anyOf":
                return (_any_of([self.gate(each) for each in limit]),)
            case "not":
                return (_lacks_one(limit),)
            case "items":
                return (_each(self.gate(limit)),)
            case "propertyNames":
                return (_each_key(self.gate(limit)),)
            case _ if rule in _NOTES or rule in _OBJECT_RULES:
                return ()
            case _ if rule in _RULES:
                return (_RULES[rule](limit),)
            case _:
                raise NotGateable(f"the keyword {rule!r}")

    def _definition(self, reference: object) -> Gate:
        match = _REFERENCE.fullmatch(reference) if isinstance(reference, str) else None
        if match is None or match[1] not in self._definitions or match[1] in self._under_way:
            raise NotGateable(f"the reference {reference!r}")
        name = match[1]
        if name not in self._by_name:
            self._under_way.add(name)
            self._by_name[name] = self.gate(self._definitions[name])
            self._under_way.remove(name)
        return self._by_name[name]

    def _object(self, schema: Mapping[str, Any]) -> Gate:
        gates = {name: self.gate(each) for name, each in schema.get("properties", {}).items()}
        others = self.gate(schema.get("additionalProperties", True))
        required = tuple(schema.get("required", ()))
        least = _count(schema.get("minProperties", 0))
        most = _count(schema.get("maxProperties", sys.maxsize))

        def accepts(value: Any) -> bool:
            if type(value) is not dict:
                return not isinstance(value, dict)
            if not least <= len(value) <= most:
                return False
            for key in required:
                if key not in value:
                    return False
            for key, each in value.items():
                gate = gates.get(key, others)
                if not gate(each):
                    return False
            return True

        return accepts


def _all_of(checks: list[Gate]) -> Gate:
    match checks:
        case []:
            return lambda _value: True
        case [one]:
            return one
        case [one, other]:
            return lambda value: one(value) and other(value)
        case _:
            return _every(tuple(checks))


def _every(checks: tuple[Gate, ...]) -> Gate:
    def accepts(value: Any) -> bool:
        for check in checks:  # noqa: SIM110
            if not check(value):
                return False
        return True

    return accepts


def _any_of(gates: list[Gate]) -> Gate:
    return lambda value: any(gate(value) for gate in gates)


def _lacks_one(refused: Any) -> Gate:
    """``not`` is sure only where what it turns round is exact: a list of required keys."""
    if not isinstance(refused, dict) or refused.keys() != {"required"}:
        raise NotGateable(f"not {refused!r}")
    keys = frozenset(refused["required"])
    return lambda value: type(value) is dict and not keys <= value.keys()


def _each(gate: Gate) -> Gate:
    return lambda value: all(map(gate, value)) if isinstance(value, list) else True


def _each_key(gate: Gate) -> Gate:
    return lambda value: all(map(gate, value)) if isinstance(value, dict) else True


def _type(wanted: Any) -> Gate:
    names = frozenset([wanted] if isinstance(wanted, str) else wanted)
    if not names <= _TYPES.keys():
        raise NotGateable(f"the type {wanted!r}")
    kinds = frozenset(kind for name in names for kind in _TYPES[name])
    return lambda value: type(value) in kinds


def _one_of(known: Any) -> Gate:
    """Equal in JSON's sense: ``1`` is no ``true``, and equal numbers are one."""
    if not isinstance(known, list) or any(type(each) not in _SCALARS for each in known):
        raise NotGateable(f"the choice {known!r}")
    if all(type(each) is str for each in known):
        texts = frozenset(known)
        return lambda value: type(value) is str and value in texts
    spoken = frozenset((_kind(each), each) for each in known)
    return lambda value: type(value) in _SCALARS and (_kind(value), value) in spoken


def _kind(value: object) -> type:
    return int if type(value) is Decimal else type(value)


def _pattern(pattern: Any) -> Gate:
    matches = _matcher(pattern)
    return lambda value: matches(value) is not None if isinstance(value, str) else True


def _matcher(pattern: Any) -> Callable[[str], re.Match[str] | None]:
    if not isinstance(pattern, str):
        raise NotGateable(f"the pattern {pattern!r}")
    if pattern.startswith("^") and pattern.endswith("$"):
        return re.compile(pattern[1:-1]).fullmatch
    return re.compile(pattern).search


def _in_one(schema: Mapping[str, Any]) -> list[Gate]:
    """The gate for the rules of a text or of a whole number, which most values are."""
    match schema.get("type"):
        case "string":
            return [_text(schema)]
        case "integer":
            return [_whole_number(schema)]
    return []


def _text(schema: Mapping[str, Any]) -> Gate:
    least = _count(schema.get("minLength", 0))
    most = _count(schema.get("maxLength", sys.maxsize))
    if "pattern" not in schema:
        return lambda value: type(value) is str and least <= len(value) <= most
    matches = _matcher(schema["pattern"])
    return lambda value: (
        type(value) is str and least <= len(value) <= most and matches(value) is not None
    )


def _whole_number(schema: Mapping[str, Any]) -> Gate:
    least = _bound(schema["minimum"]) if "minimum" in schema else -math.inf
    most = _bound(schema["maximum"]) if "maximum" in schema else math.inf
    return lambda value: type(value) is int and least <= value <= most


def _count(limit: Any) -> int:
    if type(limit) is not int:
        raise NotGateable(f"the count {limit!r}")
    return limit


def _bound(limit: Any) -> int | Decimal:
    if type(limit) not in _NUMBERS:
        raise NotGateable(f"the limit {limit!r}")
    number: int | Decimal = limit
    return number


def _is_uncounted(value: object) -> bool:
    return type(value) is bool or not isinstance(value, int | Decimal)


def _at_least(limit: Any) -> Gate:
    bound = _bound(limit)
    return lambda value: value >= bound if type(value) in _NUMBERS else _is_uncounted(value)


def _at_most(limit: Any) -> Gate:
    bound = _bound(limit)
    return lambda value: value <= bound if type(value) in _NUMBERS else _is_uncounted(value)


def _more_than(limit: Any) -> Gate:
    bound = _bound(limit)
    return lambda value: value > bound if type(value) in _NUMBERS else _is_uncounted(value)


def _less_than(limit: Any) -> Gate:
    bound = _bound(limit)
    return lambda value: value < bound if type(value) in _NUMBERS else _is_uncounted(value)


def _shortest(kind: type[str | list[Any]], limit: Any) -> Gate:
    count = _count(limit)
    return lambda value: len(value) >= count if isinstance(value, kind) else True


def _longest(kind: type[str | list[Any]], limit: Any) -> Gate:
    count = _count(limit)
    return lambda value: len(value) <= count if isinstance(value, kind) else True


_IN_ONE = frozenset({"type", "minLength", "maxLength", "pattern", "minimum", "maximum"})
_NUMBERS = frozenset({int, Decimal})
_SCALARS = frozenset({str, int, Decimal, bool, type(None)})
_TYPES: Mapping[str, frozenset[type]] = {
    "string": frozenset({str}),
    "integer": frozenset({int}),
    "number": _NUMBERS,
    "boolean": frozenset({bool}),
    "null": frozenset({type(None)}),
    "array": frozenset({list}),
    "object": frozenset({dict}),
}
_RULES: Mapping[str, Callable[[Any], Gate]] = {
    "type": _type,
    "enum": _one_of,
    "const": lambda known: _one_of([known]),
    "pattern": _pattern,
    "minLength": lambda limit: _shortest(str, limit),
    "maxLength": lambda limit: _longest(str, limit),
    "minItems": lambda limit: _shortest(list, limit),
    "maxItems": lambda limit: _longest(list, limit),
    "minimum": _at_least,
    "maximum": _at_most,
    "exclusiveMinimum": _more_than,
    "exclusiveMaximum": _less_than,
}
