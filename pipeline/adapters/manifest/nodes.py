"""A manifest's values with the place that each came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pipeline.core.findings.diagnostics import Position

PathStep = str | int
NodePath = tuple[PathStep, ...]


class Refused:
    """The type of :data:`REFUSED`."""


REFUSED: Final = Refused()  # a scalar that was reported already: no value, and no second finding

ScalarValue = str | int | bool | Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarNode:
    """A scalar: its value, and the text as written (quotes and escapes resolved).

    ``is_literal``: a literal block (``|``), whose lines stand in the source as they are.
    """

    at: Position
    value: ScalarValue | Refused
    text: str
    is_plain: bool = False
    is_literal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceNode:
    """A list of values."""

    at: Position
    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One key of a mapping, where the key stands, and its value."""

    key_at: Position
    value: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingNode:
    """Keys in the order of the file, none twice."""

    at: Position
    entries: Mapping[str, Entry]


Node = ScalarNode | SequenceNode | MappingNode


def plain(node: Node) -> object:
    """The value alone, as JSON Schema checks it: dict, list, or the scalar."""
    match node:
        case ScalarNode():
            return node.value
        case SequenceNode():
            return [plain(child) for child in node.children]
        case MappingNode():
            return {key: plain(entry.value) for key, entry in node.entries.items()}


def node_at(root: Node, path: Sequence[PathStep]) -> Node:
    """The node at a path that exists."""
    node = root
    for step in path:
        match node:
            case MappingNode() if isinstance(step, str):
                node = node.entries[step].value
            case SequenceNode() if isinstance(step, int):
                node = node.children[step]
            case _:
                raise LookupError(f"no value at {path!r}")
    return node


def without(root: Node, paths: Iterable[NodePath]) -> Node:
    """The tree without the values at these paths."""
    below: dict[PathStep, list[NodePath]] = {}
    for path in paths:
        if path:
            below.setdefault(path[0], []).append(path[1:])
    if not below:
        return root
    match root:
        case ScalarNode():
            return root
        case SequenceNode():
            children = (
                without(child, below.get(index, ()))
                for index, child in enumerate(root.children)
                if () not in below.get(index, ())
            )
            return SequenceNode(at=root.at, children=tuple(children))
        case MappingNode():
            entries = {
                key: Entry(key_at=entry.key_at, value=without(entry.value, below.get(key, ())))
                for key, entry in root.entries.items()
                if () not in below.get(key, ())
            }
            return MappingNode(at=root.at, entries=entries)


def merged(base: MappingNode, over: MappingNode) -> MappingNode:
    """``base`` with what ``over`` says instead: mappings merge, everything else replaces."""
    entries = dict(base.entries)
    for key, entry in over.entries.items():
        below = entries.get(key)
        if (
            below is not None
            and isinstance(below.value, MappingNode)
            and isinstance(entry.value, MappingNode)
        ):
            entry = Entry(key_at=entry.key_at, value=merged(below.value, entry.value))
        entries[key] = entry
    return MappingNode(at=over.at, entries=entries)
