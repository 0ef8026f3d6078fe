"""Text in the columns of a terminal: how wide it is, cut, padded and wrapped. No control passes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from pipeline.core.findings.characters import code_point, is_invisible, is_unseen_in_lyrics

WIDE_PRESENTATION = "\ufe0f"  # asks for the emoji form of the character before it
ZERO_WIDTH = frozenset({"Mn", "Me", "Cf"})
_JAMO_ENDINGS = range(0x1160, 0x1200)  # vowels and finals, drawn into the syllable before them


def shown(text: str) -> str:
    """One line that is safe to print: what cannot be seen is spelled out, joiners stay.

    Line ends and tabs become spaces.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(text, index) for index in range(len(text)))


def _shown(text: str, index: int) -> str:
    character = text[index]
    if character in "\t\n\r":
        return " "
    if is_invisible(character) and is_unseen_in_lyrics(text, index):
        return f"<{code_point(character)}>"
    return character


def width_of(text: str) -> int:
    """How many columns a line of shown text takes."""
    if text.isascii():
        return len(text)
    return sum(_width_at(text, index) for index in range(len(text)))


def _width_at(text: str, index: int) -> int:
    character = text[index]
    if unicodedata.category(character) in ZERO_WIDTH or ord(character) in _JAMO_ENDINGS:
        return 0
    if unicodedata.east_asian_width(character) in {"W", "F"}:
        return 2
    return 2 if text[index + 1 : index + 2] == WIDE_PRESENTATION else 1


def padded(text: str, columns: int) -> str:
    """``text`` with spaces up to ``columns``; one that is wider stays as it is."""
    return text + " " * (columns - width_of(text))


def padded_left(text: str, columns: int) -> str:
    """``text`` pushed to the right end of ``columns``."""
    return " " * (columns - width_of(text)) + text


def clipped(text: str, columns: int) -> str:
    """``text`` as one line in at most ``columns``, with an ellipsis where something is gone."""
    flat = " ".join(shown(text).split())
    if width_of(flat) <= columns:
        return flat
    head, _ = _split(flat, columns - 1)
    return f"{head.rstrip()}…"


def wrapped(text: str, columns: int, *, most: int | None = None) -> tuple[str, ...]:
    """``text`` in lines of at most ``columns``, broken at spaces, else inside a word.

    Never empty. With ``most``, the last line that is shown ends in an ellipsis if there are more.
    """
    flat = " ".join(shown(text).split())
    lines = tuple(flat[first:end] for first, end in broken(flat, columns)) or ("",)
    if most is None or len(lines) <= most:
        return lines
    head, _ = _split(lines[most - 1], columns - 1)
    return (*lines[: most - 1], f"{head.rstrip()}…")


def broken(text: str, columns: int) -> Iterator[tuple[int, int]]:
    """Where the lines of a shown text begin and end; the spaces where it breaks are in none."""
    at = 0
    while at < len(text):
        end = at + len(_split(text[at:], max(columns, 2))[0])
        if end < len(text) and text[end] != " ":
            space = text.rfind(" ", at, end)
            end = end if space <= at else space
        yield at, end
        at = end
        while at < len(text) and text[at] == " ":
            at += 1


def _split(text: str, columns: int) -> tuple[str, str]:
    """The longest head that fits, and the rest; a base and its marks are not torn apart."""
    taken = 0
    for index in range(len(text)):
        width = _width_at(text, index)
        if taken + width > columns and index > 0:
            return text[:index], text[index:]
        taken += width
    return text, ""
