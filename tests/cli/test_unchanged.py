"""A run that had nothing to do is remembered; whatever changes, the whole program looks again."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.adapters.unchanged import TICK_NS, is_still_so, load_record
from tests.builders import song, songs, write_manifest
from tests.command import ROOT, Songmake

WORDS = ("render",)


@pytest.fixture
def idle(bought_once: Path, tmp_path: Path, vendor) -> Songmake:
    """A bought project whose last run had nothing to do, and is remembered."""
    copy = tmp_path / "copy"
    shutil.copytree(bought_once, copy)
    time.sleep(2 * TICK_NS / 1e9)
    shop = Songmake(project=copy, environment=vendor.environment)
    assert shop(*WORDS).code == 0
    assert record_of(shop).exists()
    return shop


def record_of(shop: Songmake) -> Path:
    return shop.project / ".songmake" / "cache" / "unchanged.render"


def is_answered(shop: Songmake, *words: str, code: int | None = 0) -> bool:
    """Whether the run was answered from its record: the whole program writes its name in a lock."""
    lock = shop.project / ".songmake" / "run.lock"
    before = lock.stat().st_mtime_ns
    ended = shop(*(words or WORDS))
    assert code is None or ended.code == code, ended.said
    return lock.stat().st_mtime_ns == before


def test_nothing_to_do_is_said_again_and_its_summary_is_of_this_run(idle: Songmake):
    whole = idle.document("summary.json")
    record = record_of(idle).read_bytes()
    quick = idle(*WORDS)
    summary = idle.document("summary.json")
    assert record_of(idle).read_bytes() == record
    assert summary["started_at"] > whole["finished_at"]
    moments = ("started_at", "finished_at")
    assert {**summary, **{name: whole[name] for name in moments}} == whole
    record_of(idle).unlink()
    spoken = idle(*WORDS)
    assert (quick.out, quick.err, quick.code) == (spoken.out, spoken.err, spoken.code)
    assert is_answered(idle)


def touched(path: Path) -> None:
    found = path.stat()
    content = path.read_bytes()
    path.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


def added(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def piped(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def track_of(project: Path) -> Path:
    return next((project / "outputs").rglob("*.mp3"))


CHANGES: dict[str, Callable[[Path], object]] = {
    "a comment in the manifest": lambda at: added(at / "manifests/album.yaml", "\n"),
    "a second manifest": lambda at: (at / "manifests/b.yaml").write_text("album: {}\n"),
    "a lock that was edited": lambda at: added(at / "manifests/album.lock.json", "\n"),
    "a track that was removed": lambda at: track_of(at).unlink(),
    "a track of the same size and time": lambda at: touched(track_of(at)),
    "a page that was edited": lambda at: added(at / "outputs/index.html", "x"),
    "a report that was removed": lambda at: (at / "outputs/album/cost-report.md").unlink(),
    "a blob that is gone": lambda at: next((at / ".songmake/store").rglob("*.mp3")).unlink(),
    "a journal of another day": lambda at: os.utime(at / ".songmake/journal.sqlite3", ns=(1, 1)),
    "a journal with a log": lambda at: (at / ".songmake/journal.sqlite3-wal").write_bytes(b"x"),
    "a project inside": lambda at: (at / "manifests/.songmake").mkdir(),
    "a record that was cut": lambda at: os.truncate(at / ".songmake/cache/unchanged.render", 99),
    "a record of noise": lambda at: (at / ".songmake/cache/unchanged.render").write_bytes(
        bytes(range(256)) * 9
    ),
    "a record that is a pipe": lambda at: piped(at / ".songmake/cache/unchanged.render"),
    "a record of another form": lambda at: (at / ".songmake/cache/unchanged.render").write_text(
        record_text_of_the_future(at)
    ),
}  # fmt: skip


def record_text_of_the_future(project: Path) -> str:
    text = (project / ".songmake/cache/unchanged.render").read_text()
    return text.replace("songmake/unchanged/2", "songmake/unchanged/9")


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_has_changed_is_looked_at_by_the_whole_program(idle: Songmake, change):
    state = str(idle.project / ".songmake")
    record = load_record(state, "render")
    assert record is not None
    assert is_still_so(record, state)
    change(idle.project)
    try:
        found = load_record(state, "render")
        assert found is None or not is_still_so(found, state)
    except OSError:
        return  # what is not there is no answer either


def test_links_that_lead_to_copies_are_looked_at_by_the_whole_program(idle: Songmake):
    linked = [idle.project / name for name in ("outputs", ".songmake/store", ".songmake")]
    for link in linked:
        link.rename(kept := link.with_name(f"{link.name}-kept"))
        link.symlink_to(kept.name)
    state = str(linked[2])
    record_of(idle).unlink()
    assert idle(*WORDS).code == 0  # the journal learns where outputs lie now
    time.sleep(2 * TICK_NS / 1e9)
    assert idle(*WORDS).code == 0
    for link in linked:
        kept, other = link.readlink(), link.with_name(f"{link.name}-other")
        shutil.copytree(link, other, copy_function=shutil.copy2, symlinks=True)
        link.unlink()
        link.symlink_to(other.name)
        record = load_record(state, "render")
        assert record is not None
        assert not is_still_so(record, state)
        link.unlink()
        link.symlink_to(kept)
        assert is_still_so(record, state)


def test_a_project_that_appears_around_a_linked_manifest_is_seen(idle: Songmake, tmp_path: Path):
    manifest = idle.project / "manifests/album.yaml"
    shared = tmp_path / "shared"
    shared.mkdir()
    manifest.rename(shared / manifest.name)
    manifest.symlink_to(shared / manifest.name)
    time.sleep(2 * TICK_NS / 1e9)
    words = ("render", "manifests/album.yaml")
    assert not is_answered(idle, *words)
    assert is_answered(idle, *words)
    state = str(idle.project / ".songmake")
    record = load_record(state, "render")
    assert record is not None
    assert is_still_so(record, state)
    (shared / ".git").mkdir()  # now it is that project's, where nothing is bought yet
    assert not is_still_so(record, state)


def test_other_words_environments_and_places_are_not_answered(idle: Songmake):
    assert not is_answered(idle, "render", "--jobs", "3")
    assert is_answered(idle, "render", "--jobs", "3")
    assert not is_answered(idle)
    louder = Songmake(project=idle.project, environment={**idle.environment, "SONGMAKE_JOBS": "3"})
    assert not is_answered(louder)
    keyless = Songmake(project=idle.project, environment={**idle.environment, "AIMLAPI_KEY": ""})
    assert not is_answered(keyless)
    assert not is_answered(idle, "render", "--frozen")
    assert not is_answered(idle, "render", "--json")


def test_the_record_holds_no_key_and_a_copied_project_is_looked_at_anew(
    idle: Songmake, tmp_path: Path
):
    key = idle.environment["AIMLAPI_KEY"]
    assert key.encode() not in record_of(idle).read_bytes()
    copy = tmp_path / "elsewhere"
    shutil.copytree(idle.project, copy, copy_function=shutil.copy2)
    assert not is_answered(Songmake(project=copy, environment=idle.environment))


def test_another_run_that_holds_the_lock_is_told_by_the_whole_program(idle: Songmake):
    before = json.dumps(idle.document("summary.json"))
    with (idle.project / ".songmake" / "run.lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ended = idle(*WORDS)
    assert ended.code == 4
    assert json.dumps(idle.document("summary.json")) == before


def test_a_file_of_the_run_s_own_moment_is_not_trusted(idle: Songmake):
    record_of(idle).unlink()
    ahead_ns = 4_000_000_000 * 10**9  # as after a clock that was set back
    os.utime(track_of(idle.project), ns=(ahead_ns, ahead_ns))
    assert idle(*WORDS).code == 0
    assert not record_of(idle).exists()


@pytest.fixture
def thinned(idle: Songmake) -> Songmake:
    """Later: a replaced take's audio was swept away, a second album left with its folder."""
    second = write_manifest(
        idle.project, {"late": song("Late", prompt="solo cello, 60 BPM")}, name="b"
    )
    assert idle("render", "--replace", "song-1", "--max-cost", "1").code == 0
    assert "1 file removed" in idle("gc", "--delete", "--older-than", "0").out
    second.unlink()
    shutil.rmtree(idle.project / "outputs" / "b")
    assert idle(*WORDS).code == 0  # the overview links it no more
    time.sleep(2 * TICK_NS / 1e9)
    record_of(idle).unlink(missing_ok=True)
    return idle


