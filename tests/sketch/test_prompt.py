from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sketch.engine import write_score
from pipeline.sketch.genres import Drums, Genre
from pipeline.sketch.prompt import FASTEST_BPM, SLOWEST_BPM, Lead, Meter, understand
from pipeline.sketch.theory import Mode


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
    ],
)
def test_the_key_is_heard(prompt: str, tonic: int, mode: Mode) -> None:
    style = understand(prompt, b"seed")
    assert (style.key.tonic, style.key.mode) == (tonic, mode)
    assert "key" in style.heard


@pytest.mark.parametrize(
    ("prompt", "bpm"),
    [
        ("indie folk, 92 BPM", 92),
        ("tempo 140, rock", 140),
        ("techno at 128bpm", 128),
        ("118 beats per minute, pop", 118),
        ("999 bpm madness", FASTEST_BPM),
        ("drone at 10 bpm", SLOWEST_BPM),
    ],
)
def test_the_tempo_is_heard(prompt: str, bpm: int) -> None:
    assert understand(prompt, b"seed").bpm == bpm


def test_a_slow_song_is_slower_than_a_fast_one() -> None:
    assert understand("slow pop song", b"").bpm < understand("fast pop song", b"").bpm


def test_metre_genre_voice_and_drums_are_heard() -> None:
    style = understand("a waltz for male vocal, jazz, brushed drums", b"seed")
    assert style.meter is Meter.THREE
    assert style.genre is Genre.JAZZ
    assert style.lead is Lead.LOW_VOICE
    assert style.drums is Drums.SOFT


def test_female_does_not_contain_a_male_voice() -> None:
    assert understand("pop, female vocal", b"").lead is Lead.HIGH_VOICE


def test_what_the_prompt_refuses_is_not_played() -> None:
    style = understand("folk without drums, no strings, no vocals", b"seed")
    score = write_score("folk without drums, no strings, no vocals", "[Verse]\nla la la la", b"s")
    assert style.drums is Drums.NONE
    assert not {"kit", "strings"} & {track.tone for track in score.tracks}
    assert not any(track.tone.endswith("voice") for track in score.tracks)


@given(prompt=st.text(max_size=200), lyrics=st.text(max_size=300))
def test_any_words_become_a_score(prompt: str, lyrics: str) -> None:
    score = write_score(prompt, lyrics, b"seed")
    assert score.ticks > 0
    assert all(0 < n.velocity < 128 and n.ticks > 0 for t in score.tracks for n in t.notes)
