"""Characters that a reader cannot see, and how to show them."""

from __future__ import annotations

import re
import unicodedata

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_JOINERS = frozenset("\u200c\u200d")
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")  # drawn as nothing, yet no spaces
_WORD_MARKS = frozenset({"Lo", "Lm", "Mn", "Mc", "So", "Sk"})


def code_point(character: str) -> str:
    """``U+200B``."""
    return f"U+{ord(character):04X}"


def character_name(character: str) -> str:
    """``U+200B ZERO WIDTH SPACE``; control characters have no name of their own."""
    name = unicodedata.name(character, "control character")
    return f"{code_point(character)} {name}"


def first_control(text: str) -> int | None:
    """The index of the first control character other than tab and line ends, if there is one."""
    match = _CONTROL.search(text)
    return None if match is None else match.start()


def is_invisible(character: str) -> bool:
    """Whether a reader cannot see that this character is there, or cannot tell what it is."""
    if character in "\t\n\r":
        return False
    return (
        unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"}
        or character in _BLANK_LETTERS
    )


def is_unseen_in_lyrics(text: str, index: int) -> bool:
    """Whether ``text[index]`` is invisible and not a joiner that its script or emoji needs."""
    character = text[index]
    if character in _JOINERS and index > 0:
        return unicodedata.category(text[index - 1]) not in _WORD_MARKS
    return is_invisible(character)


def visible(text: str) -> str:
    """The text on one line, with every invisible character spelled out: ``<U+200B>``."""
    if text.isprintable():
        return text
    return "".join(_spelled(character) for character in text)


def inert(text: str) -> str:
    """The text with what a terminal acts on spelled out: escapes, and orders of direction.

    Lines and tabs stay, and so does what is merely unseen: names are typed again as they are.
    """
    return _ACTING.sub(lambda found: f"<{code_point(found[0])}>", text)


def _spelled(character: str) -> str:
    match character:
        case "\n":
            return "\\n"
        case "\t":
            return "\\t"
        case "\r":
            return "\\r"
    return f"<{code_point(character)}>" if is_invisible(character) else character


def excerpt(text: str, longest: int = 60) -> str:
    """At most ``longest`` code points of a text in quotes, safe to print on one line."""
    shortened = text if len(text) <= longest else text[: longest - 1] + "…"
    return f"“{visible(shortened)}”"
