"""Lyrics as distributors ask for them: the words that are sung, in stanzas, and nothing else."""

from __future__ import annotations

import re

from pipeline.core.formats.tags import many_lines
from pipeline.core.wanted.lyrics import sent_lyrics as tidy
from pipeline.core.wanted.lyrics import split_lines

# Square, curly, angle and their wide relatives hold directions; round ones hold backing vocals.
_DIRECTION = re.compile(
    r"\[[^\[\]]*\]|\{[^{}]*\}|<[^<>]*>|［[^［］]*］|【[^【】]*】|〔[^〔〕]*〕|[\[［【〔].*$"
)
_SECTION = re.compile(
    r"(?:(?:pre|post)[- ]?)?(?:intro|verse|chorus|refrain|bridge|hook|interlude|instrumental"
    r"|inst|solo|outro)(?: ?\d{1,2}| x ?\d)?",
    re.IGNORECASE,
)
_LABEL = re.compile(r"\((?P<inside>[^()]*)\):?|(?P<before>[^()]*):")
_SPACES = re.compile(r"[ \t\u00a0]{2,}")


def lyric_sheet(lyrics: str | None) -> str:
    """The sheet, or nothing where no word is sung: NFC, LF, stanzas with a blank line between.

    Structure tags and directions in brackets go, and so do section names that stand alone as
    ``(Chorus)`` or ``Chorus:``. A line that was nothing but those ends a stanza. Round brackets
    with anything else in them are backing vocals and stay.
    """
    stanzas: list[list[str]] = [[]]
    for line in split_lines(many_lines(lyrics or "")):
        sung = _sung(line)
        if not sung:
            stanzas.append([])
            continue
        if _begins_section(line):
            stanzas.append([])
        stanzas[-1].append(sung)
    text = "\n\n".join("\n".join(stanza) for stanza in stanzas if stanza)
    return tidy(text) + "\n" if text else ""


def _sung(line: str) -> str:
    words = _SPACES.sub(" ", _DIRECTION.sub(" ", line)).strip()
    return words if any(sign.isalnum() for sign in words) and not _is_label(words) else ""


def _is_label(words: str) -> bool:
    found = _LABEL.fullmatch(words)
    name = (found["inside"] or found["before"] or "").strip() if found else ""
    return _SECTION.fullmatch(name) is not None


def _begins_section(line: str) -> bool:
    """Whether words follow a tag on its own line: ``[Chorus] Take me one stop``."""
    found = _DIRECTION.match(line.lstrip())
    return found is not None and _SECTION.fullmatch(found.group()[1:-1].strip()) is not None
