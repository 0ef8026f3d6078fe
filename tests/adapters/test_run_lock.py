import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.adapters.run_lock import FILE_NAME, run_lock
from pipeline.errors import RunLocked, StorageFull
from tests.command import ROOT

HOLDER = {"pid": 4711, "who": "ada", "host": "depot", "since": "2026-08-01T09:30:00.000Z"}
KEEPER = """
import sys
from pathlib import Path
from pipeline.adapters.run_lock import run_lock
with run_lock(Path(sys.argv[1]), holder={"pid": 7, "who": "bob", "host": "h", "since": "noon"}):
    print("held", flush=True)
    sys.stdin.readline()
"""


def keeper(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", KEEPER, str(folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_the_lock_makes_its_folder_and_names_its_holder(tmp_path: Path):
    state = tmp_path / "deep" / "state"
    with run_lock(state, holder=HOLDER):
        assert json.loads((state / FILE_NAME).read_text(encoding="utf-8")) == HOLDER


def test_a_second_run_is_told_who_holds_the_lock(tmp_path: Path):
    with (
        run_lock(tmp_path, holder=HOLDER),
        pytest.raises(RunLocked, match="process 4711 of ada on depot, since 2026-08-01") as caught,
        run_lock(tmp_path, holder={**HOLDER, "who": "eve"}),
    ):
        raise AssertionError("two runs at once")
    assert caught.value.exit_code == 4


def test_the_loser_does_not_change_the_holders_name(tmp_path: Path):
    with run_lock(tmp_path, holder=HOLDER):
        with pytest.raises(RunLocked), run_lock(tmp_path, holder={"pid": 1}):
            raise AssertionError("two runs at once")
        assert json.loads((tmp_path / FILE_NAME).read_text(encoding="utf-8")) == HOLDER


def test_it_is_free_again_after_the_run_and_after_an_error(tmp_path: Path):
    with pytest.raises(ZeroDivisionError), run_lock(tmp_path, holder=HOLDER):
        _ = 1 / 0
    with run_lock(tmp_path, holder={**HOLDER, "who": "x"}):
        holder = json.loads((tmp_path / FILE_NAME).read_text(encoding="utf-8"))
    assert holder["who"] == "x"


def test_the_lock_of_a_killed_process_cannot_go_stale(tmp_path: Path):
    process = keeper(tmp_path)
    try:
        with (
            pytest.raises(RunLocked, match="process 7 of bob on h, since noon"),
            run_lock(tmp_path, holder=HOLDER),
        ):
            raise AssertionError("two runs at once")
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=10)
    with run_lock(tmp_path, holder=HOLDER):
        assert (tmp_path / FILE_NAME).exists()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}', "\x00" * 100])
def test_a_holder_whose_name_cannot_be_read_still_holds(tmp_path: Path, content: str):
    with run_lock(tmp_path, holder=HOLDER):
        (tmp_path / FILE_NAME).write_text(content, encoding="utf-8")
        with (
            pytest.raises(RunLocked, match="its name cannot be read"),
            run_lock(tmp_path, holder=HOLDER),
        ):
            raise AssertionError("two runs at once")


def test_a_lock_is_not_inherited_by_the_processes_of_its_run(tmp_path: Path):
    with run_lock(tmp_path, holder=HOLDER):
        child = subprocess.Popen(
            [sys.executable, "-S", "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE
        )
    try:
        with run_lock(tmp_path, holder=HOLDER):
            assert child.poll() is None
    finally:
        child.communicate(timeout=10)


def test_a_folder_that_cannot_be_made_is_the_disks_fault(tmp_path: Path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with (
        pytest.raises(StorageFull, match="cannot write here") as caught,
        run_lock(tmp_path / "file" / "state", holder=HOLDER),
    ):
        raise AssertionError("a lock on nothing")
    assert caught.value.exit_code == 1
