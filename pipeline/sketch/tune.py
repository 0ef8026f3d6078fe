"""The lead's notes of a part: sung phrases with their second voice, and the hook when played."""

from __future__ import annotations

from pipeline.sketch.form import PlannedPart
from pipeline.sketch.lyrics import Kind, Phrase, Syllable
from pipeline.sketch.melody import PhrasePlace, motif_of, tune
from pipeline.sketch.prompt import Lead, Style
from pipeline.sketch.rhythm import Beat, set_words, strength
from pipeline.sketch.score import Note, bar_ticks
from pipeline.sketch.streams import pick, stream
from pipeline.sketch.theory import Chord, third_below

_DOUBLED = frozenset({Kind.CHORUS, Kind.HOOK, Kind.POST_CHORUS})
_HOOK_BARS = 2


def sung_notes(
    part: PlannedPart, chords: tuple[Chord, ...], start: int, style: Style, seed: bytes
) -> tuple[list[Note], list[Note]]:
    """The lead and the second voice of a part that has words."""
    lead: list[Note] = []
    second: list[Note] = []
    for index, phrase in enumerate(part.phrases):
        first_bar = index * part.bars_per_phrase
        place = PhrasePlace(
            kind=part.kind, index=index, is_last=index == len(part.phrases) - 1,
            chords=chords[first_bar : first_bar + part.bars_per_phrase],
        )  # fmt: skip
        beats = _beats(phrase, place, part.bars_per_phrase, style, seed)
        pitches = tune(beats, place, key=style.key, lead=style.lead, meter=style.meter, seed=seed)
        origin = start + first_bar * bar_ticks(style.meter)
        notes = [
            _note(b, p, origin, part.energy, style) for b, p in zip(beats, pitches, strict=True)
        ]
        (second if phrase.is_backing else lead).extend(notes)
        if part.kind in _DOUBLED and not phrase.is_backing and index % 2 == 1:
            second += [_under(note, place, origin, style) for note in notes]
    return lead, second


def _beats(
    phrase: Phrase, place: PhrasePlace, bars: int, style: Style, seed: bytes
) -> tuple[Beat, ...]:
    return set_words(
        phrase.syllables, bars=bars, meter=style.meter,
        random_places=stream(seed, "rhythm", motif_of(place)),
    )  # fmt: skip


def _note(beat: Beat, pitch: int, origin: int, energy: float, style: Style) -> Note:
    accent = 8 * strength(beat.start, style.meter) + (6 if beat.syllable.is_stressed else 0)
    return Note(
        start=origin + beat.start, ticks=beat.ticks, pitch=pitch,
        velocity=max(1, min(127, round(66 + 30 * energy + accent))), vowel=beat.syllable.vowel,
    )  # fmt: skip


def _under(note: Note, place: PhrasePlace, origin: int, style: Style) -> Note:
    bar = min(len(place.chords) - 1, (note.start - origin) // bar_ticks(style.meter))
    pitch = third_below(style.key, note.pitch, place.chords[bar])
    return Note(
        start=note.start, ticks=note.ticks, pitch=pitch, velocity=note.velocity, vowel=note.vowel
    )


def hook_notes(
    part: PlannedPart,
    chords: tuple[Chord, ...],
    start: int,
    hook: Phrase,
    style: Style,
    seed: bytes,
) -> list[Note]:
    """The hook without words, over this part's chords: a quotation in the intro, more in a solo."""
    is_solo = part.kind in (Kind.SOLO, Kind.INST)
    notes: list[Note] = []
    for at in _hook_bars(part, is_solo=is_solo):
        syllables = _ornate(hook.syllables, style, seed, at) if is_solo else hook.syllables
        place = PhrasePlace(
            kind=Kind.SOLO if is_solo else Kind.CHORUS, index=at // _HOOK_BARS if is_solo else 0,
            is_last=False, chords=chords[at : at + _HOOK_BARS],
        )  # fmt: skip
        phrase = Phrase(text="", syllables=syllables, is_backing=False)
        beats = _beats(phrase, place, _HOOK_BARS, style, seed)
        pitches = tune(beats, place, key=style.key, lead=Lead.FLUTE, meter=style.meter, seed=seed)
        origin = start + at * bar_ticks(style.meter)
        notes += [
            _note(b, p, origin, part.energy, style) for b, p in zip(beats, pitches, strict=True)
        ]
    return notes


def _hook_bars(part: PlannedPart, *, is_solo: bool) -> range:
    """The bars at which the hook begins: all along a solo, last in an intro, first in an ending."""
    last = max(0, part.bars - _HOOK_BARS)
    if is_solo:
        return range(0, last + 1, _HOOK_BARS)
    return range(1) if part.kind is Kind.OUTRO else range(last, last + 1)


def _ornate(
    syllables: tuple[Syllable, ...], style: Style, seed: bytes, at: int
) -> tuple[Syllable, ...]:
    """More notes than words: a player's version of the line."""
    extra = pick(stream(seed, "ornament", at), (0, 2, 4))
    return (syllables + syllables)[: min(14, len(syllables) + extra)]
