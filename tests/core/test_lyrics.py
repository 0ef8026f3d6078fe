import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.wanted.lyrics import sent_lyrics, sent_prompt, split_lines


def test_lyrics_are_sent_with_line_feeds_and_without_blank_edges():
    written = "\r\n \r\n[Verse]\r\nOne line   \rTwo lines\t\n\nAfter a gap\n\n"
    assert sent_lyrics(written) == "[Verse]\nOne line\nTwo lines\n\nAfter a gap"


def test_lyrics_are_sent_composed():
    assert sent_lyrics("cafe\u0301") == "caf\u00e9"


def test_indentation_of_a_sung_line_is_kept():
    assert sent_lyrics("\n  first\nsecond") == "  first\nsecond"


def test_a_prompt_is_the_fragments_then_the_songs_own_words():
    assert (
        sent_prompt([" warm folk ", "rain\n"], " female vocal ") == "warm folk, rain, female vocal"
    )


def test_blank_parts_leave_no_comma_behind():
    assert sent_prompt(["  "], None) == ""
    assert sent_prompt(["warm folk"], "  ") == "warm folk"


def test_only_cr_lf_and_their_pair_end_a_line():
    assert split_lines("a\r\nb\rc\nd\x0be\u2028f") == ["a", "b", "c", "d\x0be\u2028f"]


@given(st.text())
def test_sending_sent_lyrics_changes_nothing(text: str):
    once = sent_lyrics(text)
    assert sent_lyrics(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert "\r" not in once


@given(st.text())
def test_windows_line_ends_do_not_change_what_is_sent(text: str):
    unix = text.replace("\r", "")
    assert sent_lyrics(unix.replace("\n", "\r\n")) == sent_lyrics(unix)
