"""Where the parts of a manifest stand in its text, for edits that touch nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from pipeline.adapters.manifest.yaml_source import FASTEST_PARSER


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A value, from ``start`` up to ``end``; its anchor and tag are among it.

    ``text`` is a scalar's, also where an ``alias`` stands for one. Of a block (a block scalar, or a
    collection without brackets) the end tells nothing.
    """

    start: int
    end: int
    text: str | None = None
    anchor: str | None = None
    alias: str | None = None
    is_block: bool = False
    entries: tuple[tuple[Placed, Placed], ...] = ()

    def entry(self, name: str) -> tuple[Placed, Placed] | None:
        """The key of that name, and its value."""
        return next((pair for pair in self.entries if pair[0].text == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """``shared`` are the starts of values that an alias repeats elsewhere."""

    root: Placed
    shared: frozenset[int]


@dataclass(slots=True, kw_only=True)
class _Open:
    start: int
    anchor: str | None
    is_mapping: bool
    is_block: bool
    children: list[Placed] = field(default_factory=list)

    def closed(self, end: int) -> Placed:
        pairs = zip(self.children[::2], self.children[1::2], strict=True)
        return Placed(
            start=self.start,
            end=end,
            anchor=self.anchor,
            is_block=self.is_block,
            entries=tuple(pairs) if self.is_mapping else (),
        )


def layout_of(text: str) -> Layout:
    """The layout of a text that was read as a manifest without an error."""
    building = _Building()
    for event in yaml.parse(text, Loader=FASTEST_PARSER):
        building.take(event)
    assert building.root is not None
    return Layout(root=building.root, shared=frozenset(building.shared))


class _Building:
    """Takes events in order."""

    def __init__(self) -> None:
        self.root: Placed | None = None
        self.shared: set[int] = set()
        self._open: list[_Open] = []
        self._anchors: dict[str, Placed] = {}

    def take(self, event: Any) -> None:
        """One more event."""
        start, end = event.start_mark.index, event.end_mark.index
        match event:
            case yaml.ScalarEvent():
                is_block = event.style in ("|", ">")
                self._add(
                    Placed(
                        start=start,
                        end=end,
                        text=event.value,
                        anchor=event.anchor,
                        is_block=is_block,
                    )
                )
            case yaml.AliasEvent(anchor=str(anchor)):
                target = self._anchors[anchor]
                self.shared.add(target.start)
                self._add(Placed(start=start, end=end, text=target.text, alias=anchor))
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._open.append(
                    _Open(
                        start=start,
                        anchor=event.anchor,
                        is_mapping=isinstance(event, yaml.MappingStartEvent),
                        is_block=not event.flow_style,
                    )
                )
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._add(self._open.pop().closed(end))

    def _add(self, placed: Placed) -> None:
        if placed.anchor is not None:
            self._anchors[placed.anchor] = placed
        if self._open:
            self._open[-1].children.append(placed)
        else:
            self.root = placed
