"""Manifests and lyrics that change under a run: what was read at the start is what is sent."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import ExitCode
from tests.builders import song
from tests.crash.scene import Scene, ended

BEFORE = "[Verse]\nThe night bus hums along the quay"
AFTER = "[Verse]\nThe night bus sings along the quay"


def two_songs(lyrics: object) -> dict[str, object]:
    return {
        "first": song("First", prompt="warm indie folk, 81 BPM"),
        "second": song("Second", prompt="warm indie folk, 82 BPM", lyrics=lyrics),
    }


def write_lyrics(project: Path, text: str) -> None:
    folder = project / "manifests/lyrics"
    folder.mkdir(exist_ok=True)
    (folder / "second.txt").write_text(text, encoding="utf-8")


def test_a_manifest_edited_in_a_run_waits_for_the_next(scene: Scene) -> None:
    scene.manifest(two_songs(BEFORE))
    scene.vendor.set(seconds=1.0)
    running = scene.start_and_wait(lambda ledger: len(ledger.accepted) == 1, "--jobs", "1")
    scene.manifest(two_songs(AFTER))
    first = ended(running, within_s=30)

    assert first.code == 0, first.said
    assert [one.body["lyrics"] for one in scene.ledger.accepted][1] == BEFORE
    planned = scene.songmake("plan", "--check")
    assert planned.code == 10, planned.said
    assert "changed: lyrics" in planned.out
    assert "1 buy" in planned.out
    scene.vendor.set(seconds=0.0)
    assert scene.render_here() == ExitCode.OK
    assert [one.body["lyrics"] for one in scene.ledger.accepted][2] == AFTER
    scene.manifest(two_songs(BEFORE))
    assert scene.render_here() == ExitCode.OK
    assert len(scene.ledger.accepted) == 3, "what was bought once comes back free"
    scene.assert_nothing_was_bought_twice()


def test_a_lyrics_file_edited_in_a_run_waits_for_the_next(scene: Scene) -> None:
    write_lyrics(scene.project, BEFORE)
    scene.manifest(two_songs({"file": "lyrics/second.txt"}))
    scene.vendor.set(seconds=1.0)
    running = scene.start_and_wait(lambda ledger: len(ledger.accepted) == 1, "--jobs", "1")
    write_lyrics(scene.project, AFTER)
    first = ended(running, within_s=30)

    assert first.code == 0, first.said
    assert [one.body["lyrics"] for one in scene.ledger.accepted][1] == BEFORE
    assert "changed: lyrics" in scene.songmake("plan").out


def test_a_manifest_that_breaks_or_goes_in_a_run_does_not_stop_it(scene: Scene) -> None:
    path = scene.manifest(two_songs(BEFORE))
    scene.vendor.set(seconds=1.0)
    running = scene.start_and_wait(lambda ledger: len(ledger.accepted) == 1, "--jobs", "1")
    path.unlink()
    first = ended(running, within_s=30)

    assert first.code == 0, first.said
    assert len(scene.ledger.accepted) == 2
    assert set(scene.songmake.states().values()) == {"published"}
