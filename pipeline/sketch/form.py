"""From sections to bars: what is played, how long, how strongly; intro and ending where none is."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipeline.sketch.hearing.mood import is_whispered, step_of
from pipeline.sketch.lyrics import Kind, Phrase, Section
from pipeline.sketch.prompt import Meter, Style
from pipeline.sketch.score import bar_ticks, pulse_ticks
from pipeline.sketch.tags import manner_of

LONGEST_S = 290.0  # beyond it phrases get one bar instead of two, then the form is cut

_ENERGY: dict[Kind, float] = {
    Kind.INTRO: 0.36, Kind.VERSE: 0.5, Kind.PRE_CHORUS: 0.64, Kind.CHORUS: 0.9,
    Kind.POST_CHORUS: 0.84, Kind.HOOK: 0.88, Kind.INTERLUDE: 0.52, Kind.BRIDGE: 0.56,
    Kind.BREAK: 0.26, Kind.BUILD_UP: 0.66, Kind.TRANSITION: 0.5, Kind.INST: 0.68,
    Kind.SOLO: 0.76, Kind.OUTRO: 0.42,
}  # fmt: skip
_WORDLESS_BARS: dict[Kind, int] = {
    Kind.INTERLUDE: 4, Kind.BREAK: 4, Kind.TRANSITION: 2, Kind.BUILD_UP: 4,
}  # fmt: skip
_SOLO = Section(kind=Kind.SOLO, tag=None, phrases=())
_LOUD = frozenset({Kind.CHORUS, Kind.HOOK, Kind.POST_CHORUS})
_MOST_BARS_OF_WORDLESS_SONGS = 8
_MOST_OF_A_BREAK = 0.29  # no kit plays below 0.3
_LEAST_STEP = 0.36  # of energy, between any verse and any chorus


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPart:
    """A section with its bars. ``phrases`` pairs with ``bars_per_phrase``; none: it is played."""

    kind: Kind
    tag: str | None
    number: int  # the n-th of its kind, from 1
    is_last_of_kind: bool  # and not the only one
    phrases: tuple[Phrase, ...]
    bars_per_phrase: int
    bars: int
    energy: float
    is_whispered: bool


def plan_form(sections: tuple[Section, ...], style: Style) -> tuple[PlannedPart, ...]:
    """The song's parts: one a section, an intro before and an ending after if not written."""
    if not any(section.phrases for section in sections):
        sections = _played_form(sections, style)
    framed = list(sections)
    if framed[0].kind is not Kind.INTRO:
        framed.insert(0, Section(kind=Kind.INTRO, tag=None, phrases=()))
    if framed[-1].kind is not Kind.OUTRO:
        framed.append(Section(kind=Kind.OUTRO, tag=None, phrases=()))
    bars_per_phrase = _bars_per_phrase(framed, style)
    parts = [_part(framed, at, style, bars_per_phrase) for at in range(len(framed))]
    return tuple(_apart(_cut(_stretched(parts, style), style)))


def bar_s(style: Style) -> float:
    """Seconds a bar takes."""
    return bar_ticks(style.meter) * 60.0 / (pulse_ticks(style.meter) * style.bpm)


def _played_form(sections: tuple[Section, ...], style: Style) -> tuple[Section, ...]:
    """What is written, if it is a form; else as much of the usual one as the length allows."""
    if len(sections) > 1 or sections[0].tag is not None:
        return sections
    wanted_bars = (style.target_s or 100.0) / bar_s(style)
    usual = (Kind.VERSE, Kind.CHORUS, Kind.VERSE, Kind.CHORUS, Kind.BRIDGE, Kind.CHORUS)
    count = max(1, min(24, round((wanted_bars - 8) / 8)))
    kinds = [usual[at % len(usual)] for at in range(count)]
    if count > 1 and kinds[-1] is Kind.VERSE:
        kinds[-1] = Kind.CHORUS
    return tuple(Section(kind=kind, tag=None, phrases=()) for kind in kinds)


def _bars_per_phrase(sections: list[Section], style: Style) -> int:
    phrases = [phrase for section in sections for phrase in section.phrases]
    longest = max((len(phrase.syllables) for phrase in phrases), default=0)
    if style.meter in (Meter.FOUR, Meter.TWELVE) and bar_s(style) > 3.3 and longest <= 14:
        return 1
    bars = 2 if bar_s(style) > 1.3 or longest <= 9 else 4
    sung = len(phrases) * bar_s(style)
    if style.target_s and bars == 2 and style.target_s > 2.2 * bars * sung and bar_s(style) < 2.2:
        bars = 4
    limit = min(0.85 * LONGEST_S, 1.4 * style.target_s if style.target_s else LONGEST_S)
    # Eight syllables a second is the most that can be sung.
    while bars > 1 and bars * sung > limit and longest < 5.0 * bars * bar_s(style) / 2:
        bars //= 2
    while bars > 1 and bars * sung > 0.85 * LONGEST_S:
        bars //= 2
    return bars


