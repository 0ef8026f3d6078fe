"""The lead's notes of a part: sung phrases with their second voice, and the hook when played."""

from __future__ import annotations

from dataclasses import replace

from pipeline.sketch.form import PlannedPart
from pipeline.sketch.lyrics import Kind, Phrase, Syllable
from pipeline.sketch.melody import RANGES, PhrasePlace, motif_of, tune
from pipeline.sketch.prompt import Lead, Style
from pipeline.sketch.rhythm import Beat, set_words, strength
from pipeline.sketch.score import Note, bar_ticks
from pipeline.sketch.streams import pick, stream
from pipeline.sketch.theory import Chord, third_below

_DOUBLED = frozenset({Kind.CHORUS, Kind.HOOK, Kind.POST_CHORUS})
_HOOK_BARS = 2


def sung_notes(
    part: PlannedPart, chords: tuple[Chord, ...], start: int, style: Style, lead: Lead,
    second: Lead, seed: bytes,
) -> tuple[list[Note], list[Note], list[Note]]:  # fmt: skip
    """The lead, the second voice and the backing lines of a part that has words."""
    sung: list[Note] = []
    under: list[Note] = []
    backing: list[Note] = []
    for index, phrase in enumerate(part.phrases):
        first_bar = index * part.bars_per_phrase
        place = PhrasePlace(
            kind=part.kind, index=index, is_last=index == len(part.phrases) - 1,
            chords=chords[first_bar : first_bar + part.bars_per_phrase],
        )  # fmt: skip
        singer = Lead.CHOIR if phrase.is_backing and lead.is_sung else lead
        beats = _beats(phrase, place, part.bars_per_phrase, style, seed)
        pitches = tune(beats, place, key=style.key, lead=singer, meter=style.meter, seed=seed)
        origin = start + first_bar * bar_ticks(style.meter)
        notes = [
            _note(b, p, origin, part.energy, style) for b, p in zip(beats, pitches, strict=True)
        ]
        (backing if phrase.is_backing else sung).extend(notes)
        if not phrase.is_backing and _is_doubled(part, index, lead, second):
            under += [_under(note, place, origin, style, lead, second) for note in notes]
    return sung, under, backing


def _is_doubled(part: PlannedPart, index: int, lead: Lead, second: Lead) -> bool:
    """Every other line of the first chorus has a second voice, every line of those after it.

    Two who take turns close their verses together.
    """
    if part.kind not in _DOUBLED:
        is_pair = second is not Lead.CHOIR and second is not lead
        if is_pair and index == len(part.phrases) - 1:
            return True
        return part.kind is Kind.BRIDGE and second is Lead.CHOIR
    return index % 2 == 1 or part.number > 1 or second is Lead.CHOIR


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
        line=origin, syllable=beat.syllable.sung,
    )  # fmt: skip


def _under(
    note: Note, place: PhrasePlace, origin: int, style: Style, lead: Lead, second: Lead
) -> Note:
    bar = min(len(place.chords) - 1, (note.start - origin) // bar_ticks(style.meter))
    pitch = third_below(style.key, note.pitch, place.chords[bar])
    low, high = RANGES[second]
    pitch += {(True, False): -12, (False, True): 12}.get(
        (lead is not Lead.LOW_VOICE and second is Lead.LOW_VOICE, second is not Lead.LOW_VOICE
         and lead is Lead.LOW_VOICE), 0,
    )  # fmt: skip
    while pitch < low - 2:
        pitch += 12
    while pitch > high:
        pitch -= 12
    return replace(note, pitch=pitch)


def hook_notes(
    part: PlannedPart,
    chords: tuple[Chord, ...],
    start: int,
    hook: Phrase,
    style: Style,
    tone: str,
    seed: bytes,
) -> list[Note]:
    """The hook without words, over this part's chords: a quotation in the intro, more in a solo."""
    is_solo = part.kind not in (Kind.INTRO, Kind.OUTRO, Kind.INTERLUDE)
    lead = Lead(tone) if tone in set(Lead) else Lead.FLUTE
    notes: list[Note] = []
    for at in _hook_bars(part, is_solo=is_solo):
        syllables = _ornate(hook.syllables, style, seed, at) if is_solo else hook.syllables
        place = PhrasePlace(
            kind=_played_like(part) if is_solo else Kind.CHORUS,
            index=at // _HOOK_BARS if is_solo else 0,
            is_last=False, chords=chords[at : at + _HOOK_BARS],
        )  # fmt: skip
        wordless = tuple(replace(syllable, sung=None) for syllable in syllables)
        phrase = Phrase(text="", syllables=wordless, is_backing=False)
        beats = _beats(phrase, place, _HOOK_BARS, style, seed)
        pitches = tune(beats, place, key=style.key, lead=lead, meter=style.meter, seed=seed)
        origin = start + at * bar_ticks(style.meter)
        notes += [
            _note(b, p, origin, part.energy, style) for b, p in zip(beats, pitches, strict=True)
        ]
    return notes


def _played_like(part: PlannedPart) -> Kind:
    """A verse that is played has a tune of its own; so has each other kind."""
    return Kind.SOLO if part.kind is Kind.INST else part.kind


def _hook_bars(part: PlannedPart, *, is_solo: bool) -> range:
    """The bars at which the hook begins: all along a solo, last in an intro, first in an ending."""
    last = max(0, part.bars - _HOOK_BARS)
    if is_solo:
        return range(0, last + 1, _HOOK_BARS)
    if part.kind is Kind.OUTRO:
        return range(0, 3 if part.bars > 4 else 1, _HOOK_BARS)
    return range(last % 2, last + 1, 2 if part.bars <= 6 else 4)


def _ornate(
    syllables: tuple[Syllable, ...], style: Style, seed: bytes, at: int
) -> tuple[Syllable, ...]:
    """More notes than words: a player's version of the line."""
    extra = pick(stream(seed, "ornament", at), (0, 2, 4))
    return (syllables + syllables)[: min(14, len(syllables) + extra)]
