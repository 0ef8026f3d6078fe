"""A manifest's values with the place that each came from: an index of the text.

There are hundreds of thousands of them, so that they are plain tuples, and lines and columns are
counted (``Source.position``) only for those that a finding is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

PathStep = str | int
NodePath = tuple[PathStep, ...]


class Refused:
    """The type of :data:`REFUSED`."""


REFUSED: Final = Refused()  # a scalar that was reported already: no value, and no second finding

ScalarValue = str | int | bool | Decimal | None


class ScalarNode(NamedTuple):
    """A scalar: its value, and the text as written (quotes and escapes resolved).

    ``style`` is its quote or the sign of its block; none of a plain one.
    """

    at: int
    value: ScalarValue | Refused
    text: str
    style: str | None

    @property
    def is_plain(self) -> bool:
        """Without quotes."""
        return not self.style

    @property
    def is_literal(self) -> bool:
        """A literal block (``|``), whose lines stand in the source as they are."""
        return self.style == "|"


class SequenceNode(NamedTuple):
    """A list of values; ``plain`` are the values alone."""

    at: int
    children: Sequence[Node]
    plain: list[object]


class Entry(NamedTuple):
    """One key of a mapping, where the key stands, and its value."""

    key_at: int
    value: Node


class MappingNode(NamedTuple):
    """Keys in the order of the file, none twice; ``plain`` are the values alone."""

    at: int
    entries: dict[str, Entry]
    plain: dict[str, object]


Node = ScalarNode | SequenceNode | MappingNode
_GIVEN_UP: Final = Entry(0, ScalarNode(0, None, "", None))


def plain(node: Node) -> object:
    """The value alone, as JSON Schema checks it: dict, list, or the scalar."""
    return node.value if isinstance(node, ScalarNode) else node.plain


def sequence(at: int, children: Sequence[Node]) -> SequenceNode:
    """A list of these values."""
    return SequenceNode(at, children, [plain(child) for child in children])


def mapping(at: int, entries: dict[str, Entry]) -> MappingNode:
    """A mapping of these entries."""
    return MappingNode(at, entries, {key: plain(entry.value) for key, entry in entries.items()})


def forget(parent: MappingNode, key: str) -> None:
    """Gives up a value that was read: of thousands, each frees the memory that the next needs."""
    parent.entries[key] = _GIVEN_UP
    parent.plain[key] = None


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
            return sequence(root.at, tuple(children))
        case MappingNode():
            entries = {
                key: Entry(entry.key_at, without(entry.value, below.get(key, ())))
                for key, entry in root.entries.items()
                if () not in below.get(key, ())
            }
            return mapping(root.at, entries)


def merged(base: MappingNode, over: MappingNode) -> MappingNode:
    """``base`` with what ``over`` says instead: mappings merge, everything else replaces."""
    if not base.entries:
        return over
    entries = {**base.entries, **over.entries}
    values = {**base.plain, **over.plain}
    for key in base.entries.keys() & over.entries.keys():
        below, (key_at, above) = base.entries[key].value, over.entries[key]
        if isinstance(below, MappingNode) and isinstance(above, MappingNode):
            both = merged(below, above)
            entries[key], values[key] = Entry(key_at, both), both.plain
    return MappingNode(over.at, entries, values)
