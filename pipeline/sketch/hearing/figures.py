"""Numbers that are spelled out: "one hundred and twenty", "ninety-six", "one-twenty"."""

from __future__ import annotations

import re

_UNITS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
_ANY = "|".join(sorted([*_UNITS, *_TENS, "hundred"], key=len, reverse=True))
# A number begins with a figure's word, or with "a" before hundred.
SPELLED = rf"(?:a[\s-]+hundred|{_ANY})(?:(?:[\s-]+and)?[\s-]+(?:{_ANY}))*"


def number_of(spelled: str) -> int:
    """The number that the words say; "one twenty" is 120, as people say it of tempos."""
    total = 0
    for word in re.split(r"[\s-]+", spelled.lower()):
        if word == "hundred":
            total = max(1, total) * 100
        elif word in _TENS:
            total = total * 100 + _TENS[word] if 0 < total < 10 else total + _TENS[word]
        elif word in _UNITS:
            is_teen = _UNITS[word] >= 10 and 0 < total < 10
            total = total * 100 + _UNITS[word] if is_teen else total + _UNITS[word]
    return total
