"""Old and new texts of a request, word by word."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.purchase.request_diff import Change, Line, word_diff

MARKS = {Change.SAME: "{}", Change.GONE: "[-{}-]", Change.NEW: "{{+{}+}}"}


def marked(before: str | None, now: str | None) -> list[str]:
    return [
        "".join(MARKS[run.change].format(run.text) for run in line)
        for line in word_diff(before, now)
    ]


def side(lines: tuple[Line, ...], other: Change) -> list[str]:
    """One of the two texts, from what is not only the other's."""
    kept = [[run for run in line if run.change is not other] for line in lines]
    return ["".join(run.text for run in runs) for runs in kept if runs]


def test_one_changed_word_is_told_from_the_rest_of_its_line():
    assert marked("the night breeze sighs", "the night wind sighs") == [
        "the night [-breeze -]{+wind +}sighs"
    ]


def test_lines_that_came_and_went_are_whole():
    assert marked("one\ntwo\nthree", "one\nthree\nfour words are here") == [
        "one", "[-two-]", "three", "{+four words are here+}"
    ]  # fmt: skip


def test_a_changed_line_is_found_beside_one_that_was_put_before_it():
    assert marked("low water carry me", "a new line stands here\nlow water bury me") == [
        "{+a new line stands here+}",
        "low water [-carry -]{+bury +}me",
    ]


def test_lines_with_little_in_common_are_not_mixed():
    assert marked("all is quiet now", "somewhere a dog barks") == [
        "[-all is quiet now-]",
        "{+somewhere a dog barks+}",
    ]


def test_scripts_without_spaces_are_compared_sign_by_sign():
    assert marked("夜の街に雨が降る", "夜の街に雪が降る") == ["夜の街に[-雨-]{+雪+}が降る"]


def test_other_spaces_alone_are_seen():
    assert marked("one  two", "one two") == ["[-one  two-]{+one two+}"]


def test_a_text_that_was_not_there_is_all_new():
    assert marked(None, "one\ntwo") == ["{+one+}", "{+two+}"]
    assert marked("one", None) == ["[-one-]"]


LYRICS = st.lists(
    st.lists(st.sampled_from(["low", "water", "夜", "me", "carry"]), min_size=1, max_size=5).map(
        " ".join
    ),
    min_size=1,
    max_size=6,
)


@given(LYRICS, LYRICS)
def test_both_texts_can_be_read_out_of_it(before: list[str], now: list[str]):
    lines = word_diff("\n".join(before), "\n".join(now))
    tidy = [text.split() for text in side(lines, Change.NEW)]
    assert tidy == [text.split() for text in before]
    assert [text.split() for text in side(lines, Change.GONE)] == [text.split() for text in now]
