"""From a style and lyrics to a score: who plays in which part, and the tune above them."""

from __future__ import annotations

from dataclasses import replace

from pipeline.sketch.form import PlannedPart, plan_form
from pipeline.sketch.genres import Drums
from pipeline.sketch.harmony import chords_of
from pipeline.sketch.lyrics import Kind, Phrase, Section, played
from pipeline.sketch.patterns import bass, comping, drums
from pipeline.sketch.patterns.bar import Bar
from pipeline.sketch.patterns.grooves import GROOVES, Groove, at_meter, row_for
from pipeline.sketch.prompt import Lead, Style, Voice
from pipeline.sketch.score import Note, Part, Score, Track, bar_ticks
from pipeline.sketch.streams import pick, stream
from pipeline.sketch.theory import Chord, voice
from pipeline.sketch.tune import hook_notes, sung_notes

_PLAYED_MELODY = frozenset({Kind.SOLO, Kind.INST, Kind.INTERLUDE, Kind.INTRO, Kind.OUTRO})
_LIVELY_FROM = 0.62  # energy
# Accompaniments on which a tune does not carry.
_NO_TUNES = frozenset({"skank", "clav", "drive", "stab", "choir", "pad", "strum"})
_TUNES_ALONE = {"strum": "finger", "skank": "finger", "choir": Lead.CHOIR, "drive": Lead.GUITAR}
_Rows = dict[tuple[str, str], list[Note]]


def compose(sections: tuple[Section, ...], style: Style, seed: bytes) -> Score:
    """Write the song. The same arguments give the same notes, everywhere."""
    parts = plan_form(sections, style)
    chords = tuple(chords_of(part, style, seed) for part in parts)
    written = _written_parts(parts, style)
    rows: _Rows = {}
    bars = _bars(parts, chords, written, style, seed)
    _keep_time(rows, bars, style)
    _accompany(rows, bars, style)
    _sing(rows, parts, chords, written, style, seed)
    tracks = tuple(
        Track(role=role, tone=tone, notes=tuple(_swung(sorted(notes, key=_by_start), style)))
        for (role, tone), notes in rows.items()
        if notes
    )
    return Score(
        bpm=style.bpm, meter=style.meter, tonic=style.key.tonic, mode=style.key.mode,
        genre=style.genre, parts=written, tracks=tracks,
        fade_ticks=written[-1].ticks if style.dynamics.is_fading else 0,
    )  # fmt: skip


def _by_start(note: Note) -> tuple[int, int]:
    return note.start, note.pitch


def _written_parts(parts: tuple[PlannedPart, ...], style: Style) -> tuple[Part, ...]:
    written, start = [], 0
    for part in parts:
        ticks = part.bars * bar_ticks(style.meter)
        percent = round(100 * part.energy)
        written.append(
            Part(
                kind=part.kind,
                tag=part.tag,
                start=start,
                ticks=ticks,
                energy_percent=percent,
                is_whispered=part.is_whispered,
            )
        )
        start += ticks
    return tuple(written)


class _BarMaker:
    """A bar that deals each player dice of its own: one player's new habit moves no other."""

    def __init__(self, bar: Bar, seed: bytes) -> None:
        self.bar = bar
        self._seed = seed

    def __call__(self, player: str) -> Bar:
        return replace(self.bar, dice=stream(self._seed, player, self.bar.start))


def _bars(
    parts: tuple[PlannedPart, ...],
    chords: tuple[tuple[Chord, ...], ...],
    written: tuple[Part, ...],
    style: Style,
    seed: bytes,
) -> list[_BarMaker]:
    flat = [chord for row in chords for chord in row]
    bars: list[_BarMaker] = []
    for at, part in enumerate(parts):
        following = parts[at + 1].energy if at + 1 < len(parts) else 0.0
        for n, chord in enumerate(chords[at]):
            climb = 0.25 * n / part.bars if part.kind is Kind.BUILD_UP else 0.0
            is_final = at == len(parts) - 1 and n == part.bars - 1
            bar = Bar(
                start=written[at].start + n * bar_ticks(style.meter), chord=chord,
                next_chord=flat[min(len(bars) + 1, len(flat) - 1)], style=style,
                energy=min(1.0, part.energy + climb), is_first=n == 0, is_last=n == part.bars - 1,
                is_rising=following > part.energy + 0.08, is_final=is_final,
                is_crowned=_is_crowned(part, n), is_building=part.kind is Kind.BUILD_UP,
                dice=stream(seed),
            )  # fmt: skip
            bars.append(_BarMaker(bar, seed))
    return bars


def _is_crowned(part: PlannedPart, bar: int) -> bool:
    """Strong parts begin with a cymbal; the last chorus has more of them than one."""
    lines = 1 if len(part.phrases) < 4 else 2
    is_last = part.is_last_of_kind and part.phrases
    every = lines * part.bars_per_phrase if is_last else part.bars
    return part.energy >= 0.72 and bar % every == 0


def _groove(bar: Bar) -> Groove:
    return GROOVES[bar.style.genre][bar.energy >= _LIVELY_FROM]


def _keep_time(rows: _Rows, bars: list[_BarMaker], style: Style) -> None:
    kit = rows.setdefault(("kit", "kit"), [])
    low = rows.setdefault(("bass", style.bass or "none"), [])
    for maker in bars:
        groove = _groove(maker.bar)
        beaten = {d: at_meter(row, style.meter) for d, row in groove.drums.items()}
        kit += drums.play(maker("drums"), beaten)
        if style.bass:
            low += bass.play(maker("bass"), at_meter(groove.bass, style.meter))


