"""The score's sung lines for the voice: grouped, in seconds, with their syllables."""

from __future__ import annotations

import hashlib

from pipeline.sketch.prompt import Lead
from pipeline.sketch.score import Note, Score, Track
from pipeline.sketch.tones.modal import Samples
from pipeline.sketch.voice.notes import SungNote, Timbre
from pipeline.sketch.voice.syllables import Syllable

# Where one phrase of a played lead ends and the next breath begins.
_BREATH_S = 0.35
_LONGEST_LINE = 40  # notes
_TIMBRES = {
    Lead.HIGH_VOICE: Timbre.FEMALE, Lead.LOW_VOICE: Timbre.MALE, Lead.CHOIR: Timbre.CHOIR,
}  # fmt: skip


def lines(track: Track, score: Score) -> list[list[Note]]:
    """The notes by line; where none is told, by the rests between them."""
    found: list[list[Note]] = []
    for note in track.notes:
        if found:
            last = found[-1][-1]
            rest_s = (note.start - last.start - last.ticks) * score.seconds_per_tick
            is_same = note.line == last.line if note.syllable else rest_s <= _BREATH_S
            if is_same and len(found[-1]) < _LONGEST_LINE:
                found[-1].append(note)
                continue
        found.append([note])
    return found


def sung_line(
    track: Track, line: list[Note], score: Score, seed: bytes, dynamics: float
) -> tuple[Samples, float]:
    """A line's sound, and how many seconds of it lie before its first note."""
    from pipeline.sketch.voice import singer  # its runtime is loaded where somebody sings

    per_tick = score.seconds_per_tick
    syllables: list[Syllable] = []
    notes: list[SungNote] = []
    for note in line:
        if note.syllable is not None:
            syllables.append(note.syllable)
        notes.append(
            SungNote(
                start_s=(note.start - line[0].start) * per_tick,
                seconds=note.ticks * per_tick,
                pitch=note.pitch,
                velocity=note.velocity,
                syllable=len(syllables) - 1 if note.syllable is not None else None,
            )
        )
    name = f"{track.role}/{track.tone}/{[(n.start_s, n.pitch) for n in notes]}"
    own = hashlib.sha256(seed + name.encode()).digest()
    sung = singer.sing(notes, syllables, _TIMBRES[Lead(track.tone)], seed=own, dynamics=dynamics)
    return sung.samples, sung.lead_s


def loaded() -> str | None:
    """Load the voice; None, or why there is none."""
    from pipeline.sketch.voice.package import VoiceMissing

    try:
        from pipeline.sketch.voice import singer

        singer.load()
    except (VoiceMissing, ImportError) as error:
        return f"sung without words, by a synthetic voice: {error}"
    return None
