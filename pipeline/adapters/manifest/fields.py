"""Typed access to a song's fields once the schema has been checked."""

from __future__ import annotations

from pipeline.adapters.manifest.nodes import Entry, MappingNode, ScalarNode, SequenceNode


def entry_of(fields: MappingNode, dotted: str) -> Entry | None:
    """The entry at a dotted path such as ``audio.format``, if the manifest has it."""
    parent, dot, last = dotted.rpartition(".")
    if not dot:
        return fields.entries.get(dotted)
    above = entry_of(fields, parent)
    place = above.value if above is not None else None
    return place.entries.get(last) if isinstance(place, MappingNode) else None


def text_at(fields: MappingNode, dotted: str) -> str | None:
    """The text there; None where there is none."""
    scalar = scalar_at(fields, dotted)
    return scalar if isinstance(scalar, str) else None


def integer_at(fields: MappingNode, dotted: str, default: int) -> int:
    """The whole number there, or ``default``."""
    scalar = scalar_at(fields, dotted)
    return scalar if isinstance(scalar, int) else default


def is_true_at(fields: MappingNode, dotted: str) -> bool:
    """Whether ``true`` stands there."""
    return scalar_at(fields, dotted) is True


def scalar_at(fields: MappingNode, dotted: str) -> object:
    """The scalar there; None where there is none."""
    place: object = fields.plain
    *parents, last = dotted.split(".") if "." in dotted else (dotted,)
    for parent in parents:
        place = place.get(parent) if isinstance(place, dict) else None
    found = place.get(last) if isinstance(place, dict) else None
    return None if isinstance(found, dict | list) else found


def scalars_in(fields: MappingNode, dotted: str) -> tuple[ScalarNode, ...]:
    """The scalars of a list, or the single one that stands in its place."""
    entry = entry_of(fields, dotted)
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
