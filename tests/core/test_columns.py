"""Widths in a terminal, cutting and wrapping."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.findings.columns import clipped, padded, shown, width_of, wrapped


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("abc", 3),
        ("世界", 4),
        ("é", 1),
        ("e\u0301", 1),
        ("❤\ufe0f", 2),
        ("😀", 2),
        ("שלום", 4),
        ("ﾊﾛｰ", 3),
        ("한글", 4),
    ],
)
def test_a_text_is_as_wide_as_a_terminal_draws_it(text: str, columns: int):
    assert width_of(text) == columns
    assert width_of(padded(text, 10)) == 10


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a\x1b[31mb", "a<U+001B>[31mb"),
        ("left \u202eright", "left <U+202E>right"),
        ("two\nlines\tand", "two lines and"),
        ("👩\u200d👩", "👩\u200d👩"),
        ("\u2066hidden\u2069", "<U+2066>hidden<U+2069>"),
    ],
)
def test_what_could_steer_a_terminal_is_spelled_out(text: str, safe: str):
    assert shown(text) == safe


def test_a_cut_text_ends_in_an_ellipsis_and_keeps_marks_with_their_letters():
    assert clipped("one two three", 8) == "one two…"
    assert clipped("世界の歌", 5) == "世界…"
    assert clipped("e\u0301e\u0301e\u0301", 2) == "e\u0301…"
    assert clipped("as it is", 8) == "as it is"


def test_lines_break_at_spaces_else_inside_a_word():
    assert wrapped("one two three", 7) == ("one two", "three")
    assert wrapped("abcdefgh", 3) == ("abc", "def", "gh")
    assert wrapped("", 5) == ("",)
    assert wrapped("one two three four", 9, most=1) == ("one two…",)


@given(st.text(max_size=60), st.integers(2, 20))
def test_no_line_is_wider_than_it_may_be_and_no_letter_is_lost(text: str, columns: int):
    lines = wrapped(text, columns)
    assert max(map(width_of, lines)) <= columns
    assert "".join(lines).replace(" ", "") == shown(text).replace(" ", "").translate(BLANK)


BLANK = {ord(sign): None for sign in map(chr, range(0x3001)) if sign.isspace()}
