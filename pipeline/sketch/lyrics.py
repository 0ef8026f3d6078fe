"""Lyrics as sections of sung phrases: tags, backing lines, syllables and their stress."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace

from pipeline.sketch.tags import Kind, is_direction, kind_of, tag_of
from pipeline.sketch.voice import syllables as voice

__all__ = ["Kind", "Phrase", "Section", "Syllable", "played", "read"]

_RETURNING = frozenset({Kind.PRE_CHORUS, Kind.CHORUS, Kind.POST_CHORUS, Kind.HOOK})


_DIRECTION = re.compile(
    r"(?:instrumental|music|guitar|piano|drums?|sax|synth|fade|repeat|solo|spoken|softly|whisper"
    r"|pause|break|applause|x\s?\d)[\w ,'-]*", re.I,
)  # fmt: skip
LONGEST_PHRASE = 13  # syllables: what fits two bars without a patter


@dataclass(frozen=True, slots=True, kw_only=True)
class Syllable:
    """One sung beat of a word: its vowel (``a e i o u``) and whether it is stressed."""

    vowel: str
    is_stressed: bool
    ends_word: bool
    sung: voice.Syllable | None = None  # None: only played


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
    """The sections of the lyrics, in order, at least one; an unknown tag sings like a verse.

    A tag of a chorus without lines under it repeats those of the last one.
    """
    text = unicodedata.normalize("NFC", lyrics).replace("\r\n", "\n").replace("\r", "\n")
    sections: list[Section] = []
    tag: str | None = None
    lines: list[str] = []
    for line in text.split("\n"):
        found = tag_of(line)
        if found is None:
            lines.append(line)
        elif is_direction(found[0]) and (tag is not None or any(lines)):
            lines.append(found[1])
        else:
            sections.extend(_close(tag, lines))
            tag, lines = found[0], [found[1]]
    sections.extend(_close(tag, lines))
    return _repeated(sections) or (Section(kind=Kind.INST, tag=None, phrases=()),)


def _repeated(sections: list[Section]) -> tuple[Section, ...]:
    """A chorus that is only named is the one before, unless it shall be played."""
    found: list[Section] = []
    for section in sections:
        words = next((s.phrases for s in reversed(found) if s.kind is section.kind), ())
        is_played = re.search(r"\binst|\bsolo\b|\bno vocals?\b", section.tag or "", re.I)
        if section.kind in _RETURNING and not section.phrases and words and not is_played:
            section = replace(section, phrases=words)
        found.append(section)
    return tuple(found)


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
    for part in re.split(r"([(（][^)）]*[)）])", line):
        is_backing = part.startswith(("(", "（"))
        text = " ".join(part.strip("()（） \t*_").split())
        if is_backing and _DIRECTION.fullmatch(text):
            continue
        words = text.split(" ")
        found.extend(_phrases(_syllables(text), words, is_backing=is_backing))
    return tuple(found)


def _syllables(text: str) -> tuple[Syllable, ...]:
    sung = voice.syllables(text)
    following = [*sung[1:], None][: len(sung)]
    return tuple(
        Syllable(
            vowel=s.vowel(), is_stressed=s.stress > 0, sung=s,
            ends_word=after is None or after.word != s.word,
        )
        for s, after in zip(sung, following, strict=True)
    )  # fmt: skip


def _phrases(
    syllables: tuple[Syllable, ...], words: list[str], *, is_backing: bool
) -> list[Phrase]:
    if not syllables:
        return []
    if len(syllables) <= LONGEST_PHRASE:
        return [Phrase(text=_text(syllables, words), syllables=syllables, is_backing=is_backing)]
    cut = min(range(1, len(syllables)), key=lambda at: _cut_cost(syllables, words, at))
    return _phrases(syllables[:cut], words, is_backing=is_backing) + _phrases(
        syllables[cut:], words, is_backing=is_backing
    )


def _cut_cost(syllables: tuple[Syllable, ...], words: list[str], at: int) -> float:
    last = syllables[at - 1]
    word = words[last.sung.word] if last.sung and last.sung.word < len(words) else ""
    bonus = 3.0 if word[-1:] in tuple(",;:.!?，。、—") and word else 0.0
    return abs(at - len(syllables) / 2) - bonus + (0.0 if last.ends_word else 20.0)


def _text(syllables: tuple[Syllable, ...], words: list[str]) -> str:
    places = sorted({s.sung.word for s in syllables if s.sung})
    return " ".join(words[place] for place in places if place < len(words))


def syllables_of(word: str) -> tuple[Syllable, ...]:
    """The syllables of one word."""
    return _syllables(word)


def played(count: int) -> Phrase:
    """A phrase of notes without words, for songs that nobody sings."""
    syllables = tuple(
        Syllable(vowel="u", is_stressed=n % 2 == 0, ends_word=n % 3 == 2) for n in range(count)
    )
    return Phrase(text="", syllables=syllables, is_backing=False)
