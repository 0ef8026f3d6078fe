import pytest

from tests.builders import songs, write_manifest
from tests.cli.seeing import inside, printed
from tests.command import Songmake
from tests.vendor.client import Vendor

CLOSERS = ["night/song-1#1", "night/song-1#2", "night/song-1#3"]


@pytest.fixture
def shelf(shop: Songmake) -> Songmake:
    """Two albums; of ``night`` the first song has three takes."""
    night = songs(2)
    night["song-1"].update(takes=3, tags=["closer"])
    write_manifest(shop.project, night, name="night")
    write_manifest(shop.project, songs(1), name="day", album={"title": "Day"})
    return shop


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("-s", "night/song-2"), ["night/song-2#1"]),
        (("-s", "song-1#3"), ["night/song-1#3"]),
        (("--select", "tag:clo*", "-s", "day/*"), ["day/song-1#1", *CLOSERS]),
        (("-s", "*-2"), ["night/song-2#1"]),
    ],
)
def test_a_selection_means_these_takes(shelf: Songmake, words: tuple[str, ...], names: list[str]):
    planned = printed(inside(shelf, "plan", "--json", *words), "plan")
    found = [f"{row['album']}/{row['song']}#{row['take']}" for row in planned["takes"]]
    assert found == names


@pytest.mark.parametrize(
    ("command", "word", "hint"),
    [
        ("plan", "sogn-1", "did you mean 'song-1'?"),
        ("render", "song-9", "did you mean 'song-"),
        ("status", "tag:absent", "see every take: songmake status --all"),
        ("verify", "state:faild", "did you mean state:failed?"),
        ("validate", "song-1#x", "--select 'coda#2'"),
    ],
)
def test_a_selection_that_means_nothing_is_an_error_with_a_suggestion(
    shelf: Songmake, vendor: Vendor, command: str, word: str, hint: str
):
    ended = inside(shelf, command, "--select", word)
    assert ended.code == 2, ended.said
    assert word.removeprefix("state:") in ended.err
    assert hint in ended.err
    assert vendor.ledger().requests == ()


def test_only_what_is_selected_is_bought(shelf: Songmake, vendor: Vendor):
    assert shelf.render("--select", "night/song-1#2").code == 0
    assert shelf.states("night") == {"song-1#2": "published"}
    assert len(vendor.ledger().accepted) == 1
    assert inside(shelf, "plan", "--check", "-s", "state:published").code == 0


def test_only_the_named_manifest_is_worked_on(shelf: Songmake, vendor: Vendor):
    assert shelf.render("manifests/day.yaml").code == 0
    assert len(vendor.ledger().accepted) == 1
    assert not (shelf.project / "outputs" / "night").exists()


def test_a_manifest_that_is_not_there_gets_a_suggestion(shelf: Songmake):
    ended = inside(shelf, "plan", "manifests/nigt.yaml")
    assert ended.code == 2
    assert "did you mean manifests/night.yaml?" in ended.err
