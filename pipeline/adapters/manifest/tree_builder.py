"""YAML events to nodes: limits, duplicate keys, aliases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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
    plain,
)
from pipeline.adapters.manifest.scalars import (
    CORE_TAG,
    ScalarRefused,
    may_be_more_than_text,
    plain_value,
    shown_tag,
    tagged_value,
    text_value,
)
from pipeline.adapters.manifest.source import Source
from pipeline.core.findings.characters import excerpt
from pipeline.core.findings.diagnostics import Diagnostic

MOST_DEPTH = 32
MOST_NODES = 1_000_000  # after aliases are expanded; 10,000 songs with long lyrics have half of it
TEXT_PER_NODE = 64  # so many code points weigh as much as one more node
MOST_FINDINGS = 500

_MAPPING, _SEQUENCE = f"{CORE_TAG}map", f"{CORE_TAG}seq"

_tuple: Any = tuple.__new__  # three times as fast as a named tuple's own constructor


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


class _Open:
    """A collection whose end is still to come; ``weight`` is that of all that came before it.

    ``node`` grows: a mapping's ``entries`` (None of a sequence) or a sequence's ``children``, with
    the ``values`` alone beside them. ``key`` waits for its value.
    """

    __slots__ = ("anchor", "children", "entries", "height", "key", "node", "values", "weight")

    def __init__(self, at: int, anchor: str | None, weight: int, *, is_mapping: bool) -> None:
        self.anchor = anchor
        self.weight = weight
        self.height = 1
        self.key: Node | None = None
        self.children: list[Node] = []
        self.entries: dict[str, Entry] | None = {} if is_mapping else None
        self.values: Any = {} if is_mapping else []
        self.node: MappingNode | SequenceNode = (
            _tuple(MappingNode, (at, self.entries, self.values))
            if is_mapping
            else _tuple(SequenceNode, (at, self.children, self.values))
        )


class TreeBuilder:
    """Takes events in order; afterwards ``root`` and ``findings`` hold what was read.

    ``last_at`` is where the last event stood. All that is done for every event of a text with half
    a million of them is done in few steps.
    """

    def __init__(self, source: Source) -> None:
        self.root: Node | None = None
        self.findings: list[Diagnostic] = []
        self.last_at = 0
        self._source = source
        self._open: list[_Open] = []
        self._parent: _Open | None = None  # the last of them
        self._anchors: dict[str, _Anchored] = {}
        self._weight = 0

    def take_all(self, events: Iterable[Any]) -> None:
        """All events. Raises :class:`ReadingStopped` at a limit or a second document."""
        takes = {
            yaml.AliasEvent: self._alias,
            yaml.MappingStartEvent: self._start,
            yaml.SequenceStartEvent: self._start,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
            yaml.DocumentStartEvent: self._document,
        }
        scalar_event = yaml.ScalarEvent
        for event in events:
            self.last_at = at = event.start_mark.index
            if type(event) is scalar_event:
                self._scalar(event, at)
            elif take := takes.get(type(event)):
                take(event, at)

    def _document(self, _event: Any, at: int) -> None:
        if self.root is not None:
            self._stop(at, "a second document begins here", "one manifest a file")

    def _stop(self, at: int, message: str, hint: str) -> None:
        raise ReadingStopped(self._source.error(at, message, hint=hint))

    def _report(self, at: int, message: str, hint: str | None) -> None:
        self.findings.append(self._source.error(at, message, hint=hint))
        if len(self.findings) == MOST_FINDINGS - 1:
            self._stop(at, "too many errors", "mend these first")

    def _scalar(self, event: Any, at: int) -> None:
        text, style = event.value, event.style
        value: ScalarValue | Refused = text
        if event.tag is not None or style == '"' or (not style and may_be_more_than_text(text)):
            value = self._value_of(event, at)
        self._weight += 1 + len(text) // TEXT_PER_NODE
        if self._weight > MOST_NODES:
            self._too_many(at)
        node = _tuple(ScalarNode, (at, value, text, style))
        if event.anchor is not None:
            weight = 1 + len(text) // TEXT_PER_NODE
            self._anchors[event.anchor] = _Anchored(node=node, weight=weight, height=0)
        self._add(node, value)

    def _value_of(self, event: Any, at: int) -> ScalarValue | Refused:
        try:
            if event.tag is not None:
                return tagged_value(event.value, event.tag)
            # Escapes alone can make characters that the source does not contain.
            return text_value(event.value) if event.style == '"' else plain_value(event.value)
        except ScalarRefused as refused:
            self._report(at, refused.message, refused.hint)
            return REFUSED

    def _alias(self, event: Any, at: int) -> None:
        anchor = event.anchor or ""
        target = self._anchors.get(anchor)
        if target is None:
            self._report(
                at,
                f"the alias {excerpt(f'*{anchor}')} names nothing that is complete above it",
                f"define it with &{anchor[:40]}, or quote a text that begins with *",
            )
            target = _Anchored(node=ScalarNode(at, REFUSED, "", None), weight=1, height=0)
        if len(self._open) + target.height > MOST_DEPTH:
            self._too_deep(at)
        self._weight += target.weight
        if self._weight > MOST_NODES:
            self._too_many(at)
        node, parent = target.node, self._parent
        if parent is not None:
            parent.height = max(parent.height, target.height + 1)
            if isinstance(node, ScalarNode) and parent.entries is not None and parent.key is None:
                node = node._replace(at=at)
        self._add(node, plain(node))

    def _start(self, event: Any, at: int) -> None:
        is_mapping = type(event) is yaml.MappingStartEvent
        if event.tag is not None and event.tag not in ("!", _MAPPING if is_mapping else _SEQUENCE):
            self._report(
                at, f"the tag {shown_tag(event.tag)} does not belong here", "leave the tag out"
            )
        if len(self._open) >= MOST_DEPTH:
            self._too_deep(at)
        # The name now means this node, which an alias cannot reach before it is complete.
        if event.anchor is not None:
            self._anchors.pop(event.anchor, None)
        self._parent = _Open(at, event.anchor, self._weight, is_mapping=is_mapping)
        self._open.append(self._parent)
        self._weight += 1
        if self._weight > MOST_NODES:
            self._too_many(at)

    def _end(self, _event: Any, _at: int) -> None:
        done = self._open.pop()
        node = done.node
        if done.anchor is not None:
            self._anchors[done.anchor] = _Anchored(
                node=node, weight=self._weight - done.weight, height=done.height
            )
        self._parent = parent = self._open[-1] if self._open else None
        if parent is not None and parent.height <= done.height:
            parent.height = done.height + 1
        self._add(node, node.plain)

    def _too_many(self, at: int) -> None:
        message = f"more than {MOST_NODES} values, with aliases written out"
        self._stop(at, message, "split the album, or use styles instead of aliases")

    def _too_deep(self, at: int) -> None:
        self._stop(at, f"nested deeper than {MOST_DEPTH} levels", "close brackets further up")

    def _add(self, node: Node, value: object) -> None:
        parent = self._parent
        if parent is None:
            self.root = node
        elif (entries := parent.entries) is None:
            parent.children.append(node)
            parent.values.append(value)
        elif (key := parent.key) is None:
            parent.key = node
        else:
            parent.key = None
            name = key.value if type(key) is ScalarNode else None
            if type(name) is str and name not in entries:
                entries[name] = _tuple(Entry, (key.at, node))
                parent.values[name] = value
            else:
                self._refuse_key(key, entries)

    def _refuse_key(self, key: Node, entries: Mapping[str, Entry]) -> None:
        if not isinstance(key, ScalarNode):
            self._report(key.at, "a key must be a word, not a collection", None)
        elif isinstance(key.value, str):
            first = self._source.position(entries[key.value].key_at)
            self._report(
                key.at,
                f"the key {excerpt(key.value)} stands here twice",
                f"the first is on line {first.line}: keep one",
            )
        elif key.value is not REFUSED:
            hint = f'quote it: "{key.text[:40]}"'
            self._report(key.at, f"the key {excerpt(key.text)} is not text here", hint)
