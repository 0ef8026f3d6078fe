"""A disk that is full before, during or after a purchase. A file-size limit stands in for it."""

from __future__ import annotations

import re
import resource
import shlex
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import ExitCode
from tests.builders import songs
from tests.crash.scene import Scene, ended

WAV = {"model": "minimax/music-2.6", "audio": {"format": "wav", "sample_rate": 44100}}
FULL_AFTER_BYTES = 300_000
UNLIMITED = resource.RLIM_INFINITY


def limit_files(running: subprocess.Popen[str], size_bytes: int) -> None:
    """From now on no file of that process grows beyond the size."""
    resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (size_bytes, UNLIMITED))


def files_up_to(size_bytes: int) -> dict[str, object]:
    """The same from the process's first moment, for ``start`` and ``render``."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, UNLIMITED))

    return {"preexec_fn": limit}


def write_ahead_log(scene: Scene) -> Path:
    return scene.journal.with_name(f"{scene.journal.name}-wal")


@contextmanager
def grown_log(scene: Scene) -> Iterator[int]:
    """A journal that can be opened, and that no transaction fits into: the log's size in bytes.

    The connection that stays open keeps the log from being folded into the database.
    """
    with scene.open_journal() as db:
        db.execute("PRAGMA wal_autocheckpoint = 0")
        for turn in range(32):
            db.execute("UPDATE attempts SET title = ?", (f"Song {turn}",))
        assert log_size(scene) > scene.journal.stat().st_size
        yield log_size(scene)


def log_size(scene: Scene) -> int:
    return write_ahead_log(scene).stat().st_size


def test_where_no_journal_fits_nothing_is_sent(scene: Scene) -> None:
    scene.manifest(songs(2))

    full = scene.render(**files_up_to(4096))

    assert full.code == 1, full.said
    assert "hint:" in full.err
    assert scene.ledger.requests == ()
    assert scene.render_here() == ExitCode.OK
    assert len(scene.ledger.accepted) == 2


def test_where_no_intent_fits_no_paid_request_is_sent(scene: Scene) -> None:
    scene.manifest(songs(1))
    assert scene.render_here() == ExitCode.OK
    scene.manifest(songs(4))
    with grown_log(scene) as size_bytes:
        full = scene.render("-s", "song-[234]", **files_up_to(size_bytes))

    assert full.code == 1, full.said
    assert scene.ledger.posts == 1
    assert "song-4#1" in full.err, "it ended before the plan"
    assert "cannot write the journal" in full.err
    assert scene.render_here() == ExitCode.OK
    assert len(scene.ledger.accepted) == 4
    scene.assert_nothing_was_bought_twice()


def test_an_answer_that_cannot_be_written_down_is_said_and_found_again(scene: Scene) -> None:
    scene.manifest(songs(2))
    scene.vendor.set(answer_latency_s=1.5)
    running = scene.start_and_wait(lambda ledger: len(ledger.accepted) == 2)
    limit_files(running, log_size(scene))

    full = ended(running, within_s=30)

    assert full.code == 3, full.said
    for generation_id in scene.ledger.ids:
        assert generation_id in full.err
    assert len(re.findall(r"songmake settle \S+ --generation \S+", full.err)) == 2
    scene.vendor.set(answer_latency_s=0.0)
    scene.let_time_pass()
    assert scene.render_here() == ExitCode.OK
    assert scene.ledger.posts == 2
    scene.assert_nothing_was_bought_twice()


def test_the_command_that_was_said_records_the_answer(scene: Scene) -> None:
    scene.manifest(songs(1))
    scene.vendor.set(answer_latency_s=1.5)
    running = scene.start_and_wait(lambda ledger: len(ledger.accepted) == 1)
    limit_files(running, log_size(scene))
    full = ended(running, within_s=30)
    found = re.search(r"songmake (settle .*)", full.err)
    assert found is not None, full.err
    scene.vendor.fault("logs", "404", times=None)

    settled = scene.songmake(*shlex.split(found[1]))

    assert settled.code == 0, settled.said
    assert scene.render_here() == ExitCode.OK
    assert (scene.ledger.posts, scene.ledger.logs) == (1, 0)


def test_a_song_that_does_not_fit_is_fetched_by_the_next_run(scene: Scene) -> None:
    scene.manifest(songs(2), defaults=WAV)
    scene.vendor.set(audio_seconds=3.0)

    full = scene.render(**files_up_to(FULL_AFTER_BYTES))

    assert full.code == 1, full.said
    assert "hint:" in full.err
    assert set(scene.songmake.states().values()) <= {"ready", "submitted"}
    accepted = len(scene.ledger.accepted)
    assert scene.render_here() == ExitCode.OK
    assert len(scene.ledger.accepted) == 2
    assert accepted >= 1
    scene.assert_nothing_was_bought_twice()


def test_a_track_that_cannot_be_written_to_outputs_is_published_by_the_next_run(
    scene: Scene,
) -> None:
    """The store's copy has just fitted; the tagged one is longer by its tags."""
    scene.manifest(songs(1), defaults=WAV)
    assert scene.render_here() == ExitCode.OK
    blob = next((scene.project / ".songmake/store").rglob("*.wav"))
    track = scene.outputs / "album/01-song-1.wav"
    size_bytes = blob.stat().st_size
    assert track.stat().st_size > size_bytes
    track.unlink()

    full = scene.render(**files_up_to(size_bytes))

    assert full.code == 1, full.said
    assert not track.exists()
    assert not list(scene.outputs.rglob("*.part"))
    assert scene.render_here() == ExitCode.OK
    assert track.exists()
    assert scene.ledger.posts == 1


def test_a_reader_never_needs_room(scene: Scene) -> None:
    scene.manifest(songs(1))
    assert scene.render_here() == ExitCode.OK
    with sqlite3.connect(scene.journal) as db:
        assert db.execute("PRAGMA quick_check").fetchone() == ("ok",)

    looked = scene.songmake("status", **files_up_to(0))

    assert looked.code == 0, looked.said
    assert "published" in looked.out
