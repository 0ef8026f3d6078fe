"""From sections to bars: what is played, how long, how strongly; intro and ending where none is."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.sketch.lyrics import Kind, Phrase, Section
from pipeline.sketch.prompt import Meter, Style
from pipeline.sketch.score import bar_ticks, pulse_ticks

LONGEST_S = 290.0  # beyond it phrases get one bar instead of two, then the form is cut

_ENERGY: dict[Kind, float] = {
    Kind.INTRO: 0.34, Kind.VERSE: 0.5, Kind.PRE_CHORUS: 0.64, Kind.CHORUS: 0.88,
    Kind.POST_CHORUS: 0.8, Kind.HOOK: 0.86, Kind.INTERLUDE: 0.52, Kind.BRIDGE: 0.58,
    Kind.BREAK: 0.3, Kind.BUILD_UP: 0.66, Kind.TRANSITION: 0.5, Kind.INST: 0.66,
    Kind.SOLO: 0.76, Kind.OUTRO: 0.42,
}  # fmt: skip
_WORDLESS_BARS: dict[Kind, int] = {
    Kind.INTRO: 4, Kind.OUTRO: 4, Kind.INTERLUDE: 4, Kind.BREAK: 4, Kind.TRANSITION: 2,
    Kind.BUILD_UP: 4, Kind.SOLO: 8, Kind.INST: 8,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPart:
    """A section with its bars. ``phrases`` pairs with ``bars_per_phrase``; none: it is played."""

    kind: Kind
    tag: str | None
    number: int  # the n-th of its kind, from 1
    is_last_of_kind: bool
    phrases: tuple[Phrase, ...]
    bars_per_phrase: int
    bars: int
    energy: float


def plan_form(sections: tuple[Section, ...], style: Style) -> tuple[PlannedPart, ...]:
    """The song's parts: one a section, an intro before and an ending after if not written."""
    framed = list(sections)
    if framed[0].kind is not Kind.INTRO:
        framed.insert(0, Section(kind=Kind.INTRO, tag=None, phrases=()))
    if framed[-1].kind is not Kind.OUTRO:
        framed.append(Section(kind=Kind.OUTRO, tag=None, phrases=()))
    bars_per_phrase = _bars_per_phrase(framed, style)
    parts = [_part(framed, at, style, bars_per_phrase) for at in range(len(framed))]
    return tuple(_cut(parts, style))


def bar_s(style: Style) -> float:
    """Seconds a bar takes."""
    return bar_ticks(style.meter) / pulse_ticks(style.meter) * 60.0 / style.bpm


def _bars_per_phrase(sections: list[Section], style: Style) -> int:
    phrases = [phrase for section in sections for phrase in section.phrases]
    longest = max((len(phrase.syllables) for phrase in phrases), default=0)
    if style.meter is Meter.FOUR and bar_s(style) > 3.3 and longest <= 14:
        return 1
    bars = 2 if bar_s(style) > 1.3 or longest <= 9 else 4
    while bars > 1 and bars * len(phrases) * bar_s(style) > 0.85 * LONGEST_S:
        bars //= 2
    return bars


def _part(sections: list[Section], at: int, style: Style, bars_per_phrase: int) -> PlannedPart:
    section = sections[at]
    number = sum(s.kind is section.kind for s in sections[: at + 1])
    is_last = not any(s.kind is section.kind for s in sections[at + 1 :])
    wordless = _WORDLESS_BARS.get(section.kind, 8)
    if bar_s(style) > 3.0:
        wordless = max(2, wordless // 2)
    bars = len(section.phrases) * bars_per_phrase or wordless
    if section.kind is Kind.OUTRO:
        bars += 1  # the last chord rings in a bar of its own
    energy = _ENERGY[section.kind] + 0.1 * style.intensity
    energy += 0.05 * min(number - 1, 2) if section.kind in (Kind.VERSE, Kind.CHORUS) else 0.0
    return PlannedPart(
        kind=section.kind, tag=section.tag, number=number, is_last_of_kind=is_last and number > 1,
        phrases=section.phrases, bars_per_phrase=bars_per_phrase, bars=bars,
        energy=round(max(0.2, min(1.0, energy)), 2),
    )  # fmt: skip


def _cut(parts: list[PlannedPart], style: Style) -> list[PlannedPart]:
    """Drop whole parts before the ending while the song is far beyond what anyone asked for."""
    while len(parts) > 3 and sum(part.bars for part in parts) * bar_s(style) > 1.15 * LONGEST_S:
        parts = [*parts[:-2], parts[-1]]
    return parts
