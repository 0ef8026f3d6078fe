from __future__ import annotations

import json
import subprocess
import sys

from pipeline.sketch.engine import write_score
from pipeline.sketch.lyrics import Kind, read, syllables_of
from pipeline.sketch.score import Note, Score, Track

PROMPT = "indie folk, 92 BPM, key of A minor"
CAFE = """[Verse]
Streetlights flicker, the night breeze sighs
Shadows stretch as I walk alone
[Chorus]
Pushing the wooden door, the aroma spreads
In this small cafe, I find my way
[Verse]
Raindrops tap on the windowpane
A melody plays, soft and low
[Chorus]
Pushing the wooden door, the aroma spreads
In this small cafe, I find my way"""


def track(score: Score, role: str) -> Track:
    return next(track for track in score.tracks if track.role == role)


def tune_of(score: Score, part: int) -> list[tuple[int, int, int]]:
    place = score.parts[part]
    end = place.start + place.ticks
    notes = [n for n in track(score, "lead").notes if place.start <= n.start < end]
    return [(note.start - place.start, note.ticks, note.pitch) for note in notes]


def test_each_tag_is_a_section_in_its_order_with_an_intro_and_an_ending_around() -> None:
    score = write_score(PROMPT, CAFE, b"seed")
    assert [part.tag for part in score.parts] == [None, "Verse", "Chorus", "Verse", "Chorus", None]
    assert score.parts[0].kind == Kind.INTRO
    assert score.parts[-1].kind == Kind.OUTRO


def test_written_intros_and_outros_are_not_doubled() -> None:
    score = write_score(PROMPT, "[Intro]\n[Verse 1]\nla la la\n[Guitar Solo]\n[Outro]\n", b"seed")
    kinds = [part.kind for part in score.parts]
    assert kinds == [Kind.INTRO, Kind.VERSE, Kind.SOLO, Kind.OUTRO]


def test_lyrics_without_tags_find_their_chorus_by_its_repetition() -> None:
    sections = read("one two\n\nsing along\n\nthree four\n\nsing along")
    assert [section.kind for section in sections] == ["verse", "chorus", "verse", "chorus"]


def test_the_chorus_comes_back_with_the_same_melody() -> None:
    score = write_score(PROMPT, CAFE, b"seed")
    assert tune_of(score, 2) == tune_of(score, 4)
    assert tune_of(score, 1) != tune_of(score, 2)


def test_the_chorus_is_played_by_more_and_more_strongly() -> None:
    score = write_score(PROMPT, CAFE, b"seed")
    assert score.parts[2].energy_percent > score.parts[1].energy_percent
    verse, chorus = (_notes_in(score, part) for part in (1, 2))
    assert len(chorus) > len(verse)


def _notes_in(score: Score, part: int) -> list[Note]:
    place = score.parts[part]
    end = place.start + place.ticks
    return [n for t in score.tracks for n in t.notes if place.start <= n.start < end]


def test_each_syllable_is_sung_once() -> None:
    score = write_score(PROMPT, CAFE, b"seed")
    words = [word for line in CAFE.split("\n") if "[" not in line for word in line.split()]
    assert len(track(score, "lead").notes) == sum(len(syllables_of(word)) for word in words)


def test_syllables_are_counted_as_english_speakers_do() -> None:
    counts = {"flicker": 2, "breeze": 1, "wandering": 3, "lights": 1, "melody": 3, "walked": 1}
    assert {word: len(syllables_of(word)) for word in counts} == counts


def test_the_tune_keeps_to_the_key() -> None:
    score = write_score(PROMPT, CAFE, b"seed")
    # A minor with the raised seventh of its dominant.
    allowed = {9, 11, 0, 2, 4, 5, 7, 8}
    assert {note.pitch % 12 for note in track(score, "lead").notes} <= allowed


def test_another_seed_is_another_performance() -> None:
    digests = {write_score(PROMPT, CAFE, seed).digest() for seed in (b"1", b"2", b"3")}
    assert len(digests) == 3


def test_the_notes_are_the_same_in_another_process() -> None:
    code = "import sys, json; from pipeline.sketch.engine import write_score as w; "
    code += "print(w(*json.load(sys.stdin), b'seed').digest())"
    other = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code],
        input=json.dumps([PROMPT, CAFE]),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert other == write_score(PROMPT, CAFE, b"seed").digest()
