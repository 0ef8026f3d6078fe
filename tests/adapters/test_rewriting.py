import threading
from pathlib import Path

import pytest

from pipeline.adapters.manifest.rewriting import rewrite
from pipeline.errors import ManifestChanged

BEFORE, AFTER = "album: {title: Süß}\r\n", "album: {title: Süß}\r\n# more\r\n"
BOM = b"\xef\xbb\xbf"


@pytest.mark.parametrize("mark", [b"", BOM])
def test_mark_line_ends_and_mode_stay(tmp_path: Path, mark: bytes):
    path = tmp_path / "a.yaml"
    path.write_bytes(mark + BEFORE.encode())
    path.chmod(0o640)
    rewrite(path, before=BEFORE, after=AFTER)
    assert path.read_bytes() == mark + AFTER.encode()
    assert path.stat().st_mode & 0o7777 == 0o640
    assert [each.name for each in tmp_path.iterdir()] == ["a.yaml"]


def test_a_link_stays_a_link_and_what_it_leads_to_is_written(tmp_path: Path):
    (tmp_path / "elsewhere").mkdir()
    real, link = tmp_path / "elsewhere" / "real.yaml", tmp_path / "a.yaml"
    real.write_text(BEFORE, newline="")
    link.symlink_to("elsewhere/real.yaml")
    rewrite(link, before=BEFORE, after=AFTER)
    assert link.is_symlink()
    assert real.read_bytes() == AFTER.encode()


@pytest.mark.parametrize("found", [b"", BEFORE.encode() + b"x", b"\xff\xfe", BEFORE.encode()[:-2]])
def test_another_hands_edit_is_not_overwritten(tmp_path: Path, found: bytes):
    path = tmp_path / "a.yaml"
    path.write_bytes(found)
    with pytest.raises(ManifestChanged, match="another hand"):
        rewrite(path, before=BEFORE, after=AFTER)
    assert path.read_bytes() == found


def test_a_read_only_manifest_is_left_alone(tmp_path: Path):
    path = tmp_path / "a.yaml"
    path.write_text(BEFORE, newline="")
    path.chmod(0o444)
    with pytest.raises(ManifestChanged, match="read-only"):
        rewrite(path, before=BEFORE, after=AFTER)
    assert path.read_bytes() == BEFORE.encode()


def test_of_many_that_write_at_once_one_does(tmp_path: Path):
    path = tmp_path / "a.yaml"
    path.write_text(BEFORE, newline="")
    ended: list[str] = []

    def write(after: str) -> None:
        try:
            rewrite(path, before=BEFORE, after=after)
            ended.append(after)
        except ManifestChanged:
            ended.append("refused")

    threads = [threading.Thread(target=write, args=(f"{AFTER}# {n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (written,) = [each for each in ended if each != "refused"]
    assert path.read_bytes() == written.encode()
