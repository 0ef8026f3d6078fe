from __future__ import annotations

import json
import subprocess
import sys
from itertools import combinations, pairwise

import pytest

from pipeline.sketch.engine import write_score
from pipeline.sketch.genres import GENRES, Genre
from pipeline.sketch.lyrics import Kind, read, syllables_of
from pipeline.sketch.patterns.grooves import GROOVES, at_meter
from pipeline.sketch.prompt import Meter
from pipeline.sketch.score import STEP_TICKS, Note, Score, Track, bar_ticks
from pipeline.sketch.voice.syllables import is_available

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


def test_the_chorus_is_richer_when_it_comes_back() -> None:
    score = write_score(PROMPT, CAFE, b"seed")
    seconds = track(score, "harmony").notes
    first, again = (
        sum(p.start <= n.start < p.start + p.ticks for n in seconds)
        for p in (score.parts[2], score.parts[4])
    )
    assert 0 < first < again


def test_stressed_syllables_fall_on_stronger_places() -> None:
    notes = track(write_score(PROMPT, CAFE, b"seed"), "lead").notes
    grid = [(note, round(note.start % 1920 / 120) * 120 % 1920) for note in notes]
    on_beats = {True: [0, 0], False: [0, 0]}
    for note, place in grid:
        assert note.syllable is not None
        counts = on_beats[note.syllable.stress > 0]
        counts[0] += place % 480 == 0
        counts[1] += 1
    stressed, weak = (hits / total for hits, total in (on_beats[True], on_beats[False]))
    assert stressed > 0.5 > weak + 0.1


def test_there_is_room_to_breathe_between_lines() -> None:
    score = write_score(PROMPT, CAFE, b"seed")
    notes = track(score, "lead").notes
    for before, after in pairwise(notes):
        if before.line != after.line:
            assert (after.start - before.start - before.ticks) * score.seconds_per_tick > 0.15


@pytest.mark.parametrize(
    ("prompt", "tone", "low", "high"),
    [("pop, female", "high voice", 53, 72), ("pop, male", "low voice", 41, 60)],
)
def test_the_tune_is_singable(prompt: str, tone: str, low: int, high: int) -> None:
    for seed in (b"1", b"2", b"3"):
        score = write_score(prompt, CAFE, seed)
        sung = [n.pitch for t in score.tracks if t.tone == tone for n in t.notes]
        assert sung
        assert low <= min(sung) <= max(sung) <= high


def test_lines_in_parentheses_are_sung_by_others() -> None:
    score = write_score(PROMPT, "[Chorus]\nCome home (come home)\n(guitar solo)", b"seed")
    assert [n.syllable.text for n in track(score, "backing").notes if n.syllable] == [
        "come", "home",
    ]  # fmt: skip
    assert len(track(score, "lead").notes) == 2


@pytest.mark.parametrize(
    ("tag", "kind"),
    [(str(kind).title(), kind) for kind in Kind]
    + [
        ("Verse 2", Kind.VERSE), ("Pre-Chorus", Kind.PRE_CHORUS), ("Refrain", Kind.CHORUS),
        ("Guitar Solo", Kind.SOLO), ("Middle 8", Kind.BRIDGE), ("Final Chorus: loud", Kind.CHORUS),
        ("Piano Interlude", Kind.INTERLUDE), ("Instrumental Break", Kind.INST),
        ("Verse One", Kind.VERSE), ("Куплет", Kind.VERSE), ("Припев 2", Kind.CHORUS),
        ("Estribillo", Kind.CHORUS), ("サビ", Kind.CHORUS), ("Coda: slow", Kind.OUTRO),
        ("Drop", Kind.CHORUS), ("Build-Up", Kind.BUILD_UP), ("Breakdown", Kind.BREAK),
    ],
)  # fmt: skip
def test_tags_are_understood(tag: str, kind: Kind) -> None:
    assert [section.kind for section in read(f"[{tag}]\nla la")] == [kind]


def test_a_chorus_that_is_only_named_is_sung_again() -> None:
    sections = read("[Chorus]\nsing along\n[Verse]\none two\n[Chorus]\n[Chorus: instrumental]")
    assert [len(section.phrases) for section in sections] == [1, 1, 1, 0]


def test_a_direction_among_the_lines_begins_no_section() -> None:
    sections = read("[Verse]\none two\n[Whispered]\nthree four\n[Female voice: soft]\nfive six")
    assert [len(section.phrases) for section in sections] == [3]


@pytest.mark.parametrize(
    "line", ["Middle 8", "**Verse One**", "# Chorus", "Final Chorus:", "<Verse>"]
)
def test_a_name_on_a_line_of_its_own_is_a_tag(line: str) -> None:
    marked = line if line != "Middle 8" else f"{line}:"
    assert [section.tag is None for section in read(f"{marked}\nla la")] == [False]