def _accompany(rows: _Rows, bars: list[_BarMaker], style: Style) -> None:
    """The first instrument always plays, the second from the verse's energy on, the pad above."""
    players = [("chords", style.comping[0], 0.0)]
    if len(style.comping) > 1:
        players.append(("second", style.comping[1], _LIVELY_FROM))
    if style.pad and style.pad not in style.comping:
        players.append(("pad", style.pad, 0.56 if style.drums is not Drums.NONE else 0.3))
    for slot, (role, instrument, least) in enumerate(players):
        low, high = comping.RANGES[instrument]
        voicing: tuple[int, ...] | None = None
        notes = rows.setdefault((role, instrument), [])
        for maker in bars:
            bar = maker(role)
            voicing = voice(bar.chord, voicing, low=low, high=high)
            is_bed = role == "pad" and bar.is_quiet
            if bar.energy < least and not is_bed and not (bar.is_final and role != "second"):
                continue
            if role == "pad" or instrument in ("pad", "choir"):
                notes += comping.held(bar, voicing)
                continue
            custom = style.traits.comping[slot]
            row = row_for(instrument, slot, style.genre, custom, _groove(bar))
            notes += comping.play(instrument, bar, voicing, at_meter(row, style.meter))


def _sing(
    rows: _Rows,
    parts: tuple[PlannedPart, ...],
    chords: tuple[tuple[Chord, ...], ...],
    written: tuple[Part, ...],
    style: Style,
    seed: bytes,
) -> None:
    first = style.comping[0]
    hook_tone = style.solo if first in _NO_TUNES else first
    if style.is_alone:  # nobody else is there to play the tune
        hook_tone = _TUNES_ALONE.get(first, first)
    hook_phrase = _hook_phrase(parts, seed)
    has_words = any(part.phrases for part in parts)
    for part, row, place in zip(parts, chords, written, strict=True):
        if part.phrases:
            lead, second = _singers(part, style)
            notes, harmony, backing = sung_notes(part, row, place.start, style, lead, second, seed)
            rows.setdefault(("lead", lead), []).extend(notes)
            rows.setdefault(("harmony", second), []).extend(harmony)
            rows.setdefault(("backing", _backing(lead)), []).extend(backing)
            played = _after_words(part, row, place, hook_phrase, style, hook_tone, seed)
            rows.setdefault(("hook", hook_tone), []).extend(played)
        elif part.kind in _PLAYED_MELODY or not has_words:
            is_featured = part.kind in (Kind.SOLO, Kind.INST) or not has_words
            tone = style.solo if is_featured and not style.is_alone else hook_tone
            notes = hook_notes(part, row, place.start, hook_phrase, style, tone, seed)
            rows.setdefault(("lead" if is_featured else "hook", tone), []).extend(notes)


def _after_words(
    part: PlannedPart, chords: tuple[Chord, ...], place: Part, hook: Phrase, style: Style,
    tone: str, seed: bytes,
) -> list[Note]:  # fmt: skip
    """The hook in the bars that a part goes on for when its words are sung."""
    sung_bars = len(part.phrases) * part.bars_per_phrase
    left = replace(part, kind=Kind.INTERLUDE, phrases=(), bars=part.bars - sung_bars)
    if left.bars < 2 or part.kind is Kind.OUTRO:
        return []
    start = place.start + sung_bars * bar_ticks(style.meter)
    return hook_notes(left, chords[sung_bars:], start, hook, style, tone, seed)


def _singers(part: PlannedPart, style: Style) -> tuple[Lead, Lead]:
    """Who sings the lead of a part, and who the second voice."""
    if style.voice is Voice.DUET:
        if part.kind is Kind.VERSE and part.number % 2 == 0:
            return Lead.LOW_VOICE, Lead.HIGH_VOICE
        return Lead.HIGH_VOICE, Lead.LOW_VOICE
    if style.lead.is_sung and style.has_choir:
        return style.lead, Lead.CHOIR
    return style.lead, style.lead


def _backing(lead: Lead) -> Lead:
    """Lines in parentheses: a group, if anybody sings at all."""
    return Lead.CHOIR if lead.is_sung else lead


def _hook_phrase(parts: tuple[PlannedPart, ...], seed: bytes) -> Phrase:
    """The line that instruments quote: the chorus's first, else the song's, else their own."""
    sung = [part for part in parts if part.phrases]
    catchy = [part for part in sung if part.kind in (Kind.CHORUS, Kind.HOOK)] or sung
    if catchy:
        return catchy[0].phrases[0]
    return played(pick(stream(seed, "hook"), (6, 7, 8, 9)))


def _swung(notes: list[Note], style: Style) -> list[Note]:
    traits = style.traits
    if style.meter.is_compound or not (traits.swing_eighth or traits.swing_sixteenth):
        return notes  # thirds of a beat swing by themselves
    swung = []
    for note in notes:
        start = _late(note.start, traits.swing_eighth, traits.swing_sixteenth)
        end = _late(note.start + note.ticks, traits.swing_eighth, traits.swing_sixteenth)
        swung.append(replace(note, start=start, ticks=max(30, end - start)))
    return swung


def _late(tick: int, eighth: int, sixteenth: int) -> int:
    """Bend the grid: the middle of each beat, or of each eighth, comes later."""
    for whole, by in ((240, sixteenth), (480, eighth)):
        if by:
            half, place = whole // 2, tick % whole
            base = tick - place
            if place <= half:
                tick = base + round(place * (half + by) / half)
            else:
                tick = base + half + by + round((place - half) * (half - by) / half)
    return tick
