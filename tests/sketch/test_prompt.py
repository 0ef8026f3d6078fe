from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.sketch.engine import explain, write_score
from pipeline.sketch.genres import Drums, Genre
from pipeline.sketch.prompt import (
    FASTEST_BPM,
    SLOWEST_BPM,
    Lead,
    Meter,
    Style,
    Voice,
    understand,
)
from pipeline.sketch.theory import Mode


def heard(style: Style) -> set[str]:
    return {finding.field for finding in style.heard}


@pytest.mark.parametrize(
    ("prompt", "tonic", "mode"),
    [
        ("warm indie folk, 92 BPM, key of A minor", 9, Mode.MINOR),
        ("a song in E flat major, slow", 3, Mode.MAJOR),
        ("synthwave in F# minor", 6, Mode.MINOR),
        ("house track, Bb minor, deep", 10, Mode.MINOR),
        ("happy pop in G", 7, Mode.MAJOR),
        ("ballad in Cm with strings", 0, Mode.MINOR),
        ("groove in D dorian", 2, Mode.DORIAN),
        ("rock, key: B", 11, Mode.MAJOR),
        ("pop, a minor, 120 bpm", 9, Mode.MINOR),
        ("G-sharp minor trap", 8, Mode.MINOR),
        ("soul, Ab, 90 bpm", 8, Mode.MAJOR),
        ("trap, C♯m", 1, Mode.MINOR),
        ("waltz in the key of D harmonic minor", 2, Mode.MINOR),
        ("key signature of D", 2, Mode.MAJOR),
        ("Ballade in c-Moll", 0, Mode.MINOR),
        ("bachata, la menor", 9, Mode.MINOR),
        ("chanson en do dièse mineur", 1, Mode.MINOR),
    ],
)
def test_the_key_is_heard(prompt: str, tonic: int, mode: Mode) -> None:
    style = understand(prompt, b"seed")
    assert (style.key.tonic, style.key.mode) == (tonic, mode)
    assert "key" in heard(style)


def test_an_article_before_a_mode_names_no_tonic() -> None:
    style = understand("a sad song in a minor key", b"seed")
    assert style.key.mode is Mode.MINOR
    assert "key" not in heard(style)
    assert "mode" in heard(style)


@pytest.mark.parametrize(
    ("prompt", "bpm"),
    [
        ("indie folk, 92 BPM", 92),
        ("tempo 140, rock", 140),
        ("techno at 128bpm", 128),
        ("118 beats per minute, pop", 118),
        ("90-100 bpm soul", 95),
        ("tempo: around 76", 76),
        ("allegro", 132),
        ("999 bpm madness", FASTEST_BPM),
        ("drone at 10 bpm", SLOWEST_BPM),
        ("one hundred and twenty beats per minute", 120),
        ("ninety-six bpm", 96),
        ("bpm of one-twenty", 120),
        ("between 90 and 100 bpm", 95),
        ("tempo (bpm): 128", 128),
        ("tempo ~ 84", 84),
        ("Liquid DnB @ 174", 174),
        ("70/140 bpm trap", 140),
        ("♩ = 132", 132),
        ("120-ish bpm", 120),
        ("6/8 at 180 bpm", 90),
        ("6/8 shanty, 88 dotted quarter notes per minute", 88),
        ("hymn, 92 crotchets a minute", 92),
        ("1985 style, 2.5 minutes, 90 bpm", 90),
    ],
)
def test_the_tempo_is_heard(prompt: str, bpm: int) -> None:
    assert understand(prompt, b"seed").bpm == bpm


@pytest.mark.parametrize(
    "prompt", ["slow build, house", "a folk song with slow strings", "pop with fast arpeggios"]
)
def test_the_pace_of_a_part_is_not_the_songs(prompt: str) -> None:
    plain = {"slow build, house": "house", "a folk song with slow strings": "folk"}.get(prompt)
    assert understand(prompt, b"").bpm == understand(plain or "pop", b"").bpm


