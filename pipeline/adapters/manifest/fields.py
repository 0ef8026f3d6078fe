"""Typed access to a song's fields once the schema has been checked."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.adapters.manifest.nodes import (
    Entry,
    MappingNode,
    ScalarNode,
    SequenceNode,
    mapping,
)

_NOTHING = mapping(0, {})


def entry_of(fields: MappingNode, dotted: str) -> Entry | None:
    """The entry at a dotted path such as ``audio.format``, if the manifest has it."""
    parent, dot, last = dotted.rpartition(".")
    if not dot:
        return fields.entries.get(dotted)
    above = entry_of(fields, parent)
    place = above.value if above is not None else None
    return place.entries.get(last) if isinstance(place, MappingNode) else None


def section_of(fields: MappingNode, name: str) -> MappingNode:
    """The mapping there; an empty one where there is none."""
    entry = fields.entries.get(name)
    return entry.value if entry and isinstance(entry.value, MappingNode) else _NOTHING


def text_at(fields: MappingNode, name: str) -> str | None:
    """The text there; None where there is none."""
    found = fields.plain.get(name)
    return found if isinstance(found, str) else None


def integer_at(fields: MappingNode, name: str, default: int) -> int:
    """The whole number there, or ``default``."""
    found = fields.plain.get(name)
    return found if isinstance(found, int) else default


def is_true_at(fields: MappingNode, name: str) -> bool:
    """Whether ``true`` stands there."""
    return fields.plain.get(name) is True


def texts_at(fields: MappingNode, name: str) -> Iterable[str]:
    """The texts of a list, or the single one that stands in its place."""
    found = fields.plain.get(name)
    if isinstance(found, str):
        return (found,)
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else ()


def scalars_in(fields: MappingNode, name: str) -> tuple[ScalarNode, ...]:
    """The scalars of a list, or the single one that stands in its place."""
    entry = fields.entries.get(name)
    match entry.value if entry is not None else None:
        case ScalarNode() as scalar:
            return (scalar,)
        case SequenceNode(children=children):
            return tuple(child for child in children if isinstance(child, ScalarNode))
    return ()


def metadata_in(fields: MappingNode, names: tuple[str, ...]) -> dict[str, str | int | bool]:
    """The metadata among the fields, in the order of ``names``."""
    plain = fields.plain
    return {
        name: each
        for name in names
        if name in plain
        if isinstance(each := plain[name], str | int | bool)
    }
