import signal
from pathlib import Path

import pytest

from tests.cli.seeing import at_terminal, files, inside
from tests.command import Songmake


@pytest.fixture
def empty(tmp_path: Path) -> Songmake:
    folder = tmp_path / "empty"
    folder.mkdir()
    return Songmake(project=folder, environment={})


def test_off_a_terminal_nothing_is_asked_and_a_working_album_is_there(empty: Songmake):
    ended = empty("init", "--title", "Café #1: No", "--songs", "4", "--language", "German")
    assert ended.code == 0, ended.said
    assert ended.out == (
        "manifests/cafe-1-no.yaml: 4 songs, 5 takes\n"
        "manifests/album.schema.json: what editors complete and check it with\n"
    )
    assert "next: songmake render\n" in ended.err
    assert set(files(empty.project)) == {"manifests/cafe-1-no.yaml", "manifests/album.schema.json"}
    valid = inside(empty, "validate")
    assert valid.out == "manifests/cafe-1-no.yaml: valid: 4 songs, 5 takes, provider sketch\n"
    assert valid.err == ""
    assert "sung in German" in (empty.project / "manifests/cafe-1-no.yaml").read_text("utf-8")


def test_a_new_album_can_be_heard_at_once(empty: Songmake):
    assert inside(empty, "init", "--songs", "1").code == 0
    ended = empty("render", "--select", "paper-boats#1")
    assert ended.code == 0, ended.said
    assert (empty.project / "outputs/paper-boats/01-paper-boats.mp3").stat().st_size > 100_000


def test_an_album_that_is_there_already_is_left_alone(empty: Songmake):
    assert inside(empty, "init").code == 0
    before = files(empty.project)
    again = inside(empty, "init")
    assert again.code == 2
    assert "manifests/paper-boats.yaml is there already: nothing was written" in again.err
    assert "hint: for another album: songmake init --title TITLE" in again.err
    assert files(empty.project) == before
    other = inside(empty, "init", "--title", "Two")
    assert "next: songmake render manifests/two.yaml" in other.err


def test_on_a_terminal_a_few_things_are_asked(empty: Songmake):
    answers = {
        "Title of the album": "Night Ferry\n",
        "Artist": "\n",
        "What it sounds like": "slow blues\n",
        "How many songs": "0\n",
        "Language": "\n",
    }
    answers["is not in the range"] = "2\n"
    code, shown = at_terminal(empty, ["init"], answers=answers)
    assert code == 0, shown
    text = (empty.project / "manifests/night-ferry.yaml").read_text("utf-8")
    assert "title: Night Ferry\n  artist: The Ferry Queue\n" in text
    assert "house: slow blues\n" in text
    assert text.count("\n    style: house\n") == 2


def test_leaving_in_the_middle_of_the_questions_writes_nothing(empty: Songmake):
    code, shown = at_terminal(
        empty, ["init", "later"], answers={"Title of the album": "Gone\n", "Artist": "\x04"}
    )
    assert (code, list(empty.project.iterdir())) == (128 + signal.SIGINT, []), shown


def test_flags_answer_the_questions_on_a_terminal_too(empty: Songmake):
    code, shown = at_terminal(
        empty, ["init", "--yes", "mine/x.yaml", "--song", "Ash", "--song", "Oak"]
    )
    assert code == 0, shown
    assert "songmake render mine/x.yaml" in shown
    text = (empty.project / "mine/x.yaml").read_text("utf-8")
    assert ("  ash:\n" in text, "  oak:\n" in text) == (True, True)


def test_a_repository_keeps_state_and_outputs_out_of_git(empty: Songmake):
    (empty.project / ".git").mkdir()
    (empty.project / ".gitignore").write_text("outputs/", encoding="utf-8")
    (empty.project / ".gitignore").chmod(0o600)
    first = inside(empty, "init", "band")
    assert ".gitignore: /.songmake/ stay out of git\n" in first.out
    assert (empty.project / ".gitignore").read_text() == "outputs/\n/.songmake/\n"
    assert (empty.project / ".gitignore").stat().st_mode & 0o777 == 0o600
    second = inside(empty, "init", "band", "--title", "Two")
    assert ".gitignore" not in second.out
