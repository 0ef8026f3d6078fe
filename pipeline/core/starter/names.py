"""Ids out of titles."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

LONGEST = 64


def slug_of(title: str) -> str:
    """The id that reads most like a title: ``Café Noir`` is ``cafe-noir``; empty if none does."""
    plain = unicodedata.normalize("NFKD", title).casefold()
    return "-".join(re.findall(r"[a-z0-9]+", _without_marks(plain)))[:LONGEST].strip("-")


def song_ids(titles: Iterable[str]) -> tuple[str, ...]:
    """An id for each title, all of them different: ``song-3`` where the title gives none."""
    found: list[str] = []
    for number, title in enumerate(titles, start=1):
        found.append(_free(slug_of(title) or f"song-{number}", found))
    return tuple(found)


def _without_marks(text: str) -> str:
    return "".join(sign for sign in text if not unicodedata.combining(sign) and sign not in "'’")


def _free(wanted: str, taken: list[str]) -> str:
    name, count = wanted, 1
    while name in taken:
        count += 1
        name = f"{wanted[: LONGEST - 1 - len(str(count))].strip('-')}-{count}"
    return name
