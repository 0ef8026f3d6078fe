from __future__ import annotations

from itertools import pairwise

import pytest

from pipeline.sketch.engine import Explanation, explain, write_score
from pipeline.sketch.genres import GENRES, Arrival, Genre
from pipeline.sketch.lyrics import Kind
from pipeline.sketch.patterns.grooves import KICK, RIM, SNARE
from pipeline.sketch.prompt import Meter, understand
from pipeline.sketch.score import Note, Part, Score, bar_ticks

EARLY = 40  # ticks: hands are not machines
SONG = """[Verse]
Streetlights flicker, the night breeze sighs
Shadows stretch as I walk alone
[Chorus]
Pushing the wooden door, the aroma spreads
In this small cafe, I find my way
[Break]
[Build Up]
[Chorus]
Pushing the wooden door, the aroma spreads
In this small cafe, I find my way"""
PROMPTS = (
    "warm indie folk, 92 BPM, key of A minor, no drums, female vocals",
    "solo piano, D major, slow",
    "just guitar and a male singer, 70 bpm",
    "house without synths, 3 minutes, C minor",
    "metal, 180 bpm, E minor, duet",
    "a quiet lullaby in 3/4, soft, gentle, whispered, key of F",
    "bossa nova, instrumental, no bass",
    "trap, 1 minute, G# minor, no vocals",
    "a cappella gospel choir in Ab",
    "slow 12/8 blues in E, harmonica, no piano",
)
WORDS = (SONG, "[Intro]\n[Inst]\n[Outro]", "goodbye", "")


def notes_of(score: Score, part: Part, *roles: str) -> list[Note]:
    start, end = part.start - EARLY, part.start + part.ticks - EARLY
    return [
        note
        for track in score.tracks
        if not roles or track.role in roles
        for note in track.notes
        if start <= note.start < end
    ]


def last_bar(score: Score, part: Part, *roles: str) -> list[Note]:
    start = part.start + part.ticks - bar_ticks(score.meter)
    return [note for note in notes_of(score, part, *roles) if note.start >= start - EARLY]


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize("lyrics", WORDS, ids=("song", "tags", "line", "nothing"))
def test_what_is_explained_is_what_is_played(prompt: str, lyrics: str) -> None:
    told, score = explain(prompt, lyrics, b"s"), write_score(prompt, lyrics, b"s")
    said = {finding.field: finding.value for finding in told.heard + told.assumed}
    tones = {str(track.tone) for track in score.tracks}
    assert said["tempo"] == f"{score.bpm} bpm"
    assert said["metre"] == score.meter
    assert said["mode"] == score.mode
    assert set(said["instruments"].split(" and ")) <= tones
    assert said["pad"] in tones | {"none"}
    assert ("kit" in tones) == (said["drums"] != "none")
    assert {str(t.tone) for t in score.tracks if t.role == "bass"} == {said["bass"]} - {"none"}
    assert said.get("solo", "none") in tones | {"none"}
    assert sung_by(score) == said["voice"]
    assert_length(said["length"], told)


def sung_by(score: Score) -> str:
    names = {"high voice": "female", "low voice": "male", "choir voice": "choir"}
    leads = {
        names[str(t.tone)]
        for t in score.tracks
        if t.role in ("lead", "harmony") and str(t.tone) in names
    }
    return "duet" if {"female", "male"} <= leads else leads.pop() if leads else "none"


def assert_length(said: str, told: Explanation) -> None:
    if said.endswith(" s"):
        assert told.seconds == pytest.approx(float(said[:-2]), rel=0.16)


def test_a_singer_without_words_is_not_said_to_sing() -> None:
    told = explain("pop, female vocals", "", b"s")
    assert "voice" not in {finding.field for finding in told.heard}
    assert {f.field: f.value for f in told.assumed}["voice"] == "none"


@pytest.mark.parametrize("genre", list(Genre))
def test_no_song_falls_silent_before_its_end(genre: Genre) -> None:
    score = write_score(f"{genre}, instrumental intro", SONG, b"s")
    sounding = sorted((n.start, n.start + max(n.ticks, 240)) for t in score.tracks for n in t.notes)
    reached = 0
    for start, end in sounding:
        assert (start - reached) * score.seconds_per_tick < 1.0
        reached = max(reached, end)
    assert reached >= score.ticks - bar_ticks(score.meter)


