"""From a track's notes to its sound: every note once, then placed as often as it is played."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from pipeline.sketch.patterns.comping import HELD
from pipeline.sketch.prompt import Lead
from pipeline.sketch.score import Note, Score, Track
from pipeline.sketch.singing import lines, sung_line
from pipeline.sketch.streams import stream_number
from pipeline.sketch.tones import kit, lead, strings, sustained
from pipeline.sketch.tones.modal import RATE_HZ, Samples

_LEADS = frozenset(str(tone) for tone in Lead)
_TUNES = frozenset({"lead", "harmony", "backing", "hook"})  # one note at a time
_RELEASES_S = {
    "finger": 0.14, "strum": 0.1, "drive": 0.05, "piano": 0.16, "epiano": 0.12, "arp": 0.12,
    "bass": 0.06, "pad": 0.6, "strings": 0.4, "organ": 0.06, "clav": 0.03, "brass": 0.07,
    "skank": 0.03, "pluck": 0.1, "bell": 0.3, "stab": 0.05, "harp": 0.25, "choir": 0.3,
}  # fmt: skip


def dice_for(seed: bytes, *purpose: object) -> np.random.Generator:
    """A generator of noise of its own for one purpose."""
    return np.random.Generator(np.random.PCG64(stream_number(seed, *purpose)))


def play_track(
    track: Track, score: Score, samples: int, seed: bytes, *, is_electronic: bool, has_voice: bool
) -> Samples:
    """A track's two channels, ``samples`` long, dry."""
    stem = np.zeros((2, samples), np.float32)
    if track.role == "kit":
        placed = _kit_hits(track, score, seed, is_electronic=is_electronic)
    elif track.role in _TUNES and track.tone in _LEADS:
        placed = _lead_lines(track, score, seed, has_voice=has_voice)
    else:
        placed = _notes(track, score, seed)
    for start, sound in placed:
        if start < 0:
            start, sound = 0, sound[..., -start:]
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
        whole = -(-(length + release) // 11025) if track.tone in HELD else 0
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
    pitch = note.pitch
    tones: dict[str, Callable[[], Samples]] = {
        "finger": lambda: strings.guitar(pitch, softness, dice, steel=0.35),
        "harp": lambda: strings.guitar(pitch, min(1.0, softness + 0.3), dice, steel=0.1),
        "strum": lambda: strings.guitar(pitch, softness, dice, steel=0.9),
        "skank": lambda: strings.guitar(pitch, softness, dice, steel=0.6),
        "drive": lambda: strings.guitar(pitch, softness, dice, steel=0.7),
        "piano": lambda: strings.piano(pitch, softness, dice),
        "epiano": lambda: strings.epiano(pitch, softness),
        "clav": lambda: strings.clav(pitch, softness, dice),
        "bell": lambda: strings.bell(pitch, softness),
        "stab": lambda: strings.stab(pitch, softness),
        "arp": lambda: strings.pluck(pitch, softness),
        "pluck": lambda: strings.pluck(pitch, min(1.0, softness + 0.4)),
        "organ": lambda: sustained.organ(pitch, seconds, dice),
        "brass": lambda: sustained.brass(pitch, seconds, dice),
        "choir": lambda: sustained.choir(pitch, seconds, dice),
    }
    if track.tone in tones:
        return tones[track.tone]()
    return sustained.section(pitch, seconds, dice, is_synthetic=track.tone == "pad")


def _place(track: Track, note: Note) -> float:
    """From left to right: guitars apart from each other, the piano's low strings left."""
    match track.tone:
        case "finger" | "harp":
            return -0.32
        case "clav" | "skank":
            return -0.4
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


def _lead_lines(
    track: Track, score: Score, seed: bytes, *, has_voice: bool
) -> Iterator[tuple[int, Samples]]:
    known: dict[tuple[object, ...], tuple[Samples, float]] = {}
    for phrase in lines(track, score):
        origin = phrase[0].start
        # The same words on the same notes are sung the same: a chorus costs once.
        notes = tuple(
            (n.start - origin, n.ticks, n.pitch, n.velocity, n.vowel, n.syllable) for n in phrase
        )
        dynamics = _dynamics_at(origin, score)
        name = (notes, round(dynamics, 2))
        if name not in known:
            is_sung = Lead(track.tone).is_sung and phrase[0].syllable is not None and has_voice
            if is_sung:
                known[name] = sung_line(track, phrase, score, seed, dynamics)
            else:
                dice = dice_for(seed, track.role, len(known))
                sound = lead.sing(_in_seconds(phrase, score), Lead(track.tone), dice)
                known[name] = sound, 0.0
        sound, before_s = known[name]
        place = 0.5 if track.role == "harmony" else -0.35 if track.role == "backing" else 0.0
        yield _at(origin, score) - round(before_s * RATE_HZ), _panned(sound, place)


def _dynamics_at(tick: int, score: Score) -> float:
    """How strongly a line is sung: 0 whispered … 1 full voice."""
    for part in score.parts:
        if part.start <= tick < part.start + part.ticks:
            if part.is_whispered:
                return 0.12
            return min(0.72, 0.34 + 0.34 * part.energy_percent / 100.0)
    return 0.5


def _in_seconds(phrase: list[Note], score: Score) -> list[lead.LeadNote]:
    per_tick = score.seconds_per_tick
    return [
        lead.LeadNote(
            start_s=(n.start - phrase[0].start) * per_tick, seconds=n.ticks * per_tick,
            pitch=n.pitch, velocity=n.velocity, vowel=n.vowel,
        )
        for n in phrase
    ]  # fmt: skip
