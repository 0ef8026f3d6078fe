import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.wanted.lyrics import split_lines
from pipeline.core.wanted.lyrics_lint import MOST_FINDINGS, lint_lyrics

TAGS = ("Intro", "Verse", "Pre Chorus", "Chorus", "Bridge", "Outro", "Build Up", "Inst", "Solo")


def findings(text: str) -> list[tuple[int, int, str, str | None]]:
    return [
        (each.position.line, each.position.column, each.message, each.hint)
        for each in lint_lyrics(text, structure_tags=TAGS)
    ]


def test_known_tags_and_plain_words_pass():
    assert findings("[Intro]\n[verse]\nWords, and more: words!\n[Pre Chorus]\n[Build Up]") == []


def test_brackets_are_let_be_where_nobody_says_what_a_model_does_with_them():
    text = "[Whispered opening]\nWords (softly) and <more>\n[never closed\nun\u200bseen"
    found = [each.position.line for each in lint_lyrics(text, structure_tags=None)]
    assert found == [3, 4]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("[Vers]", "Verse"),
        ("[Pre-Chorus]", "Pre Chorus"),
        ("[prechorus]", "Pre Chorus"),
        ("[BuildUp]", "Build Up"),
        ("[Instrumental]", "Inst"),
        ("[Refrain]", "Chorus"),
        ("［Verse］", "Verse"),
        ("(Chorus)", "Chorus"),
    ],
)
def test_a_misspelt_tag_is_met_with_the_tag_that_is_meant(written: str, meant: str):
    [(line, column, _, hint)] = findings(f"Words\n {written}")
    assert (line, column, hint) == (2, 2, f"did you mean [{meant}]?")


@pytest.mark.parametrize(
    ("written", "part"),
    [
        ("[Verse 2]", "Verse"),
        ("[Verse: softly]", "Verse"),
        ("[Guitar Solo]", "Solo"),
        ("[Big pre chorus]", "Pre Chorus"),
    ],
)
def test_words_beside_a_tags_name_are_reported(written: str, part: str):
    [(_, _, message, hint)] = findings(written)
    assert "beside the tag" in message
    assert hint is not None
    assert hint.startswith(f"write [{part}]")


def test_a_tag_like_nothing_known_is_met_with_the_list():
    [(_, _, message, hint)] = findings("[Kazoo]")
    assert message == "unknown structure tag “[Kazoo]”: it may be sung"
    assert hint == f"known tags: {', '.join(TAGS)}"


@pytest.mark.parametrize("group", ["(softly)", "{softly}", "<softly>", "【softly】", "（softly）"])
def test_words_in_other_brackets_would_be_sung(group: str):
    [(line, column, message, _)] = findings(f"Streetlights {group} flicker")
    assert (line, column) == (1, 14)
    assert message == f"the words in “{group}” would be sung"


def test_brackets_around_no_words_pass():
    assert findings("smile :) (...) <3 ()") == []


def test_a_bracket_that_is_never_closed_is_reported():
    [(_, column, message, _)] = findings("one [Verse")
    assert (column, message) == (5, "this bracket is never closed")


@pytest.mark.parametrize("character", ["\u200b", "\u202e", "\ufeff", "\u00ad", "\u2066", "\u2028"])
def test_invisible_characters_are_named(character: str):
    [(line, column, message, _)] = findings(f"One\nab{character}c")
    assert (line, column) == (2, 3)
    assert message.startswith(f"invisible character U+{ord(character):04X}")


def test_joiners_that_scripts_and_emoji_need_pass():
    assert findings("می\u200cخواهم") == []
    assert findings("👩\u200d🚀 क्\u200dष") == []
    assert len(findings("lat\u200din")) == 1


def test_findings_of_one_line_come_in_reading_order():
    columns = [column for _, column, _, _ in findings("(a)\u200b[b] (c) [d")]
    assert columns == sorted(columns)
    assert len(columns) == 5


def test_a_text_full_of_faults_is_cut_short():
    assert len(lint_lyrics("[x]" * 10_000, structure_tags=TAGS)) == MOST_FINDINGS


@given(st.text(alphabet=st.one_of(st.sampled_from("[](){}<>\n\r aV\u200b\u200d"), st.characters())))
def test_every_finding_lies_within_the_text(text: str):
    lines = split_lines(text)
    for line, column, message, _ in findings(text):
        assert 1 <= column <= len(lines[line - 1])
        assert message.isprintable()
