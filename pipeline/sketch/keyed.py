"""Curves that follow the score: who sings now, where a kick falls, where a phrase may ring."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pipeline.sketch.filters import drawn
from pipeline.sketch.score import Note, Score
from pipeline.sketch.singing import lines
from pipeline.sketch.tones.modal import RATE_HZ, Samples

_KICK = 36
_RINGING = 0.3  # the hall's share while a line goes on, of what its last note gets


def presence(score: Score, samples: int) -> Samples:
    """1 while the lead sings, 0 where it rests, with slopes of a quarter of a second."""
    places, levels = [0.0], [0.0]
    for notes in _lead_notes(score):
        for note in notes:
            start = note.start * score.seconds_per_tick
            end = start + note.ticks * score.seconds_per_tick
            if start - places[-1] > 0.6:
                places += [places[-1] + 0.25, start - 0.2]
                levels += [0.0, 0.0]
            if end > places[-1]:
                places += [max(start, places[-1] + 1e-4), max(end, start + 1e-3)]
                levels += [1.0, 1.0]
        places.append(places[-1] + 0.25)
        levels.append(0.0)
    return _through(places, levels, samples)


def ringing(score: Score, samples: int) -> Samples:
    """The lead's share of the hall: full for the last note of a line, little before it.

    Words run into each other in their own echo, and each note's pitch into the next one's.
    """
    places, levels = [0.0], [1.0]
    second = score.seconds_per_tick
    for track in score.tracks:
        if track.role != "lead":
            continue
        for phrase in lines(track, score):
            first_s, last = phrase[0].start * second, phrase[-1]
            places += [first_s - 0.35, first_s - 0.25, last.start * second + 0.03]
            places += [last.start * second + 0.15, (last.start + last.ticks) * second]
            levels += [1.0, _RINGING, _RINGING, 1.0, 1.0]
    return _through(places, levels, samples)


def pumped(score: Score, samples: int) -> Samples:
    """The breath of dance music: each kick pushes the rest down for a moment."""
    gain = np.ones(samples, np.float32)
    count = round(0.26 * RATE_HZ)
    dip = (1.0 - 0.5 * np.cos(np.linspace(0.0, np.pi / 2, count)) ** 2).astype(np.float32)
    rise = round(0.004 * RATE_HZ)
    dip[:rise] = np.maximum(dip[:rise], np.linspace(1.0, dip[rise], rise))
    for track in score.tracks:
        if track.role != "kit":
            continue
        for note in track.notes:
            if note.pitch == _KICK and note.velocity > 70:
                start = round(note.start * score.seconds_per_tick * RATE_HZ)
                part = gain[start : start + count]
                np.minimum(part, dip[: len(part)], out=part)
    return gain


def _lead_notes(score: Score) -> Iterator[tuple[Note, ...]]:
    return (track.notes for track in score.tracks if track.role == "lead")


def _through(places: list[float], levels: list[float], samples: int) -> Samples:
    order = np.argsort(np.array(places), kind="stable")
    return drawn(np.array(places)[order] * RATE_HZ, np.array(levels)[order], samples)
