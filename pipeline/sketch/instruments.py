"""From a track's notes to its sound: every note once, then placed as often as it is played."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pipeline.sketch.prompt import Lead
from pipeline.sketch.score import Note, Score, Track
from pipeline.sketch.streams import stream_number
from pipeline.sketch.tones import kit, lead, strings, sustained
from pipeline.sketch.tones.modal import RATE_HZ, Samples

_HELD = frozenset({"pad", "strings", "organ"})
_RELEASES_S = {
    "finger": 0.14, "strum": 0.1, "drive": 0.05, "piano": 0.16, "epiano": 0.12, "arp": 0.12,
    "bass": 0.06,    "pad": 0.6, "strings": 0.4, "organ": 0.06,
}  # fmt: skip
# Where one phrase of the lead ends and the next breath begins.
_BREATH_S = 0.35


def dice_for(seed: bytes, *purpose: object) -> np.random.Generator:
    """A generator of noise of its own for one purpose."""
    return np.random.Generator(np.random.PCG64(stream_number(seed, *purpose)))


def play_track(
    track: Track, score: Score, samples: int, seed: bytes, *, is_electronic: bool
) -> Samples:
    """A track's two channels, ``samples`` long, dry."""
    stem = np.zeros((2, samples), np.float32)
    if track.role == "kit":
        placed = _kit_hits(track, score, seed, is_electronic=is_electronic)
    elif track.role in ("lead", "harmony"):
        placed = _lead_lines(track, score, seed)
    else:
        placed = _notes(track, score, seed)
    for start, sound in placed:
        length = min(sound.shape[-1], samples - start)
        if length > 0:
            stem[:, start : start + length] += sound[..., :length]
    return stem


def _at(tick: int, score: Score) -> int:
    return round(tick * score.seconds_per_tick * RATE_HZ)


def _kit_hits(
    track: Track, score: Score, seed: bytes, *, is_electronic: bool
) -> Iterator[tuple[int, Samples]]:
    strokes: dict[tuple[int, int], Samples] = {}
    for n, note in enumerate(track.notes):
        name = (note.pitch, n % kit.STROKES)
        if name not in strokes:
            stroke = kit.piece(
                note.pitch, dice_for(seed, "kit", *name), is_electronic=is_electronic
            )
            strokes[name] = _panned(stroke, kit.LEVELS[note.pitch][1])
        yield _at(note.start, score), strokes[name] * np.float32((note.velocity / 112.0) ** 1.7)


def _notes(track: Track, score: Score, seed: bytes) -> Iterator[tuple[int, Samples]]:
    """Notes that are struck once and damped at their end, or held as long as they last."""
    rung: dict[tuple[int, int, int], Samples] = {}
    tone = "bass" if track.role == "bass" else track.tone
    release = round(_RELEASES_S[tone] * RATE_HZ)
    for n, note in enumerate(track.notes):
        length = _at(note.start + note.ticks, score) - _at(note.start, score)
        layer = min(2, note.velocity // 43)
        whole = -(-(length + release) // 11025) if track.tone in _HELD else 0
        name = (note.pitch, layer + 3 * (n % 2 if tone in ("finger", "strum") else 0), whole)
        if name not in rung:
            sound = _sound(
                track, note, 1.0 - layer / 2.0, whole / 4.0, dice_for(seed, track.role, *name)
            )
            rung[name] = _panned(sound, _place(track, note)) if sound.ndim == 1 else sound
        gain = (note.velocity / 90.0) ** 1.4
        yield _at(note.start, score), _damped(rung[name], length, release, gain)


def _sound(
    track: Track, note: Note, softness: float, seconds: float, dice: np.random.Generator
) -> Samples:
    if track.role == "bass":
        return strings.bass(note.pitch, softness, dice, track.tone)
    match track.tone:
        case "finger":
            return strings.guitar(note.pitch, softness, dice, steel=0.35)
        case "strum":
            return strings.guitar(note.pitch, softness, dice, steel=0.9)
        case "drive":
            return strings.guitar(note.pitch, softness, dice, steel=0.7)
        case "piano":
            return strings.piano(note.pitch, softness, dice)
        case "epiano":
            return strings.epiano(note.pitch, softness)
        case "arp":
            return strings.pluck(note.pitch, softness)
        case "organ":
            return sustained.organ(note.pitch, seconds, dice)
        case _:
            return sustained.section(note.pitch, seconds, dice, is_synthetic=track.tone == "pad")


def _place(track: Track, note: Note) -> float:
    """From left to right: guitars apart from each other, the piano's low strings left."""
    match track.tone:
        case "finger":
            return -0.32
        case "strum":
            return 0.42 + 0.1 * ((note.pitch % 3) - 1)
        case "piano":
            return (note.pitch - 60) / 50.0
        case "drive":
            return 0.7 if note.pitch % 2 else -0.7
        case _:
            return 0.0


def _panned(sound: Samples, place: float) -> Samples:
    """Two channels at constant power; ``place`` -1 left, 1 right."""
    angle = (place + 1.0) * np.pi / 4.0
    return np.stack(
        [sound * np.float32(np.cos(angle)), sound * np.float32(np.sin(angle))]
    ) * np.float32(1.414)


def _damped(sound: Samples, length: int, release: int, gain: float) -> Samples:
    count = min(sound.shape[-1], length + release)
    played = sound[:, :count] * np.float32(gain)
    fall = min(release, count)
    played[:, count - fall :] *= np.square(np.linspace(1.0, 0.0, fall, dtype=np.float32))
    return played


def _lead_lines(track: Track, score: Score, seed: bytes) -> Iterator[tuple[int, Samples]]:
    known: dict[tuple[object, ...], Samples] = {}
    for phrase in _breaths(track, score):
        origin = phrase[0].start
        # The same words on the same notes are sung the same: a chorus costs once.
        name = tuple((n.start - origin, n.ticks, n.pitch, n.velocity, n.vowel) for n in phrase)
        if name not in known:
            dice = dice_for(seed, track.role, len(known))
            known[name] = _panned(
                lead.sing(_in_seconds(phrase, score), Lead(track.tone), dice), 0.0
            )
        yield _at(origin, score), known[name]


def _breaths(track: Track, score: Score) -> Iterator[list[Note]]:
    phrase: list[Note] = []
    for note in track.notes:
        if phrase:
            end = phrase[-1].start + phrase[-1].ticks
            if (note.start - end) * score.seconds_per_tick > _BREATH_S or len(phrase) > 40:
                yield phrase
                phrase = []
        phrase.append(note)
    if phrase:
        yield phrase


def _in_seconds(phrase: list[Note], score: Score) -> list[lead.LeadNote]:
    per_tick = score.seconds_per_tick
    return [
        lead.LeadNote(
            start_s=(n.start - phrase[0].start) * per_tick, seconds=n.ticks * per_tick,
            pitch=n.pitch, velocity=n.velocity, vowel=n.vowel,
        )
        for n in phrase
    ]  # fmt: skip
