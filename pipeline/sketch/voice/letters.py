"""How a word's letters fall to its syllables, and how many it has where no rule can read it."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

_GROUP = re.compile(r"[aeiouy]+", re.IGNORECASE)
_TOGETHER = (
    "th", "sh", "ch", "ph", "wh", "gh", "ck", "qu", "tr", "dr", "br", "bl", "cl", "gr", "pl", "pr",
)  # fmt: skip
_OTHER_VOWELS = frozenset("аеёиоуыэюяіїєαεηιουωאוי")
_MOST = 24  # a "word" without spaces may be a paragraph of an East Asian language


def is_latin(word: str) -> bool:
    """Whether every letter of the word is Latin, and there is one, or a figure."""
    letters = [sign for sign in word if sign.isalpha()]
    return all(unicodedata.name(sign, "").startswith("LATIN") for sign in letters)


def syllables_estimated(word: str) -> int:
    """How many syllables a word of any script may have; at least 1."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", word).lower())
    count, run, inside = 0, 0, False
    for sign in plain:
        name = unicodedata.name(sign, "")
        vowel = sign in _OTHER_VOWELS or bool(_GROUP.match(sign))
        if name.startswith(("CJK", "HANGUL CHOSEONG")) or _is_mora(name) or (vowel and not inside):
            count += 1
        elif sign.isalpha() and not vowel and not name.startswith(("HANGUL", "HIRAGANA", "KATA")):
            run += 1
        inside = vowel
    return min(_MOST, max(1, count or (run + 1) // 2))


def _is_mora(name: str) -> bool:
    return name.startswith(("HIRAGANA LETTER", "KATAKANA LETTER")) and "SMALL" not in name


def pieces(word: str, count: int) -> tuple[str, ...]:
    """The word's letters in ``count`` parts which join to the word again; some may be empty."""
    if count <= 1:
        return (word,)
    plain = "".join(unicodedata.normalize("NFD", sign)[0] for sign in word)
    groups = [match.span() for match in _GROUP.finditer(plain)]
    if len(groups) == count + 1 and plain.rstrip("'’.,!?;:)s\"").lower().endswith("e"):
        groups.pop()  # silent
    if len(groups) == count:
        cuts = [_cut(plain, one[1], two[0]) for one, two in pairwise(groups)]
    else:
        cuts = [round(len(word) * part / count) for part in range(1, count)]
    return tuple(word[a:b] for a, b in zip([0, *cuts], [*cuts, len(word)], strict=True))


def _cut(word: str, start: int, end: int) -> int:
    """Where to cut between two groups of vowels with consonants from ``start`` to ``end``."""
    if end - start <= 1 or word[end - 2 : end].lower() in _TOGETHER:
        return max(start, end - 2) if word[end - 2 : end].lower() in _TOGETHER else start
    return end - 1