def _wordless_bars(kind: Kind, style: Style) -> int:
    traits = style.traits
    if kind is Kind.INTRO:
        bars = traits.intro_bars
    elif kind is Kind.OUTRO:
        bars = traits.outro_bars
    else:
        bars = _WORDLESS_BARS.get(kind, _MOST_BARS_OF_WORDLESS_SONGS)
    longest_s = 18.0 if kind in _WORDLESS_BARS or kind in (Kind.INTRO, Kind.OUTRO) else 28.0
    if style.target_s and style.target_s < 100.0:
        longest_s *= style.target_s / 130.0
    while bars > 2 and bars * bar_s(style) > longest_s:
        bars //= 2
    return bars


def _part(sections: list[Section], at: int, style: Style, bars_per_phrase: int) -> PlannedPart:
    section = sections[at]
    number = sum(s.kind is section.kind for s in sections[: at + 1])
    is_last = not any(s.kind is section.kind for s in sections[at + 1 :])
    bars = len(section.phrases) * bars_per_phrase or _wordless_bars(section.kind, style)
    is_close = style.target_s is not None and style.target_s < 100.0
    if section.kind is Kind.CHORUS and section.phrases and not is_last and not is_close:
        room_s = style.traits.turnaround_bars * bar_s(style)
        bars += style.traits.turnaround_bars if room_s < 18.0 else 2
    if section.kind is Kind.OUTRO:
        bars += 1  # the last chord rings in a bar of its own
    return PlannedPart(
        kind=section.kind, tag=section.tag, number=number, is_last_of_kind=is_last and number > 1,
        phrases=section.phrases, bars_per_phrase=bars_per_phrase, bars=bars,
        energy=_energy(section, number, at / max(1, len(sections) - 1), style),
        is_whispered=str(section.kind) in style.dynamics.whispered
        or is_whispered(manner_of(section.tag)),
    )  # fmt: skip


def _energy(section: Section, number: int, place: float, style: Style) -> float:
    kind = section.kind
    energy = _ENERGY[kind] + 0.08 * style.intensity
    if kind is Kind.VERSE:
        energy += 0.02 * min(number - 1, 2)
    if kind is Kind.CHORUS:
        energy += 0.03 * min(number - 1, 2)
    energy += 0.12 * dict(style.dynamics.steps).get(str(kind), 0.0)
    energy += 0.12 * step_of(manner_of(section.tag))
    if style.dynamics.is_rising:
        energy += 0.16 * (place - 0.5) if kind is not Kind.OUTRO else 0.0
    return round(max(0.2, min(_MOST_OF_A_BREAK if kind is Kind.BREAK else 1.0, energy)), 2)


def _apart(parts: list[PlannedPart]) -> list[PlannedPart]:
    """Verses far enough below every chorus that it lifts, whatever else was asked."""
    loud = [part.energy for part in parts if part.kind in _LOUD]
    if not loud:
        return parts
    highest = round(min(loud) - _LEAST_STEP, 2)
    lowered = [
        replace(part, energy=max(0.2, min(part.energy, highest)))
        if part.kind in (Kind.VERSE, Kind.INTRO, Kind.OUTRO)
        else part
        for part in parts
    ]
    below = min((p.energy for p in lowered if p.kind is Kind.VERSE), default=highest)
    # An intro leads to its verse, it does not outdo it.
    return [
        replace(part, energy=max(0.2, round(min(part.energy, below - 0.1), 2)))
        if part.kind is Kind.INTRO
        else part
        for part in lowered
    ]


def _total_s(parts: list[PlannedPart], style: Style) -> float:
    return sum(part.bars for part in parts) * bar_s(style)


def _stretched(parts: list[PlannedPart], style: Style) -> list[PlannedPart]:
    """Solos before the last chorus while the song is much shorter than was asked for."""
    if style.target_s is None:
        return parts
    longest = 1.06 * style.target_s
    for _ in range(6):
        solo_bars = next(
            (b for b in (16, 8, 4) if _total_s(parts, style) + b * bar_s(style) < longest), 0
        )
        if not solo_bars or _total_s(parts, style) > 0.92 * style.target_s:
            return parts
        loud = [at for at, part in enumerate(parts) if part.kind in _LOUD]
        at = loud[-1] if len(loud) > 1 else len(parts) - 1
        number = 1 + sum(part.kind is Kind.SOLO for part in parts)
        solo = replace(
            parts[0], kind=Kind.SOLO, tag=None, number=number, phrases=(), bars=solo_bars,
            energy=_energy(_SOLO, number, 0.6, style), is_whispered=False,
            is_last_of_kind=False,
        )  # fmt: skip
        parts = [*parts[:at], solo, *parts[at:]]
    return parts


def _cut(parts: list[PlannedPart], style: Style) -> list[PlannedPart]:
    """Drop whole parts before the ending while the song is far beyond what anyone asked for."""
    while len(parts) > 3 and _total_s(parts, style) > 1.15 * LONGEST_S:
        parts = [*parts[:-2], parts[-1]]
    return parts
