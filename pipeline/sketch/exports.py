"""A score as a JSON document for other programs; schemas/sketch-score.schema.json describes it."""

from __future__ import annotations

from typing import Any

from pipeline.sketch.score import TICKS_PER_QUARTER, Note, Part, Score

SCORE_SCHEMA = "songmake/sketch-score/1"
TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


def score_document(score: Score) -> dict[str, Any]:
    """The whole score: times in ticks and seconds from the song's start."""
    second = score.seconds_per_tick
    return {
        "schema": SCORE_SCHEMA,
        "digest": score.digest(),
        "bpm": score.bpm,
        "meter": score.meter.value,
        "key": {"tonic": TONICS[score.tonic % 12], "mode": str(score.mode)},
        "genre": str(score.genre),
        "ticks_per_quarter": TICKS_PER_QUARTER,
        "seconds_per_tick": second,
        "sections": [section_document(part, second) for part in score.parts],
        "tracks": [
            {
                "role": track.role,
                "tone": str(track.tone),
                "notes": [_note(note, second) for note in track.notes],
            }
            for track in score.tracks
        ],
    }


def section_document(part: Part, seconds_per_tick: float) -> dict[str, Any]:
    """One section of the form."""
    return {
        "kind": part.kind,
        "tag": part.tag,
        "start_tick": part.start,
        "ticks": part.ticks,
        "start_s": round(part.start * seconds_per_tick, 4),
        "seconds": round(part.ticks * seconds_per_tick, 4),
        "energy_percent": part.energy_percent,
    }


def _note(note: Note, seconds_per_tick: float) -> dict[str, Any]:
    found: dict[str, Any] = {
        "start_tick": note.start,
        "ticks": note.ticks,
        "start_s": round(note.start * seconds_per_tick, 4),
        "pitch": note.pitch,
        "velocity": note.velocity,
    }
    if note.syllable is not None:
        found["syllable"] = note.syllable.text
        found["phonemes"] = [*note.syllable.onset, *note.syllable.nucleus, *note.syllable.coda]
    return found
