"""Rows in aligned columns, no wider than the terminal; the words at their end are wrapped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.cli.painting import Painter, Tone
from pipeline.cli.typed import as_typed
from pipeline.core.findings.columns import padded, padded_left, width_of, wrapped

GAP = "  "
LEAST_WORDS = 24  # columns that the words at the end are given, where there are any
LEAST_NAME = 16
INDENT = "    "


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Cells from left to right, and words; ``tone`` is the mark's."""

    cells: tuple[str, ...]
    words: str = ""
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """How rows are laid out: which cell is a name, which the mark, which a sum of money.

    A name that is too long for its column has a line of its own and is never cut.
    """

    widths: tuple[int, ...]
    width: int
    name_at: int
    mark_at: int
    money_at: int
    paint: Painter
    margin: str = ""
    most_lines: int = 6

    def lines(self, row: Row) -> Iterator[str]:
        """The row, with its words in what is left of the width."""
        cells = [self._cell(row, place) for place in range(len(row.cells))]
        before = self.margin + "".join(cell + GAP for cell in cells[: self.name_at])
        indent = len(self.margin) + sum(each + len(GAP) for each in self.widths[: self.name_at])
        if width_of(row.cells[self.name_at]) <= self.widths[self.name_at]:
            head = before + GAP.join(cells[self.name_at :])
        else:
            for part in wrapped(row.cells[self.name_at], self.width - indent):
                yield before + part
                before = " " * indent
            head = " " * (indent + self.widths[self.name_at] + len(GAP))
            head += GAP.join(cells[self.name_at + 1 :])
        yield from self._with_words(head, row.words)

    def _with_words(self, head: str, words: str) -> Iterator[str]:
        if not words:
            yield head.rstrip()
            return
        room = self.width - self.span - len(GAP)
        if room < LEAST_NAME:
            yield head.rstrip()
            for line in wrapped(words, self.width - len(INDENT), most=self.most_lines):
                yield f"{INDENT}{line}".rstrip()
            return
        first, *others = wrapped(words, room, most=self.most_lines)
        yield f"{head}{GAP}{first}".rstrip()
        for line in others:
            yield f"{' ' * (self.span + len(GAP))}{line}".rstrip()

    @property
    def span(self) -> int:
        """The columns of margin and cells."""
        return len(self.margin) + sum(self.widths) + len(GAP) * (len(self.widths) - 1)

    def _cell(self, row: Row, place: int) -> str:
        pad = padded_left if place == self.money_at else padded
        text = pad(row.cells[place], self.widths[place])
        return self.paint(text, row.tone) if place == self.mark_at else text


def next_line(command: str, paint: Painter) -> str:
    """The command that moves a row on, below it."""
    return f"{INDENT}{paint('next:', Tone.NEXT)} {as_typed(command)}"


def table_of(
    rows: Sequence[Row],
    *,
    width: int,
    name_at: int,
    mark_at: int,
    money_at: int,
    paint: Painter,
    margin: str = "",
) -> Table:
    """Columns as wide as their widest cell; names give way so that words have room."""
    places = range(len(rows[0].cells)) if rows else ()
    widths = [max(width_of(row.cells[place]) for row in rows) for place in places]
    if widths:
        others = sum(widths) - widths[name_at] + len(GAP) * len(widths) + len(margin)
        words = min(LEAST_WORDS, max(width_of(row.words) for row in rows))
        room = max(width - others - words, LEAST_NAME)
        fitting = [width_of(row.cells[name_at]) for row in rows]
        widths[name_at] = max((each for each in fitting if each <= room), default=0)
    return Table(
        widths=tuple(widths),
        width=width,
        name_at=name_at,
        mark_at=mark_at,
        money_at=money_at,
        paint=paint,
        margin=margin,
    )
