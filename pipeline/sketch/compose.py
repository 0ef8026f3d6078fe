"""From a style and lyrics to a score: who plays in which part, and the tune above them."""

from __future__ import annotations

from dataclasses import replace

from pipeline.sketch.form import PlannedPart, plan_form
from pipeline.sketch.genres import Drums
from pipeline.sketch.harmony import chords_of
from pipeline.sketch.lyrics import Kind, Phrase, Section
from pipeline.sketch.patterns import bass, comping, drums
from pipeline.sketch.patterns.bar import Bar
from pipeline.sketch.prompt import Style
from pipeline.sketch.score import Note, Part, Score, Track, bar_ticks
from pipeline.sketch.streams import stream
from pipeline.sketch.theory import Chord, voice
from pipeline.sketch.tune import hook_notes, sung_notes

_PLAYED_MELODY = frozenset({Kind.SOLO, Kind.INST, Kind.INTERLUDE, Kind.INTRO, Kind.OUTRO})


def compose(sections: tuple[Section, ...], style: Style, seed: bytes) -> Score:
    """Write the song. The same arguments give the same notes, everywhere."""
    parts = plan_form(sections, style)
    chords = tuple(chords_of(part, style, seed) for part in parts)
    written = _written_parts(parts, style)
    rows: dict[tuple[str, str], list[Note]] = {}
    bars = _bars(parts, chords, written, style, seed)
    rows["kit", "kit"] = [note for bar in bars for note in drums.play(bar("drums"))]
    rows["bass", style.traits.bass] = [note for bar in bars for note in bass.play(bar("bass"))]
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
    )  # fmt: skip


def _by_start(note: Note) -> tuple[int, int]:
    return note.start, note.pitch


def _written_parts(parts: tuple[PlannedPart, ...], style: Style) -> tuple[Part, ...]:
    written, start = [], 0
    for part in parts:
        ticks = part.bars * bar_ticks(style.meter)
        percent = round(100 * part.energy)
        written.append(
            Part(kind=part.kind, tag=part.tag, start=start, ticks=ticks, energy_percent=percent)
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
                is_rising=following > part.energy + 0.08, is_final=is_final, dice=stream(seed),
            )  # fmt: skip
            bars.append(_BarMaker(bar, seed))
    return bars


def _accompany(
    rows: dict[tuple[str, str], list[Note]], bars: list[_BarMaker], style: Style
) -> None:
    """The first instrument always plays, the second from the verse's energy on, the pad above."""
    players = [("chords", style.comping[0], 0.0)]
    if len(style.comping) > 1:
        players.append(("second", style.comping[1], 0.6))
    if style.pad:
        players.append(("pad", style.pad, 0.52 if style.drums is not Drums.NONE else 0.3))
    for role, instrument, least in players:
        low, high = comping.RANGES[instrument]
        voicing: tuple[int, ...] | None = None
        notes = rows.setdefault((role, instrument), [])
        for maker in bars:
            bar = maker(role)
            voicing = voice(bar.chord, voicing, low=low, high=high)
            if bar.energy >= least or (bar.is_final and role != "second"):
                notes += comping.play(instrument, bar, voicing)


def _sing(
    rows: dict[tuple[str, str], list[Note]],
    parts: tuple[PlannedPart, ...],
    chords: tuple[tuple[Chord, ...], ...],
    written: tuple[Part, ...],
    style: Style,
    seed: bytes,
) -> None:
    lead: list[Note] = rows.setdefault(("lead", style.lead), [])
    second: list[Note] = rows.setdefault(("harmony", style.lead), [])
    hook: list[Note] = rows.setdefault(("hook", style.comping[0]), [])
    hook_phrase = _hook_phrase(parts)
    for part, row, place in zip(parts, chords, written, strict=True):
        if part.phrases:
            notes, harmony = sung_notes(part, row, place.start, style, seed)
            lead += notes
            second += harmony
        elif part.kind in _PLAYED_MELODY and hook_phrase is not None:
            is_featured = part.kind in (Kind.SOLO, Kind.INST)
            notes = hook_notes(part, row, place.start, hook_phrase, style, seed)
            (lead if is_featured and not style.lead.endswith("voice") else hook).extend(notes)


def _hook_phrase(parts: tuple[PlannedPart, ...]) -> Phrase | None:
    """The line that instruments quote: the chorus's first, else the song's first."""
    sung = [part for part in parts if part.phrases]
    catchy = [part for part in sung if part.kind in (Kind.CHORUS, Kind.HOOK)] or sung
    return catchy[0].phrases[0] if catchy else None


def _swung(notes: list[Note], style: Style) -> list[Note]:
    traits = style.traits
    if not traits.swing_eighth and not traits.swing_sixteenth:
        return notes
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
