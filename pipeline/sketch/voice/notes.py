"""What is asked of the voice and what it gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from pipeline.sketch.voice.syllables import Syllable

RATE_HZ = 44100


class Timbre(StrEnum):
    """Who sings. Pitches are what sounds: a man's line is written an octave lower."""

    FEMALE = "female"  # at ease from 53 to 72
    MALE = "male"  # at ease from 41 to 60
    CHOIR = "choir"  # five women


@dataclass(frozen=True, slots=True, kw_only=True)
class SungNote:
    """A note of a line, in seconds on the caller's clock."""

    start_s: float
    seconds: float
    pitch: int  # MIDI, as it sounds
    velocity: int  # 1 to 127
    syllable: int | None  # None: melisma, holds the previous vowel


@dataclass(frozen=True, slots=True, kw_only=True)
class SungLine:
    """A line's sound: float32, one channel, at 44100 Hz; vowels have an RMS near 0.1."""

    samples: npt.NDArray[np.float32]
    lead_s: float  # what sounds before the first note's start: breath and first consonants


@dataclass(frozen=True, slots=True, kw_only=True)
class Sung:
    """A syllable with the notes that it is held on."""

    syllable: Syllable
    notes: tuple[SungNote, ...]

    @property
    def start_s(self) -> float:
        """When its vowel begins."""
        return self.notes[0].start_s

    @property
    def end_s(self) -> float:
        """When its last note ends."""
        return self.notes[-1].start_s + self.notes[-1].seconds


_VOCALISE = Syllable(word=-1, text="", stress=0, onset=(), nucleus=("u",), coda=())


def in_order(notes: Sequence[SungNote]) -> tuple[SungNote, ...]:
    """The notes by time, each over before the next begins, none shorter than 50 ms."""
    ordered = sorted(notes, key=lambda note: note.start_s)
    ends = [note.start_s for note in ordered[1:]] + [float("inf")]
    return tuple(
        replace(note, seconds=max(0.05, min(note.seconds, end - note.start_s)))
        for note, end in zip(ordered, ends, strict=True)
    )


def by_syllable(notes: Sequence[SungNote], syllables: Sequence[Syllable]) -> tuple[Sung, ...]:
    """Notes gathered to the syllables that they hold; a melisma of nothing is sung on "oo"."""
    gathered: list[Sung] = []
    for note in notes:
        if note.syllable is None and gathered:
            gathered[-1] = replace(gathered[-1], notes=(*gathered[-1].notes, note))
        else:
            syllable = _VOCALISE if note.syllable is None else syllables[note.syllable]
            gathered.append(Sung(syllable=syllable, notes=(note,)))
    return tuple(gathered)
