"""The wire format of protocol buffers: fields read and written without a schema."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_VARINT, _BYTES = 0, 2


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message: its number, its bytes as they stand, and what it holds."""

    number: int
    raw: memoryview  # tag and content, to be copied unread
    content: memoryview  # empty for numbers
    value: int  # 0 for content


def fields(message: memoryview) -> Iterator[Field]:
    """The fields of a message in their order; raises ValueError where it is cut short."""
    place = 0
    while place < len(message):
        start = place
        tag, place = _varint(message, place)
        content, value = message[:0], 0
        match tag & 7:
            case 0:
                value, place = _varint(message, place)
            case 2:
                size, place = _varint(message, place)
                content, place = message[place : place + size], place + size
            case 1:
                content, place = message[place : place + 8], place + 8
            case 5:
                content, place = message[place : place + 4], place + 4
            case kind:
                raise ValueError(f"no wire type {kind}")
        if place > len(message):
            raise ValueError("the message ends inside a field")
        yield Field(tag >> 3, message[start:place], content, value)


def text(field: Field) -> str:
    """A field's content as text."""
    return bytes(field.content).decode()


def number_field(number: int, value: int) -> bytes:
    """A field that holds a number."""
    return _written(number << 3 | _VARINT) + _written(value)


def bytes_field(number: int, content: bytes) -> bytes:
    """A field that holds a text or a message."""
    return _written(number << 3 | _BYTES) + _written(len(content)) + content


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    value = shift = 0
    while place < len(message):
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
    raise ValueError("the message ends inside a number")


def _written(value: int) -> bytes:
    septets = bytearray()
    while value > 0x7F:
        septets.append(value & 0x7F | 0x80)
        value >>= 7
    septets.append(value)
    return bytes(septets)
