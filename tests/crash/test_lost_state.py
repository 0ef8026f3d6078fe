"""State that is lost, old or damaged: nothing is bought until the journal knows what was paid."""

from __future__ import annotations

import re
import shlex
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import ExitCode
from tests.builders import songs
from tests.crash.scene import Scene, published, remove_folder


def hinted(said: str) -> list[str]:
    """The printed command, word for word, without the program's name."""
    found = re.search(r"hint: songmake (.*)", said)
    assert found is not None, said
    return shlex.split(found[1])


def test_without_state_folder_and_lock_an_album_is_not_bought_again(scene: Scene) -> None:
    scene.manifest(songs(3))
    assert scene.render_here() == ExitCode.OK
    before = published(scene.outputs)
    remove_folder(scene.project / ".songmake")
    scene.lock.unlink()

    refused = [scene.render() for _ in range(2)]

    assert [one.code for one in refused] == [7, 7], refused[0].said
    assert scene.ledger.posts == 3
    mended = scene.songmake(*hinted(refused[0].err))
    assert mended.code == 0, mended.said
    assert scene.render_here() == ExitCode.OK
    assert (scene.ledger.posts, scene.ledger.logs) == (3, 0)
    after = published(scene.outputs)
    tracks = [name for name in before if name.endswith(".mp3")]
    assert len(tracks) == 3
    assert {name: after[name] for name in tracks} == {name: before[name] for name in tracks}
    assert scene.songmake.report()["totals"]["charged_usd"] == "0.585000"
    requests = len(scene.ledger.requests)
    assert scene.render_here() == ExitCode.OK
    assert len(scene.ledger.requests) == requests


def test_without_state_and_audio_everything_is_fetched_again_free(scene: Scene) -> None:
    scene.manifest(songs(2))
    assert scene.render_here() == ExitCode.OK
    before = published(scene.outputs)
    remove_folder(scene.project / ".songmake")
    scene.lock.unlink()
    for track in scene.outputs.rglob("*.mp3"):
        track.unlink()

    assert scene.songmake(*hinted(scene.render().err)).code == 0
    assert scene.render_here() == ExitCode.OK

    assert scene.ledger.posts == 2
    after = published(scene.outputs)
    assert {name for name in before if before[name] != after[name]} <= {
        "album/cost-report.csv", "album/cost-report.json", "album/cost-report.md",
    }  # fmt: skip


def test_an_older_copy_of_the_state_folder_buys_nothing_again(scene: Scene) -> None:
    state, backup = scene.project / ".songmake", scene.project / "backup"
    scene.manifest(songs(1))
    assert scene.render_here() == ExitCode.OK
    shutil.copytree(state, backup)
    scene.manifest(songs(3))
    assert scene.render_here() == ExitCode.OK
    remove_folder(state)
    backup.rename(state)

    refused = scene.render()

    assert refused.code == 7, refused.said
    assert "song-2#1" in refused.err
    assert "song-1#1" not in refused.err
    assert scene.songmake(*hinted(refused.err)).code == 0
    assert scene.render_here() == ExitCode.OK
    assert scene.ledger.posts == 3
    assert set(scene.songmake.states().values()) == {"published"}


def test_an_older_copy_that_ends_at_an_open_request_finds_it_in_the_log(scene: Scene) -> None:
    state, backup = scene.project / ".songmake", scene.project / "backup"
    scene.manifest(songs(1))
    scene.vendor.set(answer_latency_s=1.0)
    running = scene.start_and_wait(lambda ledger: len(ledger.accepted) == 1)
    shutil.copytree(state, backup)
    assert running.wait(30) == 0
    running.communicate()
    remove_folder(state)
    backup.rename(state)
    scene.vendor.set(answer_latency_s=0.0)
    scene.let_time_pass()

    assert scene.render_here() == ExitCode.OK

    assert scene.ledger.posts == 1
    scene.assert_nothing_was_bought_twice()