@pytest.mark.parametrize("line", ["Rise", "Hold the door, hold the door", "The end", "Drop"])
def test_words_that_could_be_a_tag_are_sung(line: str) -> None:
    assert [section.tag for section in read(f"la la\n{line}")] == [None]


def test_a_tag_without_brackets_is_no_line_to_sing() -> None:
    sections = read("Verse 1:\none two\n\n**Chorus**\nsing along")
    assert [section.kind for section in sections] == ["verse", "chorus"]


@pytest.mark.parametrize(
    "line", ["静かな夜に星が降る", "Приходи домой", "ليلة هادئة", "🎵🎶", "12:30 & 99%"]
)
def test_any_script_becomes_notes(line: str) -> None:
    score = write_score("pop", f"[Verse]\n{line}", b"seed")
    assert score.ticks > 0


def test_a_song_without_words_is_a_whole_song_without_a_voice() -> None:
    score = write_score("instrumental rock, 120 bpm", "", b"seed")
    assert len(score.parts) > 4
    assert any(track.role == "lead" for track in score.tracks)
    assert not any(t.tone.endswith("voice") or n.syllable for t in score.tracks for n in t.notes)


@pytest.mark.parametrize("is_lively", [False, True])
def test_no_two_genres_share_more_than_half_of_their_pattern(is_lively: bool) -> None:
    def strokes(genre: Genre) -> tuple[set[object], set[object]]:
        groove = GROOVES[genre][is_lively]
        drums: set[object] = {
            (d, at) for d, row in groove.drums.items() for at, sign in enumerate(row) if sign != "."
        }
        rows = {"bass": groove.bass, "chords": groove.chords, "second": groove.second}
        band: set[object] = {
            (who, at) for who, row in rows.items() for at, c in enumerate(row) if c not in ".="
        }
        return drums, drums | band

    for one, other in combinations(Genre, 2):
        for a, b in zip(strokes(one), strokes(other), strict=True):
            assert len(a & b) <= 0.5 * len(a | b), (one, other)


@pytest.mark.parametrize("player", ["bass", "chords", "second"])
@pytest.mark.parametrize("is_lively", [False, True])
def test_no_player_of_two_genres_shares_more_than_half_of_a_bar(
    player: str, is_lively: bool
) -> None:
    def strokes(genre: Genre) -> set[tuple[int, str]]:
        row = getattr(GROOVES[genre][is_lively], player)
        return {(at, sign) for at, sign in enumerate(row) if sign not in ".="}

    for one, other in combinations(Genre, 2):
        a, b = strokes(one), strokes(other)
        assert len(a & b) <= 0.5 * len(a | b), (one, other)


def test_no_two_genres_share_more_than_half_of_their_form() -> None:
    def form(genre: Genre) -> tuple[object, ...]:
        own = GENRES[genre]
        return (
            own.intro_bars, own.outro_bars, own.turnaround_bars, own.arrival, own.loop,
            own.starts_with_drums,
        )  # fmt: skip

    for one, other in combinations(Genre, 2):
        shared = sum(a == b for a, b in zip(form(one), form(other), strict=True))
        assert shared <= 3, (one, other)


@pytest.mark.parametrize("genre", list(Genre))
@pytest.mark.parametrize("meter", list(Meter))
def test_every_groove_fills_a_bar_of_every_metre(genre: Genre, meter: Meter) -> None:
    for groove in GROOVES[genre]:
        for row in (*groove.drums.values(), groove.bass, groove.chords, groove.second):
            assert len(row) == 16
            assert len(at_meter(row, meter)) == bar_ticks(meter) // STEP_TICKS


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


GOLDEN = {
    "indie folk, 92 BPM, key of A minor, female vocals": (
        "68485c62acb6fa3ef4555b59b36aa271b4ff90a4d5fbb5cc5192472a9410a4f0"
    ),
    "rock at 140 bpm, E minor, male singer": (
        "5203b29a02121f8188f079144edf8181b487c42a8280b9824f00b26448866cb6"
    ),
    "jazz waltz, F major, instrumental": (
        "3e24be59085927b68e19c3488ca6dd08f5e54053ba4adc9b9401561a3d9335f8"
    ),
    "house, 124 bpm, G minor, builds in the chorus": (
        "fdf235ae2235c29d36b3fb351b709ae4bd9aead02211fc6972f9cbabda7ca1cb"
    ),
}


@pytest.mark.parametrize("prompt", GOLDEN)
def test_the_score_is_the_same_on_every_machine(prompt: str) -> None:
    if not is_available():
        pytest.skip("words are set as the voice package's lexicon says them")
    assert write_score(prompt, CAFE, b"golden").digest() == GOLDEN[prompt]
