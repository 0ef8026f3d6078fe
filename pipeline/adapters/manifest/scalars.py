"""Scalars of the YAML 1.2 core schema: `no`, `12:30` and dates are text, `014` is fourteen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from pipeline.adapters.manifest.nodes import ScalarValue
from pipeline.core.findings.characters import character_name, code_point, excerpt, first_control

MOST_DIGITS = 18  # nothing in a manifest counts further, and long ones take quadratic time
MOST_EXPONENT = 18

CORE_TAG = "tag:yaml.org,2002:"
_CONSTANTS: Mapping[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_STARTS_OF_NUMBERS = frozenset("+-.0123456789")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE]([-+]?[0-9]+))?")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NO_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


class ScalarRefused(Exception):
    """A scalar that has no usable value; ``message`` and ``hint`` are for the user."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def text_value(text: str) -> str:
    """A text with escapes in it. Raises :class:`ScalarRefused` for characters that no text has."""
    control = first_control(text)
    if control is not None:
        name = character_name(text[control])
        raise ScalarRefused(f"a text cannot contain {name}", hint="delete it")
    half = _SURROGATE.search(text)
    if half is not None:
        raise ScalarRefused(
            f"{code_point(half.group())} is half of a character",
            hint="write the character itself, or \\U and eight hex digits",
        )
    return text


def may_be_more_than_text(text: str) -> bool:
    """False for an unquoted scalar that is sure to be a text."""
    return text in _CONSTANTS or text[0] in _STARTS_OF_NUMBERS


def plain_value(text: str) -> ScalarValue:
    """An unquoted scalar by the core schema. Raises :class:`ScalarRefused` for odd numbers."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] in _STARTS_OF_NUMBERS:
        number = _number(text)
        if number is not None:
            return number
    return text


def _number(text: str) -> int | Decimal | None:
    if len(text) <= MOST_DIGITS and text.isascii() and text.isdigit():
        return int(text)
    if _NO_NUMBER.fullmatch(text):
        hint = "write a number in digits, or quote it if it is text"
        raise ScalarRefused(f"{text} cannot be counted with", hint=hint)
    for pattern, base in ((_INTEGER, 10), (_OCTAL, 8), (_HEXADECIMAL, 16)):
        if pattern.fullmatch(text):
            return int(_of_bearable_length(text), base)
    match = _FLOAT.fullmatch(text)
    if match is None:
        return None
    _of_bearable_length(text)
    if match.group(1) and abs(int(match.group(1))) > MOST_EXPONENT:
        raise _too_large(text)
    return Decimal(text)


def _of_bearable_length(text: str) -> str:
    if sum(character.isalnum() for character in text) > MOST_DIGITS + 2:
        raise _too_large(text)
    return text


def _too_large(text: str) -> ScalarRefused:
    return ScalarRefused(
        f"the number {excerpt(text, 30)} is out of all bounds", hint="quote it if it is text"
    )


def shown_tag(tag: str) -> str:
    """A tag as it is written, in quotes."""
    return excerpt(tag.replace(CORE_TAG, "!!", 1))


def tagged_value(text: str, tag: str) -> ScalarValue:
    """A scalar with an explicit tag. Raises :class:`ScalarRefused` where they do not agree."""
    name = tag.removeprefix(CORE_TAG)
    if tag == "!" or name == "str":
        return text_value(text)
    value = plain_value(text)
    if isinstance(value, str):
        text_value(value)
    fits = {
        "int": isinstance(value, int) and not isinstance(value, bool),
        "float": isinstance(value, int | Decimal) and not isinstance(value, bool),
        "bool": isinstance(value, bool),
        "null": value is None,
    }
    if name not in fits or not tag.startswith(CORE_TAG):
        raise ScalarRefused(
            f"the tag {shown_tag(tag)} does not belong here", hint="leave the tag out"
        )
    if not fits[name]:
        raise ScalarRefused(f"{excerpt(text)} is no !!{name}", hint="leave the tag out")
    return Decimal(value) if name == "float" and isinstance(value, int) else value
