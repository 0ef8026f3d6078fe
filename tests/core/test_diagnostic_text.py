import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.findings.diagnostic_text import WIDEST, render_diagnostic
from pipeline.core.findings.diagnostics import Diagnostic, Position, Severity


def rendered(
    source_line: str | None, column: int, *, message: str = "wrong", hint: str | None = None
) -> list[str]:
    return render_diagnostic(
        Diagnostic(
            severity=Severity.ERROR,
            file="a.yaml",
            position=Position(line=3, column=column),
            message=message,
            hint=hint,
            source_line=source_line,
        )
    ).split("\n")


def columns_before(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def test_a_finding_has_its_place_its_line_a_caret_and_a_hint():
    assert rendered("titel: x", 1, hint="did you mean title?") == [
        "a.yaml:3:1: error: wrong",
        "    titel: x",
        "    ^",
        "hint: did you mean title?",
    ]


def test_without_a_line_only_the_message_is_left():
    assert rendered(None, 1) == ["a.yaml:3:1: error: wrong"]
    assert rendered("   ", 2) == ["a.yaml:3:2: error: wrong"]


def test_the_caret_may_stand_behind_the_line():
    assert rendered("ab", 3)[1:] == ["    ab", "      ^"]


def test_tabs_take_their_columns():
    assert rendered("\ta\tb", 4)[1:] == [
        "        a   b".replace("        ", "    " * 2),
        "            ^",
    ]


def test_wide_characters_take_two_columns_and_marks_none():
    _, line, caret = rendered("日本e\u0301 x", 6)
    assert line == "    日本e\u0301 x"
    assert caret.index("^") == 4 + 2 + 2 + 1 + 1


def test_what_cannot_be_seen_is_spelled_out():
    _, line, caret = rendered("a\u200bb\u202ec\x1b[0m", 3)
    assert line == "    a<U+200B>b<U+202E>c<U+001B>[0m"
    assert caret.index("^") == line.index("b<")


def test_a_message_cannot_smuggle_lines_or_escapes():
    assert rendered(None, 1, message="a\nb\x1b[31m") == ["a.yaml:3:1: error: a\\nb<U+001B>[31m"]


def test_a_long_line_is_cut_to_a_window_around_the_caret():
    line = "".join(str(each % 10) for each in range(5000))
    for column in (1, 99, 100, 101, 2500, 4999, 5000, 5001):
        _, shown, caret = rendered(line, column)
        assert len(shown) <= WIDEST + 6
        assert len(caret) <= WIDEST + 6
        if column <= 5000:
            assert shown[caret.index("^")] == line[column - 1]


@given(st.text(max_size=400), st.data())
def test_the_caret_stands_under_its_character(line: str, choices: st.DataObject):
    line = "".join(each for each in line if each.isalnum() and not unicodedata.combining(each))
    if not line.strip():
        return
    column = choices.draw(st.integers(1, len(line)))
    _, shown, caret = rendered(line, column)
    at = caret.index("^")
    prefix = next(cut for cut in range(len(shown) + 1) if columns_before(shown[:cut]) >= at)
    assert shown[prefix] == line[column - 1]


@given(st.text(), st.integers(1, 2000), st.text())
def test_any_finding_can_be_printed(line: str, column: int, message: str):
    for each in rendered(line.replace("\n", ""), column, message=message, hint=message):
        assert all(
            part.isprintable() or part in "\u3000\u00a0" or unicodedata.category(part) == "Zs"
            for part in each
        )
