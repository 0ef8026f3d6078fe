"""Lyrics as sections of sung phrases: tags, backing lines, syllables and their stress."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a section is for; the API's fourteen structure tags."""

    INTRO = "intro"
    VERSE = "verse"
    PRE_CHORUS = "pre chorus"
    CHORUS = "chorus"
    POST_CHORUS = "post chorus"
    HOOK = "hook"
    INTERLUDE = "interlude"
    BRIDGE = "bridge"
    BREAK = "break"
    BUILD_UP = "build up"
    TRANSITION = "transition"
    INST = "inst"
    SOLO = "solo"
    OUTRO = "outro"


_ALIASES = {
    "refrain": Kind.CHORUS, "coro": Kind.CHORUS, "estribillo": Kind.CHORUS,
    "prechorus": Kind.PRE_CHORUS,
    "postchorus": Kind.POST_CHORUS, "instrumental": Kind.INST, "drop": Kind.CHORUS,
    "strophe": Kind.VERSE,
    "middle eight": Kind.BRIDGE, "middle 8": Kind.BRIDGE, "ending": Kind.OUTRO, "end": Kind.OUTRO,
    "coda": Kind.OUTRO, "buildup": Kind.BUILD_UP, "guitar solo": Kind.SOLO, "breakdown": Kind.BREAK,
}  # fmt: skip
_TAG = re.compile(r"^\s*[\[【]([^\]】]{1,80})[\]】]\s*(.*)$")
LONGEST_PHRASE = 13  # syllables: what fits two bars without a patter


@dataclass(frozen=True, slots=True, kw_only=True)
class Syllable:
    """One sung beat of a word: its vowel (``a e i o u``) and whether it is stressed."""

    vowel: str
    is_stressed: bool
    ends_word: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """What is sung in one breath."""

    text: str
    syllables: tuple[Syllable, ...]
    is_backing: bool  # in parentheses: answered by a second voice


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A tag of the lyrics and the phrases under it. ``tag`` is None where none was written."""

    kind: Kind
    tag: str | None
    phrases: tuple[Phrase, ...]


def read(lyrics: str) -> tuple[Section, ...]:
    """The sections of the lyrics, in order, at least one; an unknown tag sings like a verse."""
    text = unicodedata.normalize("NFC", lyrics).replace("\r\n", "\n").replace("\r", "\n")
    sections: list[Section] = []
    tag: str | None = None
    lines: list[str] = []
    for line in text.split("\n"):
        if found := _TAG.match(line):
            sections.extend(_close(tag, lines))
            tag, lines = found[1].strip(), [found[2]]
        else:
            lines.append(line)
    sections.extend(_close(tag, lines))
    return tuple(sections) or (Section(kind=Kind.INST, tag=None, phrases=()),)


def kind_of(tag: str) -> Kind | None:
    """The kind of a tag, whatever its number, case, hyphens or description; None if unknown."""
    words = re.split(r"[:,;|(–—]|\s-\s", tag)[0].lower()
    plain = " ".join(re.sub(r"[^a-z ]", " ", words.replace("8", "eight")).split())
    if plain in set(Kind):
        return Kind(plain)
    if plain in _ALIASES:
        return _ALIASES[plain]
    named = [
        kind for kind in sorted(Kind, key=len, reverse=True) if re.search(rf"\b{kind}\b", plain)
    ]
    return named[0] if named else None


def _close(tag: str | None, lines: list[str]) -> list[Section]:
    if tag is not None:
        phrases = tuple(phrase for line in lines for phrase in phrases_of(line))
        return [Section(kind=kind_of(tag) or Kind.VERSE, tag=tag, phrases=phrases)]
    return _untagged(lines)


def _untagged(lines: list[str]) -> list[Section]:
    """Paragraphs: what comes twice is the chorus, else verse and chorus take turns."""
    paragraphs = [p for p in re.split(r"\n\s*\n", "\n".join(lines)) if p.strip()]
    if len(paragraphs) == 1:
        rows = [row for row in paragraphs[0].split("\n") if row.strip()]
        paragraphs = ["\n".join(rows[at : at + 4]) for at in range(0, len(rows), 4)]
    times = Counter(paragraphs)
    is_repeating = any(count > 1 for count in times.values())
    sections = []
    for place, paragraph in enumerate(paragraphs):
        is_chorus = times[paragraph] > 1 if is_repeating else place % 2 == 1
        phrases = tuple(p for line in paragraph.split("\n") for p in phrases_of(line))
        if phrases:
            kind = Kind.CHORUS if is_chorus else Kind.VERSE
            sections.append(Section(kind=kind, tag=None, phrases=phrases))
    return sections


def phrases_of(line: str) -> tuple[Phrase, ...]:
    """A line's phrases: parenthesised words apart, long lines split, best at a comma."""
    found: list[Phrase] = []
    for part in re.split(r"(\([^)]*\))", line):
        is_backing = part.startswith("(")
        words = [w for w in part.strip("() \t").split() if any(c.isalnum() for c in w)]
        if len(words) == 1 and _is_unspaced(words[0]):
            words = list(words[0])
        found.extend(_phrases(words, is_backing=is_backing))
    return tuple(found)


