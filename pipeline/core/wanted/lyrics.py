"""The texts of a request exactly as they are sent; their lengths count code points."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_LINE_END = re.compile(r"\r\n|\r|\n")


def split_lines(text: str) -> list[str]:
    """The lines of a text without their ends: CR LF, LF and CR end a line and nothing else does."""
    return _LINE_END.split(text) if "\r" in text else text.split("\n")


def sent_lyrics(text: str) -> str:
    """Lyrics as they are sent: LF, NFC, no trailing spaces, no blank lines around them."""
    lines = map(str.rstrip, split_lines(unicodedata.normalize("NFC", text)))
    return "\n".join(lines).strip("\n")


def sent_prompt(fragments: Iterable[str], prompt: str | None) -> str:
    """The prompt as it is sent: style fragments, then the song's own, stripped, with ``, ``."""
    parts = [fragment.strip() for fragment in fragments]
    parts.append((prompt or "").strip())
    return ", ".join(part for part in parts if part)
