"""What in lyrics is likely to be sung by mistake. Warnings: the words stay the writer's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from pipeline.core.findings.characters import character_name, excerpt, is_unseen_in_lyrics
from pipeline.core.findings.diagnostics import Position
from pipeline.core.findings.suggestion import closest
from pipeline.core.wanted.lyrics import split_lines

MOST_FINDINGS = 50  # of one text; the rest is more of the same

_SQUARE = re.compile(r"\[([^\[\]\n]*)(\]?)")
_OTHER_BRACKETS = re.compile(
    r"\([^()]*\)|\{[^{}]*\}|<[^<>]*>|（[^（）]*）|［[^［］]*］|【[^【】]*】|〔[^〔〕]*〕"
)
_OTHER_OPENINGS = frozenset("({<（［【〔")
_OPENINGS = ("[", *_OTHER_OPENINGS)
_PLAIN_ASCII = bytes({*b"\n", *range(0x20, 0x7F)}.difference(b"({<"))
_WORD = re.compile(r"[^\W\d_]+")
_SYNONYMS = {
    "ad lib": "Hook",
    "drop": "Break",
    "end": "Outro",
    "ending": "Outro",
    "instrumental": "Inst",
    "opening": "Intro",
    "refrain": "Chorus",
    "rise": "Build Up",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LyricsWarning:
    """One warning at a place in the lyrics text."""

    position: Position
    message: str
    hint: str | None = None


def lint_lyrics(text: str, *, structure_tags: Sequence[str] | None) -> tuple[LyricsWarning, ...]:
    """Warnings about a lyrics text, in reading order; positions count lines from 1.

    ``structure_tags`` are the names that the model takes as directions; None where nobody says
    what it does with brackets, and then their contents are let be. At most ``MOST_FINDINGS`` are
    given.
    """
    if _is_plain(text, structure_tags):
        return ()
    found = (
        warning
        for number, line in _lines_to_lint(text)
        for warning in sorted(_lint_line(line, number, structure_tags), key=_column)
    )
    return tuple(islice(found, MOST_FINDINGS))


def _is_plain(text: str, tags: Sequence[str] | None) -> bool:
    """Whether no line can have a warning: all is in sight, and each bracket holds a known tag."""
    unusual = _without_plain_ascii(text)
    if unusual and not (unusual.isprintable() and _OTHER_OPENINGS.isdisjoint(unusual)):
        return False
    return all(end and (tags is None or name in tags) for name, end in _SQUARE.findall(text))


def _without_plain_ascii(text: str) -> str:
    """What is to be looked at of a text, at the speed of memory: not letters, not line ends."""
    rest = text.encode("utf-8", "surrogatepass").translate(None, _PLAIN_ASCII)
    return rest.decode("utf-8", "surrogatepass")


def _lines_to_lint(text: str) -> Iterator[tuple[int, str]]:
    """The lines with brackets, or all where something is invisible; numbers count from 1."""
    lines = split_lines(text)
    numbers: Iterable[int] = range(len(lines))
    if text.replace("\n", "").isprintable():
        openings = [opening for opening in _OPENINGS if opening in text]
        numbers = sorted(
            {number for each in openings for number, line in enumerate(lines) if each in line}
        )
    return ((number + 1, lines[number]) for number in numbers)


def _column(warning: LyricsWarning) -> int:
    return warning.position.column


def _lint_line(line: str, number: int, tags: Sequence[str] | None) -> Iterator[LyricsWarning]:
    for match in _SQUARE.finditer(line):
        at = Position(line=number, column=match.start() + 1)
        yield from _square_brackets(match, at, tags)
    for match in _OTHER_BRACKETS.finditer(line) if tags is not None else ():
        inside = match.group()[1:-1]
        if any(character.isalnum() for character in inside):
            at = Position(line=number, column=match.start() + 1)
            yield _other_brackets(match.group(), at, tags or ())
    if not line.isprintable():
        yield from _invisible(line, number)


def _square_brackets(
    match: re.Match[str], at: Position, tags: Sequence[str] | None
) -> Iterator[LyricsWarning]:
    name = match.group(1).strip()
    if match.group(2) and tags is not None and name in tags:
        return
    if not match.group(2):
        yield LyricsWarning(
            position=at, message="this bracket is never closed", hint="close it on the same line"
        )
    elif tags is not None and name.casefold() not in {tag.casefold() for tag in tags}:
        yield _unknown_tag(name, at, tags)


def _unknown_tag(name: str, at: Position, tags: Sequence[str]) -> LyricsWarning:
    whole = _same_letters(name, tags) or _SYNONYMS.get(name.casefold())
    part = None if whole in tags else _tag_within(name, tags)
    if part is not None:
        return LyricsWarning(
            position=at,
            message=f"what stands beside the tag in {excerpt(f'[{name}]')} may be sung",
            hint=f"write [{part}]; a description belongs in the prompt",
        )
    near = whole if whole in tags else closest(name, tags)
    return LyricsWarning(
        position=at,
        message=f"unknown structure tag {excerpt(f'[{name}]')}: it may be sung",
        hint=f"did you mean [{near}]?" if near else f"known tags: {', '.join(tags)}",
    )


def _other_brackets(group: str, at: Position, tags: Sequence[str]) -> LyricsWarning:
    tag = _same_letters(group[1:-1].strip(), tags)
    return LyricsWarning(
        position=at,
        message=f"the words in {excerpt(group)} would be sung",
        hint=f"did you mean [{tag}]?"
        if tag
        else "a direction belongs in the prompt; leave a backing vocal as it is",
    )


def _same_letters(name: str, tags: Iterable[str]) -> str | None:
    wanted = _letters(name)
    return next((tag for tag in tags if _letters(tag) == wanted), None)


def _letters(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def _tag_within(name: str, tags: Sequence[str]) -> str | None:
    """The longest tag whose words stand, in order, somewhere in ``name``."""
    words = f" {' '.join(_WORD.findall(name.casefold()))} "
    for tag in sorted(tags, key=len, reverse=True):
        if f" {tag.casefold()} " in words:
            return tag
    return None


def _invisible(line: str, number: int) -> Iterator[LyricsWarning]:
    for index, character in enumerate(line):
        if is_unseen_in_lyrics(line, index):
            yield LyricsWarning(
                position=Position(line=number, column=index + 1),
                message=f"invisible character {character_name(character)}",
                hint="delete it: it is sent, and part of what is bought",
            )
