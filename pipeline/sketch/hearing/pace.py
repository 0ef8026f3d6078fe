"""Tempo, metre and length, as a prompt says them."""

from __future__ import annotations

import re
from enum import StrEnum

from pipeline.sketch.hearing.words import Words

SLOWEST_BPM, FASTEST_BPM = 40, 220
SHORTEST_S, LONGEST_S = 20.0, 290.0


class Meter(StrEnum):
    """How a bar counts."""

    FOUR = "4/4"
    THREE = "3/4"
    SIX = "6/8"
    FIVE = "5/4"
    SEVEN = "7/8"


_BPM = re.compile(
    r"(?<![\d.])(\d{2,3})(?:\.\d+)?(?:\s*(?:-|–|to)\s*(\d{2,3}))?[\s-]*"
    r"(?:b\.?p\.?m|beats\s+(?:per|a)\s+min)", re.I,
)  # fmt: skip
_BPM_BEFORE = re.compile(
    r"(?:\b(?:bpm|tempo)|[♩♪]|\bquarter(?: note)?)(?:\s*(?:of|is|:|=|at|around"
    r"|about))*\s*(\d{2,3})(?![\d%])",
    re.I,
)
_ITALIAN = {
    "larghissimo": 40, "grave": 44, "largo": 50, "lento": 54, "larghetto": 62, "adagio": 68,
    "andante": 88, "andantino": 94, "moderato": 108, "allegretto": 116, "allegro": 132,
    "vivace": 160, "presto": 180, "prestissimo": 200,
}  # fmt: skip
_TEMPO_WORDS = (
    (r"(?:very|extremely|super|really) slow|glacial|crawling", 0.68),
    (r"slow(?:ly|-burning|-paced)?|lullaby|down-?tempo|laid-?back|leisurely|unhurried", 0.82),
    (r"mid-?(?:dle-?)?tempo|medium tempo|moderate(?:ly)?(?: paced| tempo)?|steady", 1.0),
    (r"(?:very|extremely|super|really) fast|breakneck|frantic|frenetic|blazing", 1.4),
    (r"fast(?:-paced)?|up-?tempo|driving|energetic|quick|brisk|racing|rapid|lively", 1.18),
    (r"up-?beat|dancy|dance-?able|bouncy", 1.08),
)
_METERS = (
    (Meter.SIX, r"6/8|12/8|9/8|six[ -]eight|twelve[ -]eight|6[ -]8 time|compound (?:met\w+"
    r"|time)|jig"),
    (Meter.THREE, r"3/4|waltz\w*|three[ -](?:four|quarter)|triple (?:met\w+|time)|3[ -]4 time"
    r"|minuet|mazurka"),
    (Meter.FIVE, r"5/4|5/8|five[ -]four"),
    (Meter.SEVEN, r"7/8|7/4|seven[ -]eight"),
    (Meter.FOUR, r"4/4|2/4|2/2|four[ -]four|common time|four[ -](?:on|to)[ -]the[ -]floor"),
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


def tempo_in(words: Words, custom_bpm: int) -> tuple[int, str | None]:
    """Beats a minute, and the words that say so."""
    if told := _BPM.search(words.wanted):
        low = int(told[1])
        high = int(told[2]) if told[2] else low
        return max(SLOWEST_BPM, min(FASTEST_BPM, (low + high) // 2)), told[0]
    if told := _BPM_BEFORE.search(words.wanted):
        return max(SLOWEST_BPM, min(FASTEST_BPM, int(told[1]))), told[0]
    for name, bpm in _ITALIAN.items():
        if said := words.says(name):
            return bpm, said
    for pattern, factor in _TEMPO_WORDS:
        if said := words.says(pattern):
            return round(custom_bpm * factor), said
    return custom_bpm, None


def meter_in(words: Words) -> tuple[Meter, str | None]:
    """The metre, and the words that say so."""
    for meter, pattern in _METERS:
        if said := words.says(pattern):
            return meter, said
    return Meter.FOUR, None


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
