"""Markdown's own words: tables, headings, and code in a cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

HEADER = "<!-- written by `make reference`; what is changed here is overwritten -->"


def page(title: str, *blocks: str) -> str:
    """A whole page: the header, the title, and its blocks with a blank line between them."""
    return "\n\n".join((HEADER, f"# {title}", *filter(None, blocks))) + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; columns that are empty in every row are left out."""
    lines = [tuple(cell(text) for text in row) for row in rows]
    kept = [place for place in range(len(heads)) if any(line[place] for line in lines)]
    rule = "|".join("---" for _ in kept)
    written = [" | ".join(line[place] for place in kept) for line in (tuple(heads), *lines)]
    return "\n".join((f"| {written[0]} |", f"|{rule}|", *(f"| {line} |" for line in written[1:])))


def cell(text: str) -> str:
    """Text as one cell holds it: a line without bars of its own."""
    return re.sub(r"\s+", " ", text).strip().replace("|", "\\|")


def code(text: str) -> str:
    """Text in a fixed-width face."""
    fence = "``" if "`" in text else "`"
    space = " " if "`" in text else ""
    return f"{fence}{space}{text}{space}{fence}"


def sentence(text: str) -> str:
    """Text that begins large and ends with a full stop."""
    told = cell(text)
    if not told:
        return ""
    return told[0].upper() + told[1:] + ("" if told[-1] in ".!?)" else ".")
