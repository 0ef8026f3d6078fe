import pytest

from pipeline.core.findings.suggestion import LONGEST_WORD, closest

KEYS = ("title", "prompt", "sample_rate", "lyrics")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("titel", "title"),
        ("promt", "prompt"),
        ("Title", "title"),
        ("sample-rate", "sample_rate"),
        ("lyric", "lyrics"),
    ],
)
def test_a_slip_of_the_hand_is_recognised(written: str, meant: str):
    assert closest(written, KEYS) == meant


def test_a_word_of_its_own_is_not_guessed_at():
    assert closest("zeppelin", KEYS) is None


def test_no_time_is_spent_on_a_word_longer_than_any_key():
    assert closest("t" * (LONGEST_WORD + 1), KEYS) is None
