"""Tempo, as a prompt says it."""

from __future__ import annotations

import re

from pipeline.sketch.hearing.figures import SPELLED, number_of
from pipeline.sketch.hearing.words import Words

SLOWEST_BPM, FASTEST_BPM = 40, 220

_FIGURE = rf"(?:\d{{2,3}}(?:\.\d+)?|{SPELLED})"
_TO = rf"(?:\s*(?:-|–|—|to|and|or)\s*({_FIGURE}))?"
_BEATS = r"(?:beats?|(?:dotted[\s-]+)?(?:quarters?|crotchets?)(?:[\s-]notes?)?)"
_UNIT = rf"(?:b\.?\s?p\.?\s?m(?!\w)|{_BEATS}\s*(?:per|an?|/)\s*min)"
_ABOUT = (
    r"(?:\s|[:=~≈@(\[)\]–-]|\b(?:of|is|at|set|to|around|about|approx(?:imately)?\.?|roughly|circa"
    r"|ca\.?|near|between|exactly|bpm)\b)*"
)
_SPELLINGS = (
    re.compile(rf"(?<![\w.])({_FIGURE}){_TO}(?:[\s-]*ish)?[\s-]*\(?{_UNIT}", re.I),
    re.compile(
        rf"(?:\b(?:bpm|tempo|speed|metronome)|[♩♪]|\b(?:quarter|crotchet)(?:[\s-]notes?)?\s*[=:])"
        rf"{_ABOUT}({_FIGURE}){_TO}(?![\d%\w])", re.I,
    ),
    re.compile(r"\bbpm(\d{2,3})()(?!\d)", re.I),
    re.compile(r"@\s*(\d{2,3})()(?![\d%\w])", re.I),
    re.compile(rf"\b(?:pulse|clicks?|beat)\s+(?:of|at)\s+({_FIGURE})()(?![\d%\w])", re.I),
)  # fmt: skip
_ITALIAN = {
    "larghissimo": 40, "grave": 44, "largo": 50, "lento": 54, "larghetto": 62, "adagio": 68,
    "andante": 88, "andantino": 94, "moderato": 108, "allegretto": 116, "allegro": 132,
    "vivace": 160, "presto": 180, "prestissimo": 200,
}  # fmt: skip
_VERY = r"(?:very|extremely|super|really|ultra)[ -]"
# What is said of a part or a player is no tempo of the song.
_OF_A_PART = (
    r"(?![ -](?:build\w*|ris\w+|grow\w*|swell\w*|crescendo|fade\w*|release|attack|decay|hi-?hats?"
    r"|arpeggi\w+|solos?|runs?|strum\w*|picking|licks?|rap\w*|vibrato|vocals?|strings|pads?"
    r"|guitars?|intro|outro|verses?|chorus|bridge|ending|start))"
)
# Factors on the genre's custom with the tempo that the word means to anyone, which they may reach:
# a slow pop song is at 80, a slow ballad is slower than a ballad.
_TEMPO_WORDS: tuple[tuple[str, tuple[float, float], int | None], ...] = (
    (rf"{_VERY}slow{_OF_A_PART}|glacial|crawling|dirge|funereal", (0.55, 0.68), 62),
    (r"(?:medium|mid)[- ](?:to[- ])?slow|slow(?:ish)? (?:to|or) (?:mid|medium)[- ]?(?:tempo)?"
     r"|slow-ish|slowish", (0.85, 0.92), 90),
    (rf"slow(?:ly|-burning|-paced|-tempo)?{_OF_A_PART}|down-?tempo|leisurely|unhurried|languid"
     r"|sluggish|plodding|dragging", (0.68, 0.82), 80),
    (r"lullaby|laid-?back|relaxed (?:tempo|pace|groove)", (0.85, 0.92), 76),
    (r"not (?:too|so|overly|very) (?:fast|slow)|mid-?(?:dle-?)?[ -]?tempo|medium[ -]tempo"
     r"|medium[ -]paced?|mid-paced|moderate(?:ly)?(?: paced| tempo| speed)?", (1.0, 1.0), None),
    (rf"{_VERY}fast{_OF_A_PART}|breakneck|frantic|frenetic|blazing|lightning", (1.3, 1.5), 168),
    (r"(?:medium|mid|moderately)[- ](?:to[- ])?fast", (1.06, 1.12), 116),
    (rf"fast(?:-paced|-tempo)?{_OF_A_PART}|up-?[ ]?tempo|high[- ]tempo|quick{_OF_A_PART}|brisk"
     r"|racing|rapid(?! fire)|lively|high[- ]energy", (1.15, 1.32), 128),
    (r"driving|energetic", (1.08, 1.18), 126),
    (r"up-?beat|dancy|dance-?able|bouncy|peppy", (1.04, 1.12), 118),
)  # fmt: skip


def tempo_in(words: Words, custom_bpm: int) -> tuple[int, str | None]:
    """Beats a minute, and the words that say so."""
    for spelling in _SPELLINGS:
        if told := spelling.search(words.wanted):
            low = _figure(told[1])
            high = _figure(told[2]) if told[2] else low
            # "70/140" and "140 or 70" are one tempo counted twice, "90-100" is a range.
            bpm = (low + high) / 2.0 if high < 1.9 * low else high
            return round(max(SLOWEST_BPM, min(FASTEST_BPM, bpm))), told[0].strip("( ")
    for name, bpm in _ITALIAN.items():
        if said := words.says(name):
            return bpm, said
    for pattern, (least, most), usual_bpm in _TEMPO_WORDS:
        if said := words.says(pattern):
            wanted = usual_bpm or custom_bpm
            return round(max(least * custom_bpm, min(most * custom_bpm, wanted))), said
    return custom_bpm, None


def _figure(said: str) -> float:
    return float(said) if said[0].isdigit() else float(number_of(said))
