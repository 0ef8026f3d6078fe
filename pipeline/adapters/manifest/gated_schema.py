"""A JSON Schema whose errors are worded by jsonschema, which is loaded once there are some."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from pipeline.adapters.manifest.schema_gate import Gate, NotGateable, gate_of


class GatedSchema:
    """Says what is wrong with a value, and quickly where nothing is.

    Its values are made of dict, list, str, int, bool, Decimal and None.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema

    def iter_errors(self, value: object) -> Iterable[Any]:
        """The strict validator's errors, in its order."""
        return () if self._gate(value) else self._validator.iter_errors(value)

    @cached_property
    def _gate(self) -> Gate:
        try:
            return gate_of(self._schema)
        except NotGateable:
            return lambda _value: False

    @cached_property
    def _validator(self) -> Any:
        # Loading jsonschema takes longer than reading a thousand songs.
        from pipeline.adapters.manifest.validators import narrow_validator

        return narrow_validator(self._schema)
