"""Who did what: the manifest's ``credits``, for the album or for one song."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.adapters.manifest.fields import text_at, texts_at
from pipeline.adapters.manifest.nodes import MappingNode, SequenceNode
from pipeline.core.wanted.credits import UNCREDITED, Contributor, Credit, Credits, Involvement, Part

_PARTS = tuple((part.value, part) for part in Part)  # a member's own hash is a call of Python
_INVOLVEMENTS = {each.value: each for each in Involvement}  # and so is finding it by its value


def read_credits(fields: MappingNode) -> Credits:
    """The credits that stand in ``fields``; empty where there are none."""
    entry = fields.entries.get("credits")
    said = entry.value if entry is not None else None
    if not isinstance(said, MappingNode):
        return UNCREDITED
    parts = {
        part: _credit(node)
        for name, part in _PARTS
        if (found := said.entries.get(name)) is not None
        if isinstance(node := found.value, MappingNode)
    }
    has_more = "contributors" in said.entries
    return Credits(parts=parts, contributors=tuple(_contributors(said)) if has_more else ())


def _credit(fields: MappingNode) -> Credit:
    ai = text_at(fields, "ai")
    return Credit(
        ai=None if ai is None else _INVOLVEMENTS[ai],
        tool=text_at(fields, "tool"),
        people=tuple(dict.fromkeys(texts_at(fields, "people"))),
        note=text_at(fields, "note"),
    )


def _contributors(said: MappingNode) -> Iterator[Contributor]:
    entry = said.entries.get("contributors")
    listed = entry.value if entry is not None else None
    for node in listed.children if isinstance(listed, SequenceNode) else ():
        if isinstance(node, MappingNode):
            name, role = text_at(node, "name"), text_at(node, "role")
            if name is not None and role is not None:
                yield Contributor(name=name, role=role)
