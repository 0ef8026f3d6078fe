import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.adapters.durable import fsync_folder, write_atomically
from tests.command import ROOT


def names_in(folder: Path) -> list[str]:
    return [found.name for found in folder.iterdir()]


def test_content_appears_whole_in_a_folder_that_is_made(tmp_path: Path):
    path = tmp_path / "deep" / "report.json"
    write_atomically(path, b"first")
    assert path.read_bytes() == b"first"
    write_atomically(path, b"second, longer")
    assert path.read_bytes() == b"second, longer"
    assert names_in(path.parent) == ["report.json"]


def test_a_file_that_holds_it_already_is_left_alone(tmp_path: Path):
    path = tmp_path / "report.json"
    write_atomically(path, b"same")
    before = path.stat()
    write_atomically(path, b"same")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_equal_length_is_not_equal_content(tmp_path: Path):
    path = tmp_path / "report.json"
    write_atomically(path, b"aaaa")
    write_atomically(path, b"bbbb")
    assert path.read_bytes() == b"bbbb"


def test_readers_keep_the_old_file_while_the_new_one_takes_its_place(tmp_path: Path):
    path = tmp_path / "report.json"
    write_atomically(path, b"old")
    with path.open("rb") as reader:
        write_atomically(path, b"new")
        assert reader.read() == b"old"


FULL = """
import resource, sys
from pathlib import Path
from pipeline.adapters.durable import write_atomically
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_atomically(Path(sys.argv[1]), b"x" * 5000)
except OSError as error:
    print(error.errno)
"""


def test_a_full_disk_leaves_the_old_file_and_no_other(tmp_path: Path):
    path = tmp_path / "report.json"
    write_atomically(path, b"old")
    ended = subprocess.run(
        [sys.executable, "-c", FULL, str(path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert ended.stdout.strip(), ended.stderr
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["report.json"]


def test_a_folder_in_the_way_is_an_error_and_leaves_nothing(tmp_path: Path):
    (tmp_path / "report.json").mkdir()
    with pytest.raises(OSError, match=r"report\.json"):
        write_atomically(tmp_path / "report.json", b"x")
    assert names_in(tmp_path) == ["report.json"]


def test_flushing_a_folder_leaves_no_descriptor_open(tmp_path: Path):
    before = len(names_in(Path("/proc/self/fd")))
    for _ in range(10):
        fsync_folder(tmp_path)
        write_atomically(tmp_path / "x", os.urandom(8))
    assert len(names_in(Path("/proc/self/fd"))) == before
