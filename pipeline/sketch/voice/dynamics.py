"""Loudness over a line: accents, swells in held notes, an end that lets go, and even vowels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.sketch.voice.frames import Curve, Layout, smoothed
from pipeline.sketch.voice.notes import SungNote
from pipeline.sketch.voice.source import HOP, Samples
from pipeline.sketch.voice.timing import Kind

_VOWEL_RMS = 0.1  # at velocity 90 and dynamics 0.5
_EVENNESS = 0.8  # 1: all vowels equally loud before accents
_MOST_GAIN, _LEAST_GAIN = 6.0, 0.1
_SWELL_FROM_S, _SWELL_DB, _LETTING_GO_DB = 0.6, 2.5, 5.0
_GATE_FRAMES = 6  # a pause from which nothing may sound


def shaped(sound: Samples, layout: Layout, notes: Sequence[SungNote], dynamics: float) -> Samples:
    """The sound with its vowels evened and the performance's loudness on it, in place."""
    gain = _evening(sound, layout) * _performed(notes, layout.times_s(), dynamics)
    kernel = np.hanning(7)[1:-1] / np.hanning(7).sum()
    soft = smoothed(gain, kernel) * _gate(layout)
    middles = (np.arange(layout.count) + 0.5) * HOP
    sound *= np.interp(np.arange(len(sound)), middles, soft).astype(np.float32)
    return sound


def _evening(sound: Samples, layout: Layout) -> Curve:
    """The gain that brings each syllable's vowel to the reference, mostly."""
    power = np.square(sound.reshape(-1, HOP)).mean(axis=1)
    whole = [power[span.start : span.end] for span in layout.spans if span.is_vowel]
    usual = float(np.sqrt(np.median(np.concatenate(whole)) + 1e-12))
    gain = np.ones(layout.count)
    for span in layout.spans:
        if span.sound.kind is not Kind.VOWEL:
            continue
        loudness = float(np.sqrt(power[span.start : span.end].mean() + 1e-12))
        factor = float(np.clip((usual / loudness) ** _EVENNESS, _LEAST_GAIN, _MOST_GAIN))
        for near in layout.spans:
            if near.sound.sung == span.sound.sung:
                # Consonants follow their vowel half way.
                own = factor if near.is_vowel else factor**0.5
                gain[near.start : near.end] = own
    return np.asarray(gain * (_VOWEL_RMS / max(usual, 1e-6)))


def _performed(notes: Sequence[SungNote], times_s: Curve, dynamics: float) -> Curve:
    level_db = np.zeros(len(times_s))
    for index, note in enumerate(notes):
        last = index == len(notes) - 1
        end_s = float("inf") if last else notes[index + 1].start_s
        start_s = note.start_s - (0.06 if index else 9.0)
        into = np.clip((times_s - note.start_s) / note.seconds, 0.0, 1.0)
        own = np.full(len(times_s), 16.0 * np.log10(max(20, note.velocity) / 90.0))
        if note.seconds > _SWELL_FROM_S:
            own += _SWELL_DB * np.sin(np.pi * into**0.8) - 0.4 * _SWELL_DB
        if last:
            own -= _LETTING_GO_DB * np.clip((into - 0.6) / 0.4, 0.0, 1.0) ** 1.5
        inside = (times_s >= start_s) & (times_s < end_s)
        level_db[inside] = own[inside]
    return np.asarray(10.0 ** ((level_db + 12.0 * (dynamics - 0.5)) / 20.0))


def _gate(layout: Layout) -> Curve:
    """0 in pauses, so that what the graph murmurs there is not heard."""
    gate = np.ones(layout.count)
    for span in layout.spans[1:-2]:
        if span.sound.kind is Kind.SPACE and span.end - span.start >= _GATE_FRAMES:
            gate[span.start + 3 : span.end - 2] = 0.0
    ends = layout.spans[-2]
    fade = np.clip(1.0 - (np.arange(layout.count) - ends.start - 1) / 8.0, 0.0, 1.0)
    begins = np.clip((np.arange(layout.count) - layout.spans[0].end + 6) / 4.0, 0.0, 1.0)
    return np.asarray(gate * fade * begins)
