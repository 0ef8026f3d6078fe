from decimal import Decimal

import pytest

from pipeline.core.starter.ignoring import missing_lines, with_lines
from pipeline.core.starter.languages import language_name, language_tag
from pipeline.core.starter.manifest_text import NewAlbum, budget_usd
from pipeline.core.starter.names import LONGEST, slug_of, song_ids
from pipeline.core.starter.verses import MOST_SONGS, words_of


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Small Hours", "small-hours"),
        ("Café  Noir!", "cafe-noir"),
        ("Don’t Stop", "dont-stop"),
        ("Straße nach Åre", "strasse-nach-are"),
        ("№ 5: #1 Hit", "no-5-1-hit"),
        ("夜の静けさ", ""),
        ("x" * 300, "x" * LONGEST),
    ],
)
def test_an_id_reads_like_its_title(title: str, slug: str):
    assert slug_of(title) == slug


def test_no_two_songs_get_one_id():
    long = "y" * LONGEST
    assert song_ids(["Go", "go!", "夜", "夜", "song 3", long, long]) == (
        "go", "go-2", "song-3", "song-4", "song-3-2", long, f"{'y' * (LONGEST - 2)}-2",
    )  # fmt: skip


def test_no_two_songs_ask_for_the_same():
    words = [words_of(number) for number in range(1, MOST_SONGS + 1)]
    assert len({(each.mood, each.lyrics) for each in words}) == MOST_SONGS
    assert len({each.title for each in words}) == MOST_SONGS


def test_the_budget_has_room_for_a_second_thought_about_each_take():
    album = NewAlbum(title="A", artist="B", style="waltz", song_count=3)
    assert album.take_count == 4
    assert budget_usd(album, Decimal("0.195")) == 2
    assert budget_usd(album, Decimal(0)) == 1


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("", ("/.songmake/", "/outputs/")),
        ("/.songmake/\n/outputs/*\n!/outputs/.gitkeep\n", ()),
        (".songmake\n**/outputs/\n", ()),
        ("# outputs/\n*.songmake\n", ("/.songmake/", "/outputs/")),
        ("outputs\n", ("/.songmake/",)),
    ],
)
def test_only_lines_that_are_missing_are_added(text: str, missing: tuple[str, ...]):
    assert missing_lines(text, (".songmake", "outputs")) == missing


def test_a_file_without_a_last_line_end_keeps_its_last_line():
    assert with_lines("*.tmp", ["/outputs/"]) == "*.tmp\n/outputs/\n"


def test_a_language_may_be_named_or_tagged():
    assert (language_tag("German"), language_tag("pt-BR")) == ("de", "pt-BR")
    assert (language_name("de-AT"), language_name("tlh"), language_name(None)) == (
        "German", None, None,
    )  # fmt: skip
