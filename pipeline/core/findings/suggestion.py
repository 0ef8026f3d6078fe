"""Guesses at what a misspelt word was meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

LONGEST_WORD = 64  # comparing is quadratic in the length, and nobody misspells a paragraph
MOST_CANDIDATES = 500
_SEPARATORS = str.maketrans("_ ", "--")


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is most like ``word``, or None where nothing is near.

    Case, and the kind of separator (``-``, ``_``, space), do not count.
    """
    if len(word) > LONGEST_WORD:
        return None
    import difflib  # few commands meet a misspelt word

    by_folded: dict[str, str] = {}
    for candidate in islice(known, MOST_CANDIDATES):
        if len(candidate) <= LONGEST_WORD:
            by_folded.setdefault(_folded(candidate), candidate)
    near = difflib.get_close_matches(_folded(word), by_folded, n=1, cutoff=0.65)
    return by_folded[near[0]] if near else None


def _folded(word: str) -> str:
    return word.casefold().translate(_SEPARATORS)
