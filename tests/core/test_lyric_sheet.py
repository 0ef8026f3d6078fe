import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.handover.lyric_sheet import lyric_sheet


def test_tags_go_and_sections_become_stanzas():
    sheet = lyric_sheet("[Verse]\nOne\nTwo\n[Chorus]\nThree\n[Outro]")
    assert sheet == "One\nTwo\n\nThree\n"


def test_the_writer_s_own_stanzas_stay_one_blank_line_apart():
    assert lyric_sheet("[Verse]\n\nOne\n\n\n\nTwo\r\nThree\n\n") == "One\n\nTwo\nThree\n"


@pytest.mark.parametrize(
    "direction",
    ["[softly]", "{guitar solo}", "<whispered>", "【間奏】", "(Chorus)", "(Verse 2)",
     "(Pre-Chorus)", "Chorus:", "Bridge :", "(Chorus x2)", "[never closed"],
)  # fmt: skip
def test_a_direction_on_a_line_of_its_own_is_not_sung(direction: str):
    assert lyric_sheet(f"One\n{direction}\nTwo") == "One\n\nTwo\n"


def test_a_direction_within_a_line_leaves_the_words_around_it():
    assert lyric_sheet("Hold [whispered] the door {breath}") == "Hold the door\n"


def test_words_behind_a_tag_begin_a_stanza():
    assert lyric_sheet("One\n[Chorus] Two\nThree [loud]\nFour") == "One\n\nTwo\nThree\nFour\n"


@pytest.mark.parametrize(
    "words",
    ["Hold on (hold on)", "(ooh ooh)", "(La la la)", "Love:", "(a bridge too far)",
     "Verse and rhyme", "¿Dónde estás? (aquí)", "夜のバス（夜のバス）"],
)  # fmt: skip
def test_backing_vocals_and_words_that_look_like_names_stay(words: str):
    assert lyric_sheet(words) == f"{words}\n"


def test_letters_are_composed_and_controls_are_gone():
    assert lyric_sheet("Cafe\u0301\x07 noir\u200b") == "Café noir\u200b\n"


@pytest.mark.parametrize("lyrics", [None, "", "[Intro]\n[Inst]\n[Outro]", "[Verse]\n…\n"])
def test_without_words_there_is_no_sheet(lyrics: str | None):
    assert lyric_sheet(lyrics) == ""


@given(st.text())
def test_a_sheet_of_a_sheet_is_that_sheet(lyrics: str):
    sheet = lyric_sheet(lyrics)
    assert lyric_sheet(sheet) == sheet
    assert "\n\n\n" not in sheet
    assert sheet == "" or (sheet.endswith("\n") and not sheet.startswith("\n"))
