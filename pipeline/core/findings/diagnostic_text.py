"""How a finding is printed."""

from __future__ import annotations

import unicodedata

from pipeline.core.findings.characters import code_point, is_invisible, visible
from pipeline.core.findings.diagnostics import Diagnostic

MARGIN = "    "
WIDEST = 100  # columns of the source line that are shown
BEFORE_CARET = 60  # of them, at most so many before the caret where the line is cut
TAB_STOP = 4


def render_diagnostic(diagnostic: Diagnostic) -> str:
    """``file:line:col: severity: message``, the source line with a caret, ``hint: …``; no last LF.

    Long lines are cut to a window around the caret; what cannot be seen is spelled out.
    """
    at = diagnostic.position
    place = f"{visible(diagnostic.file)}:{at.line}:{at.column}"
    lines = [f"{place}: {diagnostic.severity.value}: {visible(diagnostic.message)}"]
    if diagnostic.source_line is not None and diagnostic.source_line.strip():
        lines += _source_with_caret(diagnostic.source_line, at.column)
    if diagnostic.hint is not None:
        lines.append(f"hint: {visible(diagnostic.hint)}")
    return "\n".join(lines)


def _source_with_caret(source_line: str, column: int) -> list[str]:
    first = max(0, column - 1 - WIDEST)
    near = source_line[first : column - 1 + WIDEST]
    cells = _cells(near)
    caret = min(column - 1 - first, len(cells))
    cut_left, cut_right = _window(cells, caret, is_cut=first > 0)
    left = "…" if first + cut_left > 0 else ""
    right = "…" if first + cut_right < len(source_line) else ""
    shown = left + "".join(text for text, _ in cells[cut_left:cut_right]) + right
    indent = len(left) + sum(width for _, width in cells[cut_left:caret])
    return [f"{MARGIN}{shown}".rstrip(), f"{MARGIN}{' ' * indent}^"]


def _window(cells: list[tuple[str, int]], caret: int, *, is_cut: bool) -> tuple[int, int]:
    """First and one-past-last cell to show: at most ``WIDEST`` columns, the caret's among them."""
    start = 0
    if is_cut or sum(width for _, width in cells[: caret + 1]) > WIDEST:
        start, columns = caret, 0
        while start > 0 and columns + cells[start - 1][1] <= BEFORE_CARET:
            start -= 1
            columns += cells[start][1]
    end, columns = start, 0
    while end < len(cells) and columns + cells[end][1] <= WIDEST:
        columns += cells[end][1]
        end += 1
    return start, max(end, min(caret + 1, len(cells)))


def _cells(text: str) -> list[tuple[str, int]]:
    """Each code point as it is shown, with its width in terminal columns."""
    cells: list[tuple[str, int]] = []
    columns = 0
    for character in text:
        cell = _cell(character, columns)
        columns += cell[1]
        cells.append(cell)
    return cells


def _cell(character: str, columns: int) -> tuple[str, int]:
    if character == "\t":
        width = TAB_STOP - columns % TAB_STOP
        return " " * width, width
    if is_invisible(character) or character in "\r\n":
        spelled = f"<{code_point(character)}>"
        return spelled, len(spelled)
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me"}:
        return character, 0
    return character, 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
