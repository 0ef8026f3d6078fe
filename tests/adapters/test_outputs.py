import stat
from pathlib import Path

from pipeline.adapters.outputs import (
    aside_path,
    folder_key,
    keep_foreign,
    lies_as_recorded,
    move_into_place,
    remove,
)


def test_a_track_is_written_aside_and_appears_whole_and_readable(tmp_path: Path):
    path = tmp_path / "album" / "takes" / "coda.2.mp3"
    aside = aside_path(path)
    assert aside.parent == path.parent
    aside.write_bytes(b"audio")
    aside.chmod(0o600)
    [mtime_ns] = move_into_place([(aside, path)])
    assert path.read_bytes() == b"audio"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert not aside.exists()
    assert lies_as_recorded(path, size_bytes=5, mtime_ns=mtime_ns)


def test_a_file_lies_as_recorded_by_size_and_time_together(tmp_path: Path):
    path = tmp_path / "x"
    path.write_bytes(b"12345")
    mtime_ns = path.stat().st_mtime_ns
    assert lies_as_recorded(path, size_bytes=5, mtime_ns=mtime_ns)
    assert not lies_as_recorded(path, size_bytes=4, mtime_ns=mtime_ns)
    assert not lies_as_recorded(path, size_bytes=5, mtime_ns=mtime_ns + 1)
    assert not lies_as_recorded(path, size_bytes=5, mtime_ns=None)
    assert not lies_as_recorded(tmp_path / "absent", size_bytes=5, mtime_ns=mtime_ns)


def test_somebody_elses_files_are_kept_under_names_that_are_free(tmp_path: Path):
    kept = []
    for content in (b"first", b"second"):
        path = tmp_path / "01-x.mp3"
        path.write_bytes(content)
        kept.append(keep_foreign(path))
    assert [path.name for path in kept] == ["01-x.mp3.kept-1", "01-x.mp3.kept-2"]
    assert [path.read_bytes() for path in kept] == [b"first", b"second"]


def test_removing_a_file_removes_its_folder_when_that_is_empty(tmp_path: Path):
    folder = tmp_path / "takes"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / name).write_bytes(b"x")
    remove(folder / "a")
    assert folder.is_dir()
    remove(folder / "b")
    assert not folder.exists()
    remove(folder / "b")


def test_an_outputs_folder_keeps_its_name_when_the_project_moves(tmp_path: Path):
    here, there = tmp_path / "here", tmp_path / "there"
    for root in (here, there):
        (root / "outputs").mkdir(parents=True)
    names = {folder_key(root / "outputs", root / ".songmake") for root in (here, there)}
    assert names == {"../outputs"}
    assert folder_key(tmp_path / "else", here / ".songmake") not in names


def test_a_link_to_an_outputs_folder_is_that_folder(tmp_path: Path):
    (tmp_path / "outputs").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "outputs")
    state = tmp_path / ".songmake"
    assert folder_key(tmp_path / "link", state) == folder_key(tmp_path / "outputs", state)
