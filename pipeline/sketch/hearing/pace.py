"""Metre and length, as a prompt says them."""

from __future__ import annotations

import re
from enum import StrEnum

from pipeline.sketch.hearing.words import Words

SHORTEST_S, LONGEST_S = 20.0, 290.0


class Meter(StrEnum):
    """How a bar counts."""

    FOUR = "4/4"
    THREE = "3/4"
    SIX = "6/8"
    NINE = "9/8"
    TWELVE = "12/8"
    FIVE = "5/4"
    SEVEN = "7/8"

    @property
    def is_compound(self) -> bool:
        """Whether a beat has three parts."""
        return self in (Meter.SIX, Meter.NINE, Meter.TWELVE)


_METERS = (
    (Meter.TWELVE, r"12/8|twelve[ -]eight|12[ -]8"),
    (Meter.NINE, r"9/8|nine[ -]eight|slip jig"),
    (Meter.SIX, r"6/8|3/8|six[ -]eight|6[ -]8 time|compound (?:met\w+|time)|jig|tarantella"),
    (Meter.THREE, r"3/4|waltz\w*|three[ -](?:four|quarter)|triple (?:met\w+|time)|3[ -]4 time"
    r"|in three|minuet|mazurka|l[aä]ndler"),
    (Meter.FIVE, r"5/4|5/8|five[ -]four"),
    (Meter.SEVEN, r"7/8|7/4|seven[ -]eight"),
    (Meter.FOUR, r"4/4|2/4|2/2|four[ -]four|4[ -]4 time|common time"
    r"|four[ -](?:on|to)[ -]the[ -]floor"),
)  # fmt: skip
_NUMBERS = {
    "half a": 0.5, "one": 1.0, "a": 1.0, "one and a half": 1.5, "two": 2.0,
    "two and a half": 2.5, "three": 3.0, "three and a half": 3.5, "four": 4.0,
}  # fmt: skip
_MINUTES = re.compile(
    r"(?<![\w./:])(?:(?P<figures>\d(?:\.\d+)?)|(?P<words>half a|one and a half|two and a half"
    r"|three and a half|one|two|three|four|a))[\s-]*min(?:ute)?s?\b", re.I,
)  # fmt: skip
_SECONDS = re.compile(r"(?<![\w./:])(\d{2,3})[\s-]*sec(?:ond)?s?\b", re.I)
_CLOCK = re.compile(r"(?<![\d:])([0-4]):([0-5]\d)(?![\d:])")
_LENGTH_WORDS = (
    (r"(?:very|really) short|jingle|snippet", 40.0),
    (r"short (?:song|track|piece|version|tune)|brief|a short|keep it short", 75.0),
    (r"(?:long|extended|lengthy) (?:song|track|piece|version|mix|tune)|a long", 230.0),
)


def meter_in(words: Words) -> tuple[Meter, str | None]:
    """The metre, and the words that say so."""
    for meter, pattern in _METERS:
        if said := words.says(pattern):
            return meter, said
    return Meter.FOUR, None


def half_time_in(words: Words) -> str | None:
    """The words that ask for drums at half the speed of the rest, if any do."""
    return words.says(r"half[- ]time(?: feel| beat| drums?| groove)?")


def length_in(words: Words) -> tuple[float | None, str | None]:
    """The wanted length in seconds, if any is wanted."""
    if told := _CLOCK.search(words.wanted):
        return _within(60.0 * int(told[1]) + int(told[2])), told[0]
    if told := _MINUTES.search(words.wanted):
        minutes = float(told["figures"]) if told["figures"] else _NUMBERS[told["words"].lower()]
        return _within(60.0 * minutes), told[0]
    if told := _SECONDS.search(words.wanted):
        return _within(float(told[1])), told[0]
    for pattern, seconds in _LENGTH_WORDS:
        if said := words.says(pattern):
            return seconds, said
    return None, None


def _within(seconds: float) -> float:
    return max(SHORTEST_S, min(LONGEST_S, seconds))
