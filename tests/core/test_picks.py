import json

import pytest

from pipeline.core.documents.picks_document import read_picks
from pipeline.core.wanted.picks import Pick, PickChange, changes_of, pick_of_word
from pipeline.errors import UsageError
from tests.builders import a_song, an_album
from tests.cli.seeing import valid

ALBUM = an_album([
    a_song("coda", takes=3, pick=2),
    a_song("streetlights", takes=1, moved_from=("lamps",)),
])  # fmt: skip
OTHER = an_album([a_song("coda", takes=9)], id="other")
DOCUMENT = {"schema": "songmake/picks/1", "album": "album", "picks": {"coda": 3}}


def told(*words: str, albums=(ALBUM,)):
    return changes_of([pick_of_word(word) for word in words], albums)


def refusals(*words: str, albums=(ALBUM,)) -> list[tuple[str, str]]:
    return [(each.message, each.hint) for each in told(*words, albums=albums)[1]]


def test_a_word_names_song_and_take_and_maybe_the_album():
    assert told("coda#3", "album/streetlights#1")[0] == (
        PickChange(album="album", song="coda", before=2, take=3),
        PickChange(album="album", song="streetlights", before=1, take=1),
    )


@pytest.mark.parametrize(
    "word", ["coda#", "coda#x", "#2", "Coda#2", "a/b/coda#2", "coda#-1", "coda#2\n", "c*#2"]
)
def test_what_is_no_take_is_refused_with_an_example(word: str):
    with pytest.raises(UsageError) as refused:
        pick_of_word(word)
    assert refused.value.hint is not None
    assert "songmake pick 'coda#2'" in refused.value.hint


def test_a_take_that_there_is_not_is_refused_with_what_there_is():
    assert refusals("coda#4", "coda#0", "streetlights#2", "coda#100") == [
        (
            "'coda#4': coda has 3 takes, there is no take 4",
            "pick a take from 1 to 3, or raise takes to 4: each more is bought",
        ),
        ("'coda#0': coda has 3 takes, there is no take 0", "pick a take from 1 to 3"),
        (
            "'streetlights#2': streetlights has 1 take, there is no take 2",
            "pick take 1, or raise takes to 2: each more is bought",
        ),
        ("'coda#100': coda has 3 takes, there is no take 100", "pick a take from 1 to 3"),
    ]


def test_an_unknown_song_or_album_brings_a_suggestion():
    assert [hint for _, hint in refusals("codda#2", "lamps#1", "albun/coda#2", "zzz#1")] == [
        "did you mean 'coda#2'?",
        "it is streetlights now: 'streetlights#1'",
        "did you mean album?",
        "songmake status lists every take",
    ]


def test_a_song_that_two_albums_have_needs_its_album():
    ((message, hint),) = refusals("coda#3", albums=(ALBUM, OTHER))
    assert message == "'coda#3': 2 albums have a song coda"
    assert hint == "name one: 'album/coda#3', 'other/coda#3'"
    changes, refused = told("other/coda#9", "album/coda#1", albums=(ALBUM, OTHER))
    assert ([change.take for change in changes], refused) == ([9, 1], ())


def test_one_song_cannot_have_two_picks_but_may_be_named_twice():
    assert refusals("coda#2", "coda#2") == []
    ((message, _),) = refusals("coda#2", "coda#3")
    assert message == "'coda#3': coda is picked twice, as take 2 too"


def test_a_picks_file_is_read_with_the_line_of_each_pick():
    text = json.dumps(valid(DOCUMENT, "picks"), indent=1)
    assert read_picks(text, shown_as="a.json") == (
        Pick(song="coda", take=3, album="album", said="a.json:5"),
    )
    assert read_picks(json.dumps({**DOCUMENT, "picks": {}}), shown_as="a.json") == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1: expected “{”"),
        ("[]", "1: expected “{”"),
        ("songs:\n  coda:\n    pick: 2\n", "1: expected “{”"),
        ("{}", "1: schema is missing: this is no picks file"),
        (json.dumps(DOCUMENT) + "\nx", "2: expected the end of the file"),
        (json.dumps({**DOCUMENT, "schema": "songmake/picks/2"}), "1: schema is “songmake/picks/2”"),
        (json.dumps({**DOCUMENT, "schema": ["x"]}), "1: schema is no text"),
        (json.dumps({**DOCUMENT, "album": "../x"}), "1: album is “../x”, which is no album's id"),
        (json.dumps({**DOCUMENT, "album": "a/b"}), "1: album is “a/b”, which is no album's id"),
        (json.dumps({**DOCUMENT, "album": 7}), "1: album is no text, which is no album's id"),
        (json.dumps({**DOCUMENT, "more": 1}), "1: “more” is unknown to this songmake"),
        (json.dumps({**DOCUMENT, "picks": [2]}), "1: expected “{”"),
        (json.dumps({**DOCUMENT, "picks": {"a/b": 2}}), "1: “a/b” is no song's id"),
        (json.dumps({**DOCUMENT, "picks": {"\u202e": 2}}), "1: “<U+202E>” is no song's id"),
        *(
            (
                f'{{"schema": "songmake/picks/1", "album": "album",\n"picks": {{"coda": {take}}}}}',
                "2: the take of “coda” is no number from 1 to 99",
            )
            for take in ("0", "100", "-1", "2.0", "true", "null", '"2"', "[2]", "1e999", "{}")
        ),
        ('{"picks": {"coda": NaN}}', "1: NaN is no JSON number"),
        ('{"picks": {"coda": 1,\n"coda": 2}}', "2: the name 'coda' comes twice"),
        ('{"picks": {"coda": {"a": 1, "a": 2}}}', "1: a name comes twice in one object"),
        ('{"picks": {"coda": ' + "[" * 100_000, "1: "),
        ('{"album": "a", "picks": {"coda": ' + "9" * 5000 + "}}", "1: "),
        ('{"schema": "songmake/picks/1", "album": "\\ud800"}', "1: album is “<U+D800>”"),
    ],
)
def test_what_is_no_picks_file_is_refused_at_its_line(text: str, said: str):
    with pytest.raises(UsageError) as refused:
        read_picks(text, shown_as="a.json")
    assert refused.value.message.startswith(f"a.json:{said}")
    assert len(refused.value.message) < 300
    refused.value.message.encode()
