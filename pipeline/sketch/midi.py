"""A score as a Standard MIDI File: a track an instrument, the form as markers, the words as lyrics.

Imports mido, so that only whoever writes one needs it.
"""

from __future__ import annotations

import io

import mido

from pipeline.sketch.score import TICKS_PER_QUARTER, Note, Score, Track

DRUM_CHANNEL = 9
# Programs of General MIDI, from 0, by what a tone's name has in it; the first that fits.
_PROGRAMS = (
    ("epiano", 4), ("electric piano", 4), ("piano", 0), ("keys", 4), ("organ", 16),
    ("accordion", 21), ("finger", 24), ("strum", 25), ("lead guitar", 29), ("drive", 30),
    ("muted", 28), ("guitar", 25), ("banjo", 105), ("upright", 32), ("sub", 38),
    ("synth bass", 38), ("bass", 33), ("fiddle", 40), ("strings", 48), ("choir", 52),
    ("voice", 54), ("trumpet", 56), ("brass", 61), ("horn", 61), ("sax", 65), ("flute", 73),
    ("clav", 7), ("bell", 14), ("harp", 46), ("skank", 27), ("stab", 62),
    ("pluck", 81), ("arp", 81), ("synth", 81), ("pad", 89),
)  # fmt: skip
_Event = tuple[int, int, mido.Message]  # tick, rank at that tick, message


def render_midi(score: Score, *, title: str) -> bytes:
    """The bytes of a type 1 file: tempo and form first, then every track under its name."""
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_QUARTER, charset="utf-8")
    file.tracks.append(_conductor(score, title))
    channel = 0
    for track in score.tracks:
        is_kit = track.role == "kit"
        file.tracks.append(_played(track, DRUM_CHANNEL if is_kit else channel % 16))
        channel += not is_kit
        channel += channel % 16 == DRUM_CHANNEL
    written = io.BytesIO()
    file.save(file=written)
    return written.getvalue()


def _conductor(score: Score, title: str) -> mido.MidiTrack:
    beats, _, unit = score.meter.value.partition("/")
    microseconds = round(score.seconds_per_tick * TICKS_PER_QUARTER * 1e6)
    head = [
        mido.MetaMessage("track_name", name=title),
        mido.MetaMessage("set_tempo", tempo=microseconds),
        mido.MetaMessage("time_signature", numerator=int(beats), denominator=int(unit)),
    ]
    events: list[_Event] = [(0, 0, message) for message in head]
    events += [(part.start, 1, mido.MetaMessage("marker", text=part.kind)) for part in score.parts]
    return _track(events, end=score.ticks)


def _played(track: Track, channel: int) -> mido.MidiTrack:
    events: list[_Event] = [
        (0, 0, mido.MetaMessage("track_name", name=f"{track.role}: {track.tone}"))
    ]
    if channel != DRUM_CHANNEL:
        program = _program(f"{track.role} {track.tone}")
        events.append((0, 1, mido.Message("program_change", channel=channel, program=program)))
    for note in track.notes:
        events += _struck(note, channel)
    return _track(events, end=0)


def _struck(note: Note, channel: int) -> list[_Event]:
    key = {"channel": channel, "note": note.pitch}
    start = max(0, note.start)
    end = max(start + 1, note.start + note.ticks)
    # A note's end comes before the next one's start at the same tick: the same pitch may follow.
    events: list[_Event] = [
        (start, 4, mido.Message("note_on", velocity=note.velocity, **key)),
        (end, 2, mido.Message("note_off", velocity=0, **key)),
    ]
    if note.syllable is not None and note.syllable.text:
        events.append((start, 3, mido.MetaMessage("lyrics", text=note.syllable.text)))
    return events


def _track(events: list[_Event], *, end: int) -> mido.MidiTrack:
    track = mido.MidiTrack()
    now = 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=tick - now))
        now = tick
    track.append(mido.MetaMessage("end_of_track", time=max(0, end - now)))
    return track


def _program(name: str) -> int:
    return next((number for word, number in _PROGRAMS if word in name), 0)
