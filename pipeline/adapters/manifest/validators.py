"""JSON Schema without the traps of its Python implementation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend


def strict_validator(schema: Mapping[str, Any]) -> Any:
    """A draft 2020-12 validator for values whose numbers are ``int`` or ``Decimal``.

    ``2.0`` is no integer, and the ``$`` at the end of a pattern does not match before a last
    line feed.
    """
    return _STRICT(dict(schema))


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
