from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import songs, write_manifest
from tests.cli.seeing import again, inside, tracks
from tests.command import Songmake
from tests.vendor.client import Vendor


@pytest.fixture
def anywhere(tmp_path: Path, vendor: Vendor) -> Songmake:
    """A folder that is no project."""
    folder = tmp_path / "folder"
    folder.mkdir()
    return Songmake(project=folder, environment=vendor.environment)


def places(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.name in (".songmake", "outputs")
    }


def test_without_a_project_state_and_outputs_lie_where_one_stands(anywhere: Songmake):
    write_manifest(anywhere.project / "deep", songs(1))
    assert anywhere.render("deep/manifests", "--no-wait").code == 6
    assert places(anywhere.project) == {".songmake", "outputs"}


def test_inside_a_repository_they_lie_at_its_root_wherever_one_stands(anywhere: Songmake):
    (anywhere.project / ".git").write_text("gitdir: elsewhere", encoding="utf-8")  # a worktree
    write_manifest(anywhere.project, songs(1))
    below = replace(anywhere, project=anywhere.project / "manifests")
    assert below.render(".", "--no-wait").code == 6
    assert places(anywhere.project) == {".songmake", "outputs"}


def test_the_nearest_state_folder_wins_over_a_repository_above_it(anywhere: Songmake):
    (anywhere.project / ".git").mkdir()
    inner = anywhere.project / "inner"
    (inner / ".songmake").mkdir(parents=True)
    write_manifest(inner, songs(1))
    assert anywhere.render("inner/manifests", "--no-wait").code == 6
    assert places(anywhere.project) == {"inner/.songmake", "inner/outputs"}


def test_a_second_run_from_elsewhere_finds_the_same_journal(bought: Songmake, vendor: Vendor):
    elsewhere = bought.project.parent / "elsewhere"
    elsewhere.mkdir()
    other = replace(bought, project=elsewhere)
    assert again(other, str(bought.project / "manifests")).code == 0
    assert vendor.ledger().requests == ()
    assert list(elsewhere.iterdir()) == []


def test_manifests_of_several_projects_are_not_mixed(anywhere: Songmake, vendor: Vendor):
    for name in ("one", "two"):
        (anywhere.project / name / ".git").mkdir(parents=True)
        write_manifest(anywhere.project / name, songs(1), name=name)
    both = ("one/manifests", "two/manifests")
    ended = inside(anywhere, "render", "--yes", *both)
    assert ended.code == 2
    assert "these manifests are in several projects" in ended.err
    assert "name --state and --output" in ended.err
    assert vendor.ledger().requests == ()
    assert anywhere.render(*both, "--state", "s", "--output", "o").code == 0
    assert sorted(path.name for path in (anywhere.project / "o").iterdir()) == [
        "index.html",
        "one",
        "summary.json",
        "two",
    ]


def test_a_folder_given_by_hand_is_relative_to_where_one_stands(bought: Songmake):
    elsewhere = bought.project.parent / "elsewhere"
    elsewhere.mkdir()
    other = replace(bought, project=elsewhere)
    assert again(other, str(bought.project / "manifests"), "--output", "copy").code == 0
    assert len(list((elsewhere / "copy" / "album").glob("*.mp3"))) == 3
    assert len(tracks(bought)) == 3


def test_two_albums_of_one_id_are_refused(anywhere: Songmake):
    write_manifest(anywhere.project, songs(1), name="one", album={"title": "A", "id": "same"})
    write_manifest(anywhere.project, songs(1), name="two", album={"title": "B", "id": "same"})
    ended = inside(anywhere, "plan")
    assert ended.code == 2
    assert "manifests/two.yaml:" in ended.err


def test_an_empty_folder_has_no_manifests(anywhere: Songmake):
    ended = inside(anywhere, "validate")
    assert ended.code == 2
    assert "there is no file or folder manifests" in ended.err
    assert "hint: write an album of your own: songmake init" in ended.err