def test_deleted_outputs_come_back_byte_for_byte_without_a_request(scene: Scene) -> None:
    scene.manifest({**songs(2)}, defaults={"model": "minimax/music-2.6", "takes": 2})
    assert scene.render_here() == ExitCode.OK
    before, requests = published(scene.outputs), len(scene.ledger.requests)
    remove_folder(scene.outputs)

    assert scene.render_here() == ExitCode.OK

    assert published(scene.outputs) == before
    assert len(scene.ledger.requests) == requests


def test_one_deleted_or_changed_track_comes_back(scene: Scene) -> None:
    scene.manifest(songs(2))
    assert scene.render_here() == ExitCode.OK
    before, requests = published(scene.outputs), len(scene.ledger.requests)
    (scene.outputs / "album/01-song-1.mp3").unlink()
    spoilt = scene.outputs / "album/02-song-2.mp3"
    spoilt.write_bytes(spoilt.read_bytes()[:-7])

    assert scene.render_here() == ExitCode.OK

    after = published(scene.outputs)
    assert {name: after[name] for name in before} == before
    assert len(scene.ledger.requests) == requests


def test_an_empty_store_is_filled_again_free(scene: Scene) -> None:
    scene.manifest(songs(2))
    assert scene.render_here() == ExitCode.OK
    before = published(scene.outputs)
    remove_folder(scene.project / ".songmake/store")
    remove_folder(scene.outputs)

    assert scene.render_here() == ExitCode.OK

    assert published(scene.outputs) == before
    assert scene.ledger.posts == 2


def cut_in_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def cut_to_a_page(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:4096])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def scramble(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096 : len(content) - 4096] = b"\x5a" * (len(content) - 8192)
    path.write_bytes(content)


def spoil_the_first_page(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[100:4096] = b"\xff" * 3996
    path.write_bytes(content)


def write_words(path: Path) -> None:
    path.write_text("a note that somebody saved under the wrong name\n" * 200, encoding="utf-8")


def make_another_programs(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE bookmarks (url TEXT)")
    db.close()


def make_another_programs_of_the_same_form(path: Path) -> None:
    make_another_programs(path)
    set_form(path, 1)


def set_form(path: Path, version: int) -> None:
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {version}")
    db.close()


def make_newer(path: Path) -> None:
    set_form(path, 999)


def make_senseless(path: Path) -> None:
    set_form(path, -3)


@pytest.mark.parametrize(
    "spoil",
    [
        cut_in_half,
        cut_to_a_page,
        empty,
        scramble,
        spoil_the_first_page,
        write_words,
        make_another_programs,
        make_another_programs_of_the_same_form,
        make_newer,
        make_senseless,
    ],
)
def test_with_a_damaged_journal_nothing_is_sent(
    scene: Scene, spoil: Callable[[Path], None]
) -> None:
    scene.manifest(songs(1))
    assert scene.render_here() == ExitCode.OK
    scene.manifest(songs(2))
    before = len(scene.ledger.requests)
    spoil(scene.journal)
    damaged = scene.journal.read_bytes()

    refused = scene.render()

    assert refused.code == 7, refused.said
    assert "hint:" in refused.err
    assert len(scene.ledger.requests) == before
    assert scene.songmake.document("summary.json")["exit_code"] == 7
    if spoil is not empty:
        assert scene.journal.read_bytes() == damaged, "songmake wrote to what it cannot read"


def test_a_newer_journal_says_to_install_a_newer_songmake(scene: Scene) -> None:
    scene.manifest(songs(1))
    assert scene.render_here() == ExitCode.OK
    make_newer(scene.journal)

    refused = scene.songmake("plan")

    assert refused.code == 7, refused.said
    assert "newer songmake" in refused.err


def test_a_damaged_blob_is_never_published(scene: Scene) -> None:
    scene.manifest(songs(1))
    assert scene.render_here() == ExitCode.OK
    remove_folder(scene.outputs)
    blob = next((scene.project / ".songmake/store").rglob("*.mp3"))
    blob.chmod(0o644)
    content = bytearray(blob.read_bytes())
    content[len(content) // 2] ^= 0xFF
    blob.write_bytes(content)

    ended = scene.render()

    assert ended.code == 7, ended.said
    assert not list(scene.outputs.rglob("*.mp3"))
    assert scene.ledger.posts == 1
