import contextlib
from pathlib import Path

import pytest

from pipeline.adapters.lock_file import LockFile, lock_path, orphaned_locks
from pipeline.errors import LockDamaged, StorageFull
from tests.core.test_lock_document import FIRST_ROW, GOOD


def lock_at(folder: Path, text: str | bytes | None = GOOD) -> LockFile:
    path = folder / "album.lock.json"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return LockFile(path)


def names_in(folder: Path) -> list[str]:
    return sorted(found.name for found in folder.iterdir())


def test_it_lies_beside_its_manifest_under_its_stem():
    assert lock_path(Path("manifests/small-hours.yaml")) == Path("manifests/small-hours.lock.json")


def test_where_there_is_no_file_there_is_no_lock(tmp_path: Path):
    file = lock_at(tmp_path, None)
    assert (file.read(), file.text) == (None, None)


def test_what_is_written_is_there_for_the_next_to_read(tmp_path: Path):
    file = lock_at(tmp_path, None)
    file.read()
    file.write(GOOD)
    again = lock_at(tmp_path, None)
    found = again.read()
    assert found is not None
    assert (found.album, len(found.rows), again.text) == ("album", 2, GOOD)
    assert names_in(tmp_path) == ["album.lock.json"]


def test_equal_bytes_leave_the_file_alone(tmp_path: Path):
    file = lock_at(tmp_path)
    before = file.path.stat()
    file.read()
    file.write(GOOD)
    assert (file.path.stat().st_ino, file.path.stat().st_mtime_ns) == (
        before.st_ino,
        before.st_mtime_ns,
    )


def test_a_conflict_is_an_error_with_file_and_line(tmp_path: Path):
    lines = GOOD.splitlines()
    lines.insert(FIRST_ROW, "<<<<<<< HEAD")
    file = lock_at(tmp_path, "\n".join(lines))
    with pytest.raises(LockDamaged) as caught:
        file.read()
    assert caught.value.message.startswith(f"{tmp_path}/album.lock.json:{FIRST_ROW + 1}: a merge")
    assert caught.value.exit_code == 7


def test_what_is_not_text_is_an_error_with_a_line(tmp_path: Path):
    file = lock_at(tmp_path, GOOD.replace("Song-2", "Song-\udcff").encode(errors="surrogateescape"))
    with pytest.raises(LockDamaged, match=rf"lock\.json:{FIRST_ROW + 1}: it is not UTF-8"):
        file.read()


def test_what_cannot_be_read_is_not_taken_for_absent(tmp_path: Path):
    (tmp_path / "album.lock.json").mkdir()
    with pytest.raises(LockDamaged, match="cannot be read"):
        lock_at(tmp_path, None).read()


@pytest.mark.parametrize("before", [GOOD, None], ids=["changed", "made"])
def test_what_another_hand_wrote_is_never_overwritten(tmp_path: Path, before: str | None):
    file = lock_at(tmp_path, before)
    file.read()
    file.path.write_text("a merge of two purchases", encoding="utf-8")
    with pytest.raises(LockDamaged, match="changed by another hand"):
        file.write(GOOD + " ")
    assert file.path.read_text(encoding="utf-8") == "a merge of two purchases"


def test_a_lock_that_was_only_touched_or_removed_is_written_again(tmp_path: Path):
    file = lock_at(tmp_path)
    file.read()
    file.path.write_text(GOOD, encoding="utf-8")
    file.write(GOOD + " ")
    file.path.unlink()
    file.write(GOOD)
    assert file.path.read_text(encoding="utf-8") == GOOD


def test_a_link_stays_a_link(tmp_path: Path):
    (tmp_path / "elsewhere").mkdir()
    there = tmp_path / "elsewhere" / "real.json"
    (tmp_path / "album.lock.json").symlink_to(there)
    file = lock_at(tmp_path, None)
    file.read()
    file.write(GOOD)
    assert (tmp_path / "album.lock.json").is_symlink()
    assert there.read_text(encoding="utf-8") == GOOD


def test_a_read_only_lock_is_said_to_be(tmp_path: Path):
    file = lock_at(tmp_path)
    file.check_writable()
    file.path.chmod(0o444)
    with pytest.raises(StorageFull, match="the file is read-only"):
        file.check_writable()


def test_a_folder_that_takes_no_file_is_said_to_be(tmp_path: Path):
    file = lock_at(tmp_path, None)
    (tmp_path / ".album.lock.json.probe").mkdir()
    with pytest.raises(StorageFull, match="cannot write the lock file"):
        file.check_writable()
    (tmp_path / ".album.lock.json.part").mkdir()
    with pytest.raises(StorageFull, match="cannot write the lock file"):
        file.write(GOOD)


def test_a_look_leaves_nothing_behind(tmp_path: Path):
    lock_at(tmp_path).check_writable()
    assert names_in(tmp_path) == ["album.lock.json"]


def test_locks_without_a_manifest_are_found_and_other_files_are_not(tmp_path: Path):
    for name in ("album.yaml", "other.yml"):
        (tmp_path / name).write_text("", encoding="utf-8")
    for name in ("album", "other", "gone"):
        (tmp_path / f"{name}.lock.json").write_text(GOOD, encoding="utf-8")
    (tmp_path / "package.lock.json").write_text('{"lockfileVersion": 3}', encoding="utf-8")
    assert orphaned_locks(tmp_path) == (tmp_path / "gone.lock.json",)


@pytest.mark.parametrize("there", [GOOD + "more", GOOD[:-2], "X" + GOOD[1:]])
def test_a_lock_that_is_only_nearly_the_same_is_replaced(tmp_path: Path, there: str):
    file = lock_at(tmp_path, there)
    with contextlib.suppress(LockDamaged):
        file.read()
    file.write_parts(lambda: iter((GOOD[:7], GOOD[7:])))
    assert file.path.read_text() == GOOD
