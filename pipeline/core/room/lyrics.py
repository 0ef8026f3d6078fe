"""Lyrics in sections, as their tags divide them. When a section is sung, nobody knows."""

from __future__ import annotations

import re

from pipeline.core.room.view import Section
from pipeline.core.wanted.lyrics import split_lines

_TAG = re.compile(r"\s*\[([^\[\]]+)\](.*)")


def sections_of(lyrics: str | None) -> tuple[Section, ...]:
    """The sections in order; a tag without words is one of no words.

    A line begins one where it begins with ``[Tag]``; all other brackets are left in the words.
    """
    found: list[tuple[str | None, list[str]]] = [(None, [])]
    for line in split_lines(lyrics or ""):
        tag = _TAG.fullmatch(line)
        if tag is None:
            found[-1][1].append(line)
            continue
        found.append((tag[1].strip(), [tag[2].strip()] if tag[2].strip() else []))
    sections = [Section(name=name, words="\n".join(lines).strip("\n")) for name, lines in found]
    return tuple(section for section in sections if section.name or section.words)
