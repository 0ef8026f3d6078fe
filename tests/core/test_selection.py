import pytest

from pipeline.core.purchase.attempt import State
from pipeline.core.wanted.album import AlbumId
from pipeline.core.wanted.selection import parse_selector, select
from pipeline.errors import UsageError
from tests.builders import a_song, an_album, takes_of

TAKES = (
    *takes_of(
        an_album(
            [
                a_song("coda", takes=3, tags=("closer", "slow")),
                a_song("night-bus", number=2, tags=("opener",)),
            ]
        )
    ),
    *takes_of(an_album([a_song("coda")], id=AlbumId("small-hours"))),
)


def chosen(*words: str, states: dict[str, State] | None = None) -> list[str]:
    found = {take.ref: (states or {}).get(str(take.ref), State.PLANNED) for take in TAKES}
    return [str(take.ref) for take in select(TAKES, words, found)]


ALL = ["album/coda#1", "album/coda#2", "album/coda#3", "album/night-bus#1", "small-hours/coda#1"]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("coda", [*ALL[:3], ALL[4]]),
        ("small-hours/coda", [ALL[4]]),
        ("coda#2", [ALL[1]]),
        ("album/coda#1", [ALL[0]]),
        ("night-*", [ALL[3]]),
        ("*/coda#1", [ALL[0], ALL[4]]),
        ("album/*", ALL[:4]),
        ("*", ALL),
        ("[cn]*", ALL),
        ("tag:closer", ALL[:3]),
        ("tag:*er", ALL[:4]),
        ("state:planned", ALL),
    ],
)
def test_a_word_means_these_takes(word: str, expected: list[str]):
    assert chosen(word) == expected


def test_no_word_means_all():
    assert chosen() == ALL


def test_several_words_mean_all_that_any_of_them_means_once_and_in_order():
    assert chosen("night-bus", "coda#1", "tag:opener") == [ALL[0], ALL[3], ALL[4]]


def test_a_state_means_the_takes_that_stand_in_it():
    states = {ALL[1]: State.FAILED, ALL[4]: State.FAILED}
    assert chosen("state:failed", states=states) == [ALL[1], ALL[4]]


def test_a_word_that_matches_nothing_is_an_error_with_the_nearest_song():
    with pytest.raises(UsageError, match="'codda' matches no take") as caught:
        chosen("night-bus", "codda")
    assert caught.value.hint == "did you mean 'coda'?"


@pytest.mark.parametrize("word", ["coda#4", "tag:absent", "state:failed", "album/xyzzy", "CODA"])
def test_nothing_is_silently_left_out(word: str):
    with pytest.raises(UsageError, match="matches no take"):
        chosen(word)


@pytest.mark.parametrize("word", ["", "#1", "coda#", "coda#0", "coda#-1", "coda#x", "coda#²"])
def test_what_can_select_nothing_is_refused_as_it_is_typed(word: str):
    with pytest.raises(UsageError, match="selects nothing"):
        parse_selector(word)


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("state:faild", "did you mean state:failed?"),
        ("state:in-doubt", "did you mean state:in_doubt?"),
        ("state:", "the states are planned, intent, submitted"),
    ],
)
def test_a_state_that_does_not_exist_gets_a_suggestion(word: str, hint: str):
    with pytest.raises(UsageError, match="is not a state") as caught:
        parse_selector(word)
    assert caught.value.hint is not None
    assert caught.value.hint.startswith(hint)


def test_every_state_can_be_asked_for():
    for state in State:
        assert parse_selector(f"state:{state.value}").state is state
