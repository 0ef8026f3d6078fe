"""JSON Schema without the traps of its Python implementation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from pipeline.adapters.manifest.schema_gate import Gate, NotGateable, gate_within

Rule = Callable[[Any, Any, Any, Mapping[str, Any]], Iterator[ValidationError]]


def strict_validator(schema: Mapping[str, Any]) -> Any:
    """A draft 2020-12 validator for values whose numbers are ``int`` or ``Decimal``.

    ``2.0`` is no integer, and the ``$`` at the end of a pattern does not match before a last
    line feed.
    """
    return _STRICT(dict(schema))


def narrow_validator(schema: Mapping[str, Any]) -> Any:
    """The same, with the same errors, for mappings with thousands of members.

    Members that their schema's gate accepts have no errors, and are not looked at again. Those of
    the others come in the order of the members, which jsonschema leaves to chance.
    """
    rules = {name: _narrowed(name, schema) for name in ("additionalProperties", "propertyNames")}
    narrow: Any = extend(_STRICT, validators=rules)  # type: ignore[no-untyped-call]
    return narrow(dict(schema))


def _narrowed(name: str, root: Mapping[str, Any]) -> Rule:
    rule: Any = _STRICT.VALIDATORS[name]

    def narrowed(
        validator: Any, members: Any, instance: Any, schema: Mapping[str, Any]
    ) -> Iterator[ValidationError]:
        gate = _gate(root, members) if isinstance(members, dict) else None
        if gate is None or not isinstance(instance, dict):
            yield from rule(validator, members, instance, schema) or ()
            return
        for key, member in instance.items():
            if not gate(key if name == "propertyNames" else member):
                yield from rule(validator, members, {key: member}, schema) or ()

    return narrowed


def _gate(root: Mapping[str, Any], schema: Any) -> Gate | None:
    try:
        return gate_within(root, schema)
    except NotGateable:
        return None


def _is_integer(_checker: Any, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(checker: Any, value: object) -> bool:
    return isinstance(value, Decimal) or _is_integer(checker, value)


def _pattern(
    validator: Any, pattern: str, instance: object, _schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    if not validator.is_type(instance, "string"):
        return
    text = str(instance)
    if pattern.startswith("^") and pattern.endswith("$"):
        match = re.fullmatch(pattern[1:-1], text)
    else:
        match = re.search(pattern, text)
    if match is None:
        yield ValidationError("does not match")


_STRICT: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    validators={"pattern": _pattern},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer).redefine(
        "number", _is_number
    ),
)