def _is_unspaced(word: str) -> bool:
    return len(word) > 4 and all(ord(letter) >= 0x2E80 for letter in word if letter.isalnum())


def _phrases(words: list[str], *, is_backing: bool) -> list[Phrase]:
    sung = [syllables_of(word) for word in words]
    total = sum(map(len, sung))
    if total <= LONGEST_PHRASE or len(words) < 2:
        syllables = tuple(s for word in sung for s in word)[: LONGEST_PHRASE + 5]
        text = " ".join(words)
        return [Phrase(text=text, syllables=syllables, is_backing=is_backing)] if syllables else []
    costs = []
    for cut in range(1, len(words)):
        ends_clause = words[cut - 1][-1] in ",;:.!?，。、"
        before = sum(map(len, sung[:cut]))
        costs.append((abs(before - total / 2) - (3 if ends_clause else 0), cut))
    cut = min(costs)[1]
    left, right = words[:cut], words[cut:]
    return _phrases(left, is_backing=is_backing) + _phrases(right, is_backing=is_backing)


_UNSTRESSED = frozenset(
    re.findall(
        r"\S+",
        """
        a an the and or but of in on at to for from by with as is am are was were be been it its
        i my me you your he him his she her we us our they them their that this so if than then do
        does did has have had can could will would shall should may might must not no nor i'm i'll
        it's
        """,
    )
)
_WEAK_PREFIXES = (
    "a",
    "be",
    "re",
    "de",
    "un",
    "ex",
    "en",
    "for",
    "to",
    "com",
    "con",
    "pre",
    "per",
    "sur",
)
_VOWELS = re.compile(r"[aeiouyáàâãäåæéèêëíìîïóòôõöøœúùûüýаеёиоуыэюяіїєαεηιουω]+")


def syllables_of(word: str) -> tuple[Syllable, ...]:
    """The syllables of a word: exact enough to sing English, a fair guess elsewhere."""
    plain = re.sub(r"[^\w']", "", word.lower())
    if not plain:
        return ()
    if any(ord(letter) >= 0x2E80 for letter in plain):
        return tuple(
            Syllable(
                vowel="aeiou"[ord(c) % 5], is_stressed=at % 2 == 0, ends_word=at == len(plain) - 1
            )
            for at, c in enumerate(plain)
        )
    groups = [found[0] for found in _VOWELS.finditer(plain)]
    if len(groups) > 1 and re.search(
        r"[^aeiouyl]e$|[aeiou]le?s$|[^aeiouytd]ed$|[^aeioulszxc]es$", plain
    ):
        groups.pop()
    groups = groups or ["a"] * max(1, round(len(plain) / 3) if plain.isdigit() else 1)
    stress = 0
    if len(groups) > 1 and any(_is_prefixed(plain, prefix) for prefix in _WEAK_PREFIXES):
        stress = 1
    is_content = plain not in _UNSTRESSED
    return tuple(
        Syllable(
            vowel=_sound(group),
            is_stressed=is_content and (at == stress or (len(groups) > 3 and at == stress + 2)),
            ends_word=at == len(groups) - 1,
        )
        for at, group in enumerate(groups)
    )


def _is_prefixed(word: str, prefix: str) -> bool:
    rest = word[len(prefix) :]
    return (
        word.startswith(prefix) and len(rest) >= 3 and (len(prefix) > 1 or rest[0] not in "nrplmst")
    )


def _sound(group: str) -> str:
    for letters, vowel in (
        ("oo", "u"), ("ou", "u"), ("ee", "i"), ("ea", "i"), ("ai", "e"), ("ay", "e"), ("oa", "o"),
    ):  # fmt: skip
        if letters in group:
            return vowel
    bare = unicodedata.normalize("NFD", group[0])[0]
    return {"y": "i", "а": "a", "е": "e", "и": "i", "о": "o", "у": "u"}.get(
        bare, bare if bare in "aeiou" else "a"
    )
