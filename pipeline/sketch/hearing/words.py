"""A prompt without what it refuses, and what it refuses."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NEGATION = (
    r"\b(?:no|without|minus|zero|avoid(?:ing)?|never|not|nor|lacking|free of|don't (?:use|want)"
    r"|do not (?:use|want))\b"
)
_WORD = r"[\w'&/-]+"
# "no drums", "no electric guitars or synths", "without drums, bass or vocals", "no bass and drums"
_REFUSAL = re.compile(
    rf"{_NEGATION}\s+(?:any\s+|an?\s+|the\s+|live\s+)?{_WORD}(?:\s+(?!or\b|and\b|but\b|with\b|just\b|nor\b|only\b){_WORD})?"
    rf"(?:(?:,\s*{_WORD})*,?\s+(?:or|nor|no)\s+{_WORD}(?:\s+(?!or\b|and\b|but\b|with\b|just\b){_WORD})?"
    rf"|\s+and\s+(?:no\s+)?(?:{_WORD})(?=\s*(?:[,.;]|$)))*",
    re.I,
)
_SUFFIXED = re.compile(
    r"\b(drum|vocal|guitar|bass|beat|voice|synth|piano|percussion)s?(?:less|-free)\b", re.I
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was heard in the prompt, or assumed because it was silent."""

    field: str
    value: str
    why: str  # the words that said so, or the custom that was followed


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A prompt in two: what it wants and what it refuses, each at its place."""

    whole: str
    wanted: str
    refused: str

    def says(self, pattern: str) -> str | None:
        """The first wanted words of the pattern, or None."""
        found = re.search(rf"(?<![\w])(?:{pattern})(?!\w)", self.wanted, re.I)
        return found[0] if found else None

    def refuses(self, pattern: str) -> str | None:
        """The first refused words of the pattern, or None."""
        found = re.search(rf"(?<![\w])(?:{pattern})(?!\w)", self.refused, re.I)
        return found[0] if found else None


def parted(prompt: str) -> Words:
    """The prompt's words; a refused stretch is blank in what is wanted, and the other way round."""
    wanted, refused = list(prompt), [" "] * len(prompt)
    for pattern in (_REFUSAL, _SUFFIXED):
        for found in pattern.finditer(prompt):
            if found[0].lower().startswith("not ") and re.match(
                r"not (?:too|very|so|overly)", found[0], re.I
            ):
                continue
            for at in range(*found.span()):
                wanted[at], refused[at] = (
                    (" " if prompt[at] not in ",.;" else prompt[at]),
                    prompt[at],
                )
    said = "".join(refused)
    return Words(whole=prompt, wanted="".join(wanted), refused=_SUFFIXED.sub(r"\1s", said))
