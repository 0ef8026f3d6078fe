"""YAML events to nodes: limits, duplicate keys, aliases."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from pipeline.adapters.manifest.nodes import (
    REFUSED,
    Entry,
    MappingNode,
    Node,
    Refused,
    ScalarNode,
    ScalarValue,
    SequenceNode,
)
from pipeline.adapters.manifest.scalars import (
    CORE_TAG,
    ScalarRefused,
    plain_value,
    shown_tag,
    tagged_value,
    text_value,
)
from pipeline.adapters.manifest.source import START, Source
from pipeline.core.findings.characters import excerpt
from pipeline.core.findings.diagnostics import Diagnostic, Position

MOST_DEPTH = 32
MOST_NODES = 400_000  # after aliases are expanded; an album of 10,000 songs has some 150,000
TEXT_PER_NODE = 64  # so many code points weigh as much as one more node
MOST_FINDINGS = 500


class ReadingStopped(Exception):
    """Nothing after this finding can be read."""

    def __init__(self, finding: Diagnostic) -> None:
        super().__init__(finding.message)
        self.finding = finding


@dataclass(frozen=True, slots=True, kw_only=True)
class _Anchored:
    node: Node
    weight: int
    height: int


@dataclass(slots=True, kw_only=True)
class _Open:
    """A collection whose end is still to come."""

    at: Position
    is_mapping: bool
    anchor: str | None
    entries: dict[str, Entry] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    key: Node | None = None
    weight: int = 1
    height: int = 1


class TreeBuilder:
    """Takes events in order; afterwards ``root`` and ``findings`` hold what was read."""

    def __init__(self, source: Source) -> None:
        self.root: Node | None = None
        self.findings: list[Diagnostic] = []
        self.last_at = START
        self._source = source
        self._open: list[_Open] = []
        self._anchors: dict[str, _Anchored] = {}
        self._weight = 0

    def take(self, event: Any) -> None:
        """One more event. Raises :class:`ReadingStopped` at a limit or a second document."""
        at = self._source.position(min(event.start_mark.index, len(self._source.text)))
        self.last_at = at
        match event:
            case yaml.ScalarEvent():
                self._scalar(event, at)
            case yaml.AliasEvent():
                self._alias(event.anchor, at)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._start(event, at)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._end()
            case yaml.DocumentStartEvent() if self.root is not None:
                self._stop(at, "a second document begins here", "one manifest a file")

    def _stop(self, at: Position, message: str, hint: str) -> None:
        raise ReadingStopped(self._source.error(at, message, hint=hint))

    def _report(self, at: Position, message: str, hint: str | None) -> None:
        self.findings.append(self._source.error(at, message, hint=hint))
        if len(self.findings) == MOST_FINDINGS - 1:
            self._stop(at, "too many errors", "mend these first")

    def _scalar(self, event: Any, at: Position) -> None:
        is_plain = event.style in (None, "")
        value: ScalarValue | Refused = REFUSED
        try:
            value = _value_of(event, is_plain=is_plain)
        except ScalarRefused as refused:
            self._report(at, refused.message, refused.hint)
        node = ScalarNode(
            at=at,
            value=value,
            text=event.value,
            is_plain=is_plain,
            is_literal=event.style == "|",
        )
        weight = 1 + len(event.value) // TEXT_PER_NODE
        self._add(node, event.anchor, at=at, weight=weight, height=0)

    def _alias(self, anchor: str | None, at: Position) -> None:
        anchor = anchor or ""
        target = self._anchors.get(anchor)
        if target is None:
            self._report(
                at,
                f"the alias {excerpt(f'*{anchor}')} names nothing that is complete above it",
                f"define it with &{anchor[:40]}, or quote a text that begins with *",
            )
            refused = ScalarNode(at=at, value=REFUSED, text="")
            self._add(refused, None, at=at, weight=1, height=0)
            return
        if len(self._open) + target.height > MOST_DEPTH:
            self._too_deep(at)
        node = target.node
        if isinstance(node, ScalarNode) and self._awaits_key():
            node = replace(node, at=at)
        self._add(node, None, at=at, weight=target.weight, height=target.height)

    def _start(self, event: Any, at: Position) -> None:
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        wanted = CORE_TAG + ("map" if is_mapping else "seq")
        if event.tag not in (None, "!", wanted):
            self._report(
                at, f"the tag {shown_tag(event.tag)} does not belong here", "leave the tag out"
            )
        if len(self._open) >= MOST_DEPTH:
            self._too_deep(at)
        # The name now means this node, which an alias cannot reach before it is complete.
        if event.anchor is not None:
            self._anchors.pop(event.anchor, None)
        self._open.append(_Open(at=at, is_mapping=is_mapping, anchor=event.anchor))
        self._spend(1, at)

    def _end(self) -> None:
        done = self._open.pop()
        node: Node
        if done.is_mapping:
            node = MappingNode(at=done.at, entries=done.entries)
        else:
            node = SequenceNode(at=done.at, children=tuple(done.children))
        # Its parts were counted one by one as they came.
        self._weight -= done.weight
        self._add(node, done.anchor, at=done.at, weight=done.weight, height=done.height)

    def _spend(self, weight: int, at: Position) -> None:
        self._weight += weight
        if self._weight > MOST_NODES:
            self._stop(
                at,
                f"more than {MOST_NODES} values, with aliases written out",
                "split the album, or use styles instead of aliases",
            )

    def _too_deep(self, at: Position) -> None:
        self._stop(at, f"nested deeper than {MOST_DEPTH} levels", "close brackets further up")

    def _awaits_key(self) -> bool:
        return bool(self._open) and self._open[-1].is_mapping and self._open[-1].key is None

    def _add(
        self, node: Node, anchor: str | None, *, at: Position, weight: int, height: int
    ) -> None:
        self._spend(weight, at)
        if anchor is not None:
            self._anchors[anchor] = _Anchored(node=node, weight=weight, height=height)
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        parent.weight += weight
        parent.height = max(parent.height, height + 1)
        if not parent.is_mapping:
            parent.children.append(node)
        elif parent.key is None:
            parent.key = node
        else:
            key, parent.key = parent.key, None
            self._enter(parent, key, node)

    def _enter(self, parent: _Open, key: Node, value: Node) -> None:
        if not isinstance(key, ScalarNode):
            self._report(key.at, "a key must be a word, not a collection", None)
        elif not isinstance(key.value, str):
            if key.value is not REFUSED:
                hint = f'quote it: "{key.text[:40]}"'
                self._report(key.at, f"the key {excerpt(key.text)} is not text here", hint)
        elif key.value in parent.entries:
            first = parent.entries[key.value].key_at
            self._report(
                key.at,
                f"the key {excerpt(key.value)} stands here twice",
                f"the first is on line {first.line}: keep one",
            )
        else:
            parent.entries[key.value] = Entry(key_at=key.at, value=value)


def _value_of(event: Any, *, is_plain: bool) -> ScalarValue:
    if event.tag is not None:
        return tagged_value(event.value, event.tag)
    return plain_value(event.value) if is_plain else text_value(event.value)
