"""Picks as edits of a manifest's text: a number changed in place, or one ``pick:`` put in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipeline.adapters.manifest.layout import Layout, Placed, layout_of
from pipeline.adapters.manifest.source import LINE_END, Source
from pipeline.core.findings.diagnostics import Diagnostic

_REST_OF_LINE = re.compile(r"[ \t]*(?:[ \t]#.*)?")
_REST_OF_ENTRY = re.compile(r"[ \t]*,?[ \t]*")


class NotEditable(Exception):
    """Picks that only a person can write; ``findings`` say where and how."""

    def __init__(self, findings: tuple[Diagnostic, ...]) -> None:
        super().__init__(f"{len(findings)} picks are to be written by hand")
        self.findings = findings


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edit:
    start: int
    end: int
    text: str


class _ByHand(Exception):
    def __init__(self, index: int, message: str, hint: str) -> None:
        super().__init__(message)
        self.index = index
        self.message = message
        self.hint = hint


def with_picks(source: Source, picks: Mapping[str, int]) -> str:
    """The text of a valid manifest with other picks, by song; every other character stays.

    Raises :class:`NotEditable`.
    """
    layout = layout_of(source.text)
    songs = layout.root.entry("songs")
    assert songs is not None
    by_id = {key.text: value for key, value in songs[1].entries}
    edits: list[_Edit] = []
    findings: list[Diagnostic] = []
    for song, take in picks.items():
        try:
            editing = _SongEditing(source, layout, song, take)
            editing.refuse_shared(songs[1], "the songs are")
            edits.append(editing.edit(by_id[song]))
        except _ByHand as found:
            at = source.position(found.index)
            findings.append(source.error(at, found.message, hint=found.hint))
    if findings:
        raise NotEditable(tuple(findings))
    return "".join(_pieces(source.text, edits))


def _pieces(text: str, edits: list[_Edit]) -> Iterator[str]:
    at = 0
    for edit in sorted(edits, key=lambda each: each.start):
        yield text[at : edit.start]
        yield edit.text
        at = edit.end
    yield text[at:]


class _SongEditing:
    """One song's edit. Its methods raise ``_ByHand``."""

    def __init__(self, source: Source, layout: Layout, song: str, take: int) -> None:
        self._source = source
        self._text = source.text
        self._shared = layout.shared
        self._name = song
        self._take = take

    def edit(self, song: Placed) -> _Edit:
        """The change of its pick, in place or put in."""
        self.refuse_shared(song, f"{self._name} is")
        picked = song.entry("pick")
        if picked is None:
            return self._line_put_in(song) if song.is_block else self._member_put_in(song)
        _, value = picked
        if value.start in self._shared:
            raise _ByHand(
                value.start,
                f"the pick of {self._name} is &{value.anchor}, and *{value.anchor} repeats it",
                f"write numbers where *{value.anchor} stands, then pick again",
            )
        return _Edit(start=value.start, end=value.end, text=str(self._take))

    def refuse_shared(self, value: Placed, subject: str) -> None:
        """Raises if an edit of this value would be one of others too."""
        if value.alias is not None:
            raise _ByHand(
                value.start,
                f"{subject} the alias *{value.alias}: a pick would be that of everything it names",
                f"write out here what &{value.alias} holds, with “pick: {self._take}” in it",
            )
        if value.start in self._shared:
            raise _ByHand(
                value.start,
                f"{subject} &{value.anchor}, and *{value.anchor} elsewhere would be picked too",
                f"write out what *{value.anchor} stands for, then pick again",
            )

    def _line_put_in(self, song: Placed) -> _Edit:
        """A line below ``takes``, else below the last entry that ends with its line."""
        for key, value in _neighbours(song):
            end = self._line_end(value.end)
            indent = self._before_on_line(key)
            rest = self._text[value.end : end]
            if not indent.strip(" ") and not value.is_block and _REST_OF_LINE.fullmatch(rest):
                line = f"{indent}{self._member(key)}"
                return _Edit(start=end, end=end, text=f"{self._line_break(end)}{line}")
        first = song.entries[0][0]
        indent = self._before_on_line(first)
        if indent.strip(" "):
            raise _ByHand(
                first.start,
                f"no line of {self._name} is one that a pick can be put below",
                f"write “pick: {self._take}” into it by hand",
            )
        line_break = self._line_break(self._line_end(first.end))
        line = f"{self._member(first)}{line_break}{indent}"
        return _Edit(start=first.start, end=first.start, text=line)

    def _member_put_in(self, song: Placed) -> _Edit:
        """Behind ``takes``, else behind the last entry in the brackets."""
        key, value = next(_neighbours(song))
        before = self._before_on_line(key)
        rest = self._text[value.end : self._line_end(value.end)]
        space = " "
        if not before.strip() and _REST_OF_ENTRY.fullmatch(rest):
            space = self._line_break(self._line_end(value.end)) + before
        return _Edit(start=value.end, end=value.end, text=f",{space}{self._member(key)}")

    def _member(self, neighbour: Placed) -> str:
        quote = '"' if self._text[neighbour.start] == '"' else ""
        return f"{quote}pick{quote}: {self._take}"

    def _before_on_line(self, value: Placed) -> str:
        column = self._source.position(value.start).column
        return self._text[value.start - column + 1 : value.start]

    def _line_end(self, index: int) -> int:
        found = LINE_END.search(self._text, index)
        return len(self._text) if found is None else found.start()

    def _line_break(self, index: int) -> str:
        """The line end that stands there, or the file's first."""
        found = LINE_END.match(self._text, index) or LINE_END.search(self._text)
        return "\n" if found is None else found.group()


def _neighbours(song: Placed) -> Iterator[tuple[Placed, Placed]]:
    """The entries that a pick may stand behind, the best first."""
    takes = song.entry("takes")
    if takes is not None:
        yield takes
    yield from reversed(song.entries)