@pytest.mark.parametrize(
    ("prompt", "meter"),
    [
        ("slow 12/8 blues", Meter.TWELVE), ("waltz", Meter.THREE), ("3/4 time", Meter.THREE),
        ("9/8 slip jig", Meter.NINE), ("6/8 ballad", Meter.SIX), ("5/4", Meter.FIVE),
        ("four on the floor", Meter.FOUR),
    ],
)  # fmt: skip
def test_the_metre_is_heard(prompt: str, meter: Meter) -> None:
    assert understand(prompt, b"").meter is meter


def test_a_slow_song_is_slower_than_a_fast_one() -> None:
    assert understand("slow pop song", b"").bpm < understand("fast pop song", b"").bpm


def test_metre_genre_voice_and_drums_are_heard() -> None:
    style = understand("a waltz for male vocal, jazz, brushed drums", b"seed")
    assert style.meter is Meter.THREE
    assert style.genre is Genre.JAZZ
    assert style.lead is Lead.LOW_VOICE
    assert style.drums is Drums.SOFT


@pytest.mark.parametrize("genre", list(Genre))
def test_every_genre_answers_to_its_name(genre: Genre) -> None:
    assert understand(f"{genre}, 100 bpm", b"").genre is genre


@pytest.mark.parametrize(
    ("prompt", "voice"),
    [
        ("pop, female vocal", Voice.FEMALE),
        ("soulful woman singing", Voice.FEMALE),
        ("folk, deep male voice", Voice.MALE),
        ("salsa, sol menor, voz masculina", Voice.MALE),
        ("gospel choir", Voice.CHOIR),
        ("male and female vocals, country", Voice.DUET),
        ("instrumental lo-fi", Voice.NONE),
        ("rock without vocals", Voice.NONE),
        ("pop with an instrumental break, female vocals", Voice.FEMALE),
    ],
)
def test_who_sings_is_heard(prompt: str, voice: Voice) -> None:
    assert understand(prompt, b"").voice is voice


def test_what_the_prompt_refuses_is_not_played() -> None:
    prompt = "folk without drums, no strings, no bass or vocals"
    score = write_score(prompt, "[Verse]\nla la la la", b"s")
    assert understand(prompt, b"seed").drums is Drums.NONE
    assert not {"kit", "strings"} & {track.tone for track in score.tracks}
    assert "bass" not in {track.role for track in score.tracks}
    assert not any(track.tone.endswith("voice") for track in score.tracks)


def test_a_solo_piano_plays_alone() -> None:
    score = write_score("solo piano, female voice", "[Verse]\nla la la la", b"s")
    assert {track.tone for track in score.tracks} == {"piano", "high voice"}


def test_dynamics_belong_to_the_part_that_they_are_said_of() -> None:
    style = understand("pop, quiet verses and a huge chorus, whispered ending", b"")
    steps = dict(style.dynamics.steps)
    assert steps["verse"] < 0 < steps["chorus"]
    assert style.dynamics.whispered == ("outro",)
    assert style.intensity == 0.0


@pytest.mark.parametrize("word", ["upbeat", "lively", "energetic", "uplifting"])
def test_a_mood_is_how_strongly_it_is_played(word: str) -> None:
    assert understand(f"{word} pop", b"").intensity > 0 > understand("calm pop", b"").intensity


@pytest.mark.parametrize(("wanted", "seconds"), [("1:30", 90), ("3 minutes", 180), ("60 sec", 60)])
def test_an_instrumental_is_as_long_as_the_prompt_wants(wanted: str, seconds: float) -> None:
    told = explain(f"instrumental pop, 120 bpm, {wanted}", "", b"s")
    assert told.seconds == pytest.approx(seconds, rel=0.15)


def test_what_was_heard_and_what_was_assumed_are_told_apart() -> None:
    told = explain("jazz, 120 bpm", "[Verse]\nla la", b"s")
    assert {"genre", "tempo"} <= {finding.field for finding in told.heard}
    assert {"key", "voice", "metre"} <= {finding.field for finding in told.assumed}


@settings(deadline=None)
@given(prompt=st.text(max_size=200), lyrics=st.text(max_size=300))
def test_any_words_become_a_score(prompt: str, lyrics: str) -> None:
    score = write_score(prompt, lyrics, b"seed")
    assert score.ticks > 0
    assert all(0 < n.velocity < 128 and n.ticks > 0 for t in score.tracks for n in t.notes)