def test_what_is_gone_for_good_forbids_no_record(thinned: Songmake):
    assert thinned(*WORDS).code == 0
    assert is_answered(thinned)
    (thinned.project / "outputs" / "b").mkdir()
    (thinned.project / "outputs" / "b" / "index.html").touch()
    assert not is_answered(thinned)


def test_what_may_have_gone_during_the_run_is_not_remembered(thinned: Songmake):
    ahead_ns = time.time_ns() + 10**12
    store = thinned.project / ".songmake" / "store"
    for folder in (store, *store.iterdir()):
        os.utime(folder, ns=(ahead_ns, ahead_ns))
    assert thinned(*WORDS).code == 0
    assert not record_of(thinned).exists()


def test_work_that_is_pending_is_never_remembered_away(idle: Songmake):
    write_manifest(idle.project, songs(4))
    for _ in range(2):
        assert idle(*WORDS).code == 2  # consent is missing


def test_a_remembered_run_loads_none_of_the_heavy_packages(idle: Songmake):
    look = (
        "import sys; from pipeline.cli.entry import main; sys.argv[1:] = ['render']\n"
        "try: main()\n"
        "finally: print({'click', 'yaml', 'sqlite3', 'httpx', 'pathlib'} & set(sys.modules))"
    )
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT), **idle.environment}
    ended = subprocess.run(
        (sys.executable, "-c", look),
        cwd=idle.project, env=surroundings, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.endswith("set()\n")
