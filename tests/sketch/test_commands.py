"""``songmake sketch render`` and ``explain``, as their users run them."""

from __future__ import annotations

import io
import json
import wave
from pathlib import Path

import mido
import pytest
from jsonschema import Draft202012Validator

from pipeline.cli.sketch_request import from_texts
from pipeline.sketch.audio import AudioSpec
from tests.builders import song, write_manifest
from tests.cli.seeing import inside
from tests.command import ROOT, Songmake
from tests.sketch.songs import LYRICS, PROMPT

WORDS = ("--prompt", PROMPT, "--lyrics", "words.txt")


@pytest.fixture
def songmake(project: Path) -> Songmake:
    (project / "words.txt").write_text(f"{LYRICS}\n", encoding="utf-8")
    return Songmake(project=project, environment={})


def checked(name: str, text: str) -> dict[str, object]:
    schema = json.loads((ROOT / f"schemas/{name}.schema.json").read_text(encoding="utf-8"))
    document = json.loads(text)
    Draft202012Validator(schema).validate(document)
    assert isinstance(document, dict)
    return document


def test_a_song_is_played_into_a_file_with_its_notes(songmake: Songmake) -> None:
    ended = songmake(
        "sketch", "render", *WORDS, "-o", "song.wav", "--sample-rate", "16000",
        "--midi", "song.mid", "--score", "song.json",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    assert "wav, 16000 Hz" in ended.out
    with wave.open(str(songmake.project / "song.wav")) as sound:
        assert sound.getframerate() == 16000
        seconds = sound.getnframes() / 16000
    score = checked("sketch-score", (songmake.project / "song.json").read_text(encoding="utf-8"))
    assert score["bpm"] == 200
    assert score["key"] == {"tonic": "F", "mode": "major"}
    midi = mido.MidiFile(songmake.project / "song.mid")
    assert seconds - 6 < midi.length < seconds + 0.1
    tracks = score["tracks"]
    assert isinstance(tracks, list)
    messages = [message for track in midi.tracks for message in track]
    struck = sum(message.type == "note_on" for message in messages)
    assert struck == sum(len(track["notes"]) for track in tracks)


def test_take_revision_and_seed_choose_the_performance() -> None:
    def seed(take: int = 1, revision: int = 0, seed: str | None = None) -> bytes:
        return from_texts(
            title="words", prompt=PROMPT, lyrics=LYRICS, audio=AudioSpec(), take=take,
            revision=revision, seed=seed,
        ).seed  # fmt: skip

    chosen = [seed(), seed(take=2), seed(revision=1), seed(seed="blue"), seed(seed="red")]
    assert len(set(chosen)) == 5
    assert seed(take=2) == chosen[1]
    assert seed(seed="blue", take=2) == chosen[3]


def test_a_song_of_the_manifests_is_the_one_that_the_album_gets(songmake: Songmake) -> None:
    songs = {"coda": song("Coda", prompt=PROMPT, lyrics=LYRICS)}
    write_manifest(songmake.project, songs, provider="sketch")
    assert songmake.render().code == 0
    assert songmake("sketch", "render", "coda", "-o", "alone.mp3").code == 0
    (record,) = (songmake.project / ".songmake/sketch").glob("*.end.json")
    end = json.loads(record.read_text(encoding="utf-8"))
    alone = (songmake.project / "alone.mp3").read_bytes()
    (audio,) = (songmake.project / ".songmake/sketch").glob("*.mp3")
    assert audio.read_bytes() == alone
    assert {"field": "tempo", "value": "200 bpm", "why": "200 BPM"} in end["heard"]
    assert end["assumed"]


def test_what_was_heard_and_assumed_is_told(songmake: Songmake) -> None:
    ended = songmake("sketch", "explain", *WORDS)
    assert ended.code == 0, ended.err
    assert "“200 BPM”" in ended.out
    assert "assumed" in ended.out
    told = songmake("sketch", "explain", *WORDS, "--json")
    document = checked("sketch-explanation", told.out)
    sections = document["sections"]
    assert isinstance(sections, list)
    assert [part["kind"] for part in sections if part["tag"]] == ["verse", "chorus"]


@pytest.mark.parametrize(
    ("lyrics", "kinds"),
    [
        ("", {"intro", "inst", "outro"}),
        (" \n\n", {"intro", "inst", "outro"}),
        ("[Verse]\n[Chorus]\n[Outro]\n", {"verse", "chorus", "outro"}),
        ("星の夜に\nСпокойной ночи\n🎵 عربى\n", {"verse"}),
        ("[Verse]\n" + "so many words to sing tonight\n" * 99, {"verse"}),
    ],
    ids=["empty", "blank", "only tags", "many scripts", "long"],
)
def test_any_lyrics_have_a_form_told_in_eighty_columns(
    songmake: Songmake, lyrics: str, kinds: set[str]
) -> None:
    (songmake.project / "words.txt").write_text(lyrics[:3000], encoding="utf-8")
    long_prompt = ", ".join([PROMPT, *("without drums, horns and extraordinarily soft",) * 20])
    words = ("sketch", "explain", "--prompt", long_prompt, "--lyrics", "words.txt")
    ended = inside(songmake, *words)
    assert ended.code == 0, ended.err
    assert max(map(len, ended.out.splitlines())) <= 80
    document = checked("sketch-explanation", inside(songmake, *words, "--json").out)
    sections = document["sections"]
    assert isinstance(sections, list)
    assert kinds <= {part["kind"] for part in sections}


def test_stems_are_wavs_of_one_length(songmake: Songmake) -> None:
    ended = songmake("sketch", "render", *WORDS, "--stems", "stems")
    assert ended.code == 0, ended.err
    stems = sorted((songmake.project / "stems").glob("*.wav"))
    assert len(stems) >= 3
    lengths = set()
    for stem in stems:
        with wave.open(io.BytesIO(stem.read_bytes())) as sound:
            lengths.add(sound.getnframes())
    assert len(lengths) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("render", *WORDS), "nothing to write"),
        (("render", *WORDS, "-o", "song.ogg"), "does not end in .mp3"),
        (("render", *WORDS, "-o", "song.mp33"), "did you mean .mp3?"),
        (("render", *WORDS, "-o", "nowhere/song.mp3"), "mkdir -p nowhere"),
        (("render", *WORDS, "-o", "/proc/song.mp3"), "/proc: cannot be written to"),
        (("render", *WORDS, "-o", "a.mp3", "--stems", "words.txt/stems"), "Not a directory"),
        (("render", *WORDS, "-o", "a.mp3", "--bitrate", "99000"), "is not one of '32000'"),
        (("render", "--prompt", "short", "--lyrics", "words.txt", "-o", "a.mp3"), "prompt: must"),
        (("explain", "--prompt", PROMPT, "--lyrics", "none.txt"), "none.txt: No such file"),
        (("explain", "--prompt", PROMPT), "--prompt and --lyrics"),
        (("explain", *WORDS, "--seed", "x", "--take", "2"), "leave one out"),
        (("serve", "--fault", "pots:429"), "did you mean post?"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_refused_with_a_hint(
    songmake: Songmake, words: tuple[str, ...], said: str
) -> None:
    ended = inside(songmake, "sketch", *words)
    assert ended.code == 2
    assert said in ended.err
    assert "hint:" in ended.err
