"""What a changed request asks for, beside what was bought before: fields, and words in texts."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from pipeline.core.purchase.attempt import Attempt
from pipeline.core.wanted.identities import changed_fields
from pipeline.core.wanted.takes import WantedTake

TEXTS = ("lyrics", "prompt", "negative_prompt")
# Scripts without spaces between words are compared sign by sign.
UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"([{UNSPACED}]|[^\s{UNSPACED}]+)(\s*)")
LEAST_ALIKE = 0.4  # of the words of two lines, to be told as one line that changed
MOST_PAIRED = 60  # lines in one changed stretch that are looked through for the likest


Scalar = str | int | float | bool | None


class Change(StrEnum):
    """What became of a run of words."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One neutral name, and its value before and now; None where there was none."""

    name: str
    before: Scalar
    now: Scalar

    @property
    def is_text(self) -> bool:
        """Whether words are worth comparing."""
        return self.name in TEXTS


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDiff:
    """Against which attempt, and what differs; ``fields`` is None if what it asked is unknown."""

    before: Attempt
    fields: tuple[FieldChange, ...] | None


@dataclass(frozen=True, slots=True)
class Run:
    """Words of a line that had the same fate."""

    change: Change
    text: str


Line = tuple[Run, ...]


def request_diff(before: Attempt, take: WantedTake) -> RequestDiff:
    """What ``take`` asks for that ``before`` did not, lyrics and prompt first."""
    old, new = json.loads(before.identity_json), json.loads(take.identity_json)
    if "digest_version" not in old:
        return RequestDiff(before=before, fields=None)
    names = changed_fields(before.identity_json, take.identity_json)
    asked = {**old, **old.get("request", {})}, {**new, **new.get("request", {})}
    ordered = sorted(names, key=lambda name: (name not in TEXTS, name))
    return RequestDiff(
        before=before,
        fields=tuple(
            FieldChange(name=name, before=asked[0].get(name), now=asked[1].get(name))
            for name in ordered
        ),
    )


def word_diff(before: str | None, now: str | None) -> tuple[Line, ...]:
    """The lines of both texts in order; in those that changed, word by word. None has no lines."""
    old = [] if before is None else before.split("\n")
    new = [] if now is None else now.split("\n")
    lines: list[Line] = []
    for verb, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if verb == "equal":
            lines += [_line(Change.SAME, text) for text in new[k:m]]
        else:
            lines += _changed(old[i:j], new[k:m])
    return tuple(lines)


def _line(change: Change, text: str) -> Line:
    return (Run(change, text),)


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    """Lines in the place of others: each beside the one that it is like, else gone and new."""
    i = k = 0
    for before, now in (*_pairs(old, new), (len(old), len(new))):
        yield from (_line(Change.GONE, text) for text in old[i:before])
        yield from (_line(Change.NEW, text) for text in new[k:now])
        if before < len(old):
            yield from _compared(old[before], new[now])
        i, k = before + 1, now + 1


def _pairs(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Places of lines that are alike, none crossing another, as much alike in sum as can be."""
    if max(len(old), len(new)) > MOST_PAIRED:
        return []
    bags = [_bag(text) for text in old], [_bag(text) for text in new]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    like = [[_likeness(mine, other) for other in bags[1]] for mine in bags[0]]
    for i in reversed(range(len(old))):
        for k in reversed(range(len(new))):
            taken = like[i][k] + best[i + 1][k + 1] if like[i][k] else 0.0
            best[i][k] = max(taken, best[i + 1][k], best[i][k + 1])
    found, i, k = [], 0, 0
    while i < len(old) and k < len(new):
        if like[i][k] and best[i][k] == like[i][k] + best[i + 1][k + 1]:
            found.append((i, k))
            i, k = i + 1, k + 1
        elif best[i][k] == best[i + 1][k]:
            i += 1
        else:
            k += 1
    return found


def _bag(text: str) -> Counter[str]:
    return Counter(word for word, _ in WORD.findall(text))


def _likeness(mine: Counter[str], other: Counter[str]) -> float:
    """Words in common of all words, 0 to 1; 0 where two lines are not worth comparing."""
    together = mine.total() + other.total()
    share = 2 * (mine & other).total() / together if together else 0.0
    return share if share >= LEAST_ALIKE else 0.0


def _compared(before: str, now: str) -> Iterator[Line]:
    old, new = WORD.findall(before), WORD.findall(now)
    words = [word for word, _ in old], [word for word, _ in new]
    if words[0] == words[1]:  # other spaces alone
        yield (Run(Change.GONE, before), Run(Change.NEW, now))
        return
    runs = []
    for verb, i, j, k, m in SequenceMatcher(None, *words, autojunk=False).get_opcodes():
        if verb == "equal":
            runs.append(Run(Change.SAME, _same(old[i:j], new[k:m])))
            continue
        runs += [Run(Change.GONE, _text(old[i:j]))] if i < j else []
        runs += [Run(Change.NEW, _text(new[k:m]))] if k < m else []
    yield tuple(runs)


def _same(old: Sequence[tuple[str, str]], new: Sequence[tuple[str, str]]) -> str:
    """Words of both; where the new text ends in one, the space is the old one's."""
    pairs = zip(old, new, strict=True)
    return _text([(word, space or before) for (_, before), (word, space) in pairs])


def _text(words: Sequence[tuple[str, str]]) -> str:
    return "".join(word + space for word, space in words)