@pytest.mark.parametrize("genre", [g for g in Genre if GENRES[g].drums == "full"])
def test_the_band_gets_into_the_chorus_as_its_genre_does(genre: Genre) -> None:
    score = write_score(str(genre), SONG, b"s")
    verse = next(part for part in score.parts if part.kind == Kind.VERSE)
    half = verse.start + verse.ticks - bar_ticks(score.meter) // 2
    late = [n for n in last_bar(score, verse, "kit") if n.start >= half - EARLY]
    strokes = sorted({n.start for n in late if n.pitch in (SNARE, RIM)})
    match GENRES[genre].arrival:
        case Arrival.ROLL:
            assert len(strokes) >= 8
        case Arrival.STOP:
            assert not late
            band = last_bar(score, verse, "bass", "chords")
            assert not [n for n in band if n.start >= half + EARLY]
        case Arrival.FILL:
            before = [n for n in notes_of(score, verse, "kit") if n.start < half - 960]
            assert {n.pitch for n in late} - {n.pitch for n in before} or len(strokes) > 2


def test_a_break_has_no_drums_and_a_build_up_has_ever_more() -> None:
    score = write_score("pop rock", SONG, b"s")
    pause = next(part for part in score.parts if part.kind == Kind.BREAK)
    climb = next(part for part in score.parts if part.kind == Kind.BUILD_UP)
    assert len([n for n in notes_of(score, pause, "kit") if n.pitch == KICK]) <= 1
    bars = [0] * (climb.ticks // bar_ticks(score.meter))
    loud = [0] * len(bars)
    for note in notes_of(score, climb, "kit"):
        bar = min(len(bars) - 1, max(0, note.start - climb.start) // bar_ticks(score.meter))
        bars[bar] += 1
        loud[bar] = max(loud[bar], note.velocity)
    assert bars[-1] > 1.4 * bars[0]
    assert all(before < after for before, after in pairwise(loud))


def test_everybody_ends_on_a_long_last_chord() -> None:
    score = write_score("pop, A minor", SONG, b"s")
    final = last_bar(score, score.parts[-1])
    assert {n.pitch % 12 for n in final if n.ticks > bar_ticks(score.meter) // 2} <= {9, 0, 4}
    assert len(final) > 4


def test_the_last_chorus_has_more_cymbals_than_the_first() -> None:
    score = write_score("rock", SONG, b"s")
    first, last = (
        len([n for n in notes_of(score, part, "kit") if n.pitch == 49])
        for part in score.parts
        if part.kind == Kind.CHORUS
    )
    assert 0 < first < last


def test_what_a_tag_says_of_its_part_is_played() -> None:
    plain = write_score("pop", "[Verse]\nla la la\n[Bridge]\nla la la", b"s")
    told = write_score("pop", "[Verse]\nla la la\n[Bridge: whispered]\nla la la", b"s")
    assert told.parts[2].energy_percent < plain.parts[2].energy_percent
    assert told.parts[2].is_whispered


@pytest.mark.parametrize("meter", ["6/8", "9/8", "12/8"])
def test_beats_of_three_parts_are_told_by_their_first(meter: str) -> None:
    score = write_score(f"folk ballad in {meter}, acoustic guitar, 66 bpm", SONG, b"s")
    assert score.meter is Meter(meter)
    verse = next(part for part in score.parts if part.kind == Kind.VERSE)
    weight = [0, 0, 0]
    for note in notes_of(score, verse, "chords", "kit"):
        weight[round((note.start - verse.start) / 240) % 3] += note.velocity
    assert weight[0] > 1.3 * weight[1]
    assert weight[0] > 1.3 * weight[2]


@pytest.mark.parametrize(
    ("prompt", "low", "high"),
    [
        ("deep house", 118, 128), ("techno", 125, 140), ("drum and bass", 165, 180),
        ("trap", 130, 150), ("piano ballad", 60, 82), ("reggae", 68, 90), ("hip hop", 80, 100),
        ("punk rock", 150, 190), ("a rock ballad", 64, 90), ("slow pop", 60, 85),
        ("fast folk", 115, 150), ("salsa", 160, 200), ("lo-fi", 70, 90),
        ("not too fast pop", 95, 115),
    ],
)  # fmt: skip
def test_a_tempo_that_nobody_names_is_the_genres(prompt: str, low: int, high: int) -> None:
    assert low <= understand(prompt, b"s").bpm <= high
