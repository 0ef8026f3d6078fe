from __future__ import annotations

import pytest

from pipeline.sketch.voice.package import alphabet
from pipeline.sketch.voice.syllables import is_available, syllables


def parts(text: str) -> list[str]:
    return [syllable.text for syllable in syllables(text)]


def test_the_voice_is_here() -> None:
    assert is_available()


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("river", 2), ("mountain button", 4), ("beautiful little rhythm", 7), ("fire", 1),
        ("strengths", 1), ("hour by hour", 3), ("I've been walking", 4), ("'til you're rockin'", 4),
        ("hmm", 1), ("oh-oh-oh", 3), ("sooooo", 1), ("goood", 1), ("mm shh brr", 3), ("21", 3),
        ("", 0), ("♪ — …", 0), ("(yeah)", 1), ("higher", 2),
    ],
)  # fmt: skip
def test_a_singer_counts_the_same_syllables(text: str, count: int) -> None:
    assert len(syllables(text)) == count


def test_consonants_begin_a_syllable_where_a_word_could_begin_with_them() -> None:
    first, second = syllables("enclose")
    assert (first.coda, second.onset) == (("n",), ("k", "l"))


def test_stress_falls_where_the_word_has_it() -> None:
    assert [syllable.stress for syllable in syllables("tomorrow")] == [0, 2, 0]


def test_the_letters_of_a_word_join_to_the_word() -> None:
    text = "Extraordinary Café, don't everything! (na-na-na) Señorita Mr. 9:30am"
    joined: dict[int, str] = {}
    for syllable in syllables(text):
        joined[syllable.word] = joined.get(syllable.word, "") + syllable.text
    assert [joined[index] for index in sorted(joined)] == text.split()


def test_letters_fall_to_syllables_as_they_are_sung() -> None:
    assert parts("tomorrow walking bridges") == ["to", "mor", "row", "wal", "king", "brid", "ges"]


def test_words_keep_their_place_in_the_line() -> None:
    assert [syllable.word for syllable in syllables("Oh — river 😀 runs")] == [0, 2, 2, 4]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("こんにちは", 5),
        ("世界", 2),
        ("Москва", 2),
        ("안녕하세요", 5),
        ("מרחבא שלום", 2),
        ("नमस्ते", 2),
    ],
)
def test_what_it_cannot_pronounce_is_sung_on_la(text: str, count: int) -> None:
    sung = syllables(text)
    assert len(sung) >= min(count, 2)
    assert {(syllable.onset, syllable.nucleus) for syllable in sung} == {(("l",), ("ɑ",))}


@pytest.mark.parametrize(
    "text",
    ["\x00\x1b", "[a](/b/)", "A" * 3000, "'" * 50, "$5 #1 & 50% <b>*_~`", "\ud800x", "a\u0301" * 90,
     "Z̷a̸l̵g̶o̷", "-", "--- - -", "．．．", "１２３", "1" * 400, "x/y\\z", "\u202eabc"],
)  # fmt: skip
def test_no_text_is_too_odd(text: str) -> None:
    for syllable in syllables(text):
        assert syllable.nucleus
        assert syllable.word < len(text.split())


def test_every_phoneme_is_in_the_voices_alphabet() -> None:
    text = "The quick brown fox jumps over a lazy dog's huge measure, thanking vision; judge much"
    for syllable in syllables(text):
        for sign in (*syllable.onset, *syllable.nucleus, *syllable.coda):
            assert sign in alphabet()


def test_a_vowel_for_a_voice_that_knows_five() -> None:
    vowels = [syllable.vowel() for syllable in syllables("see bed far go moon")]
    assert vowels == ["i", "e", "a", "o", "u"]
