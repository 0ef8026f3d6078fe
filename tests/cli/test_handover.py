"""The folder that is handed over: what lies in it, and that it stays in step, for free."""

from __future__ import annotations

import contextlib
import csv
import json
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest
from mutagen.id3 import ID3
from mutagen.mp3 import MP3
from mutagen.wave import WAVE

from tests.builders import song, songs, write_manifest
from tests.cli.seeing import again, files, inside, printed, valid
from tests.command import Songmake
from tests.pictures import jpeg_of, png_of
from tests.vendor.client import Vendor

ALBUM = {
    "title": "An album",
    "artist": "An artist",
    "date": "2026-05-01",
    "genre": "Folk",
    "label": "Depot Records",
    "upc": "036000291452",
    "copyright": "2026 An artist",
    "language": "en",
    "composer": "A. Moreno",
    "cover": "art/cover.jpg",
}
COVER = jpeg_of(1400)
MAKERS_OWN = ("cost-report", "index.html")  # no part of what is handed over


def full_album(project: Path, **changes: Any) -> Path:
    """Two songs with everything that can be said of them; the second is a WAV with two takes."""
    art = project / "manifests" / "art" / "cover.jpg"
    art.parent.mkdir(parents=True, exist_ok=True)
    art.write_bytes(COVER)
    two = {
        "one": song("One", isrc="QZ-ABC-26-00001", explicit=True, bpm=92, key="A minor"),
        "two": song(
            "Two",
            prompt="a waltz, 84 BPM",
            takes=2,
            lyricist="B. Lund",
            audio={"format": "wav", "sample_rate": 44100, "bitrate": 256000},
        ),
    }
    return write_manifest(project, two, album={**ALBUM, **changes})


def folder(shop: Songmake) -> Path:
    return shop.project / "outputs" / "album"


def handed_over(shop: Songmake) -> dict[str, bytes]:
    """Everything in the album's folder but the audio and what is the maker's own."""
    return {
        name: content
        for name, content in files(folder(shop)).items()
        if not name.endswith((".mp3", ".wav")) and not name.startswith(MAKERS_OWN)
    }


def planned(shop: Songmake, *words: str) -> tuple[int, list[str]]:
    ended = inside(shop, "plan", "--check", "--json", *words)
    return ended.code, printed(ended, "plan")["files"]


def verified(shop: Songmake) -> tuple[int, dict[str, str]]:
    ended = inside(shop, "verify", "--json")
    findings = printed(ended, "verification")["findings"]
    return ended.code, {one["where"]: one["message"] for one in findings}


def test_a_bought_album_is_a_folder_that_can_be_handed_over(shop: Songmake, tmp_path: Path):
    full_album(shop.project)
    assert shop.render().code == 0
    assert set(handed_over(shop)) == {
        "SHA256SUMS",
        "ai-disclosure.json",
        "album.cue",
        "album.m3u8",
        "cover.jpg",
        "lyrics/01-one.txt",
        "lyrics/02-two.txt",
        "metadata.csv",
    }
    assert handed_over(shop)["cover.jpg"] == COVER
    assert_tags(MP3(folder(shop) / "01-one.mp3").tags, title="One", number="1/2")
    for name in ("02-two.wav", "takes/two.2.wav"):
        assert_tags(WAVE(folder(shop) / name).tags, title="Two", number="2/2")
    valid(json.loads(handed_over(shop)["ai-disclosure.json"]), "ai-disclosure")
    rows = csv.DictReader(handed_over(shop)["metadata.csv"].decode().splitlines())
    assert [float(row["seconds"]) for row in rows] == pytest.approx(
        [
            MP3(folder(shop) / "01-one.mp3").info.length,
            WAVE(folder(shop) / "02-two.wav").info.length,
        ],
        abs=0.1,
    )
    assert (planned(shop), verified(shop)) == ((0, []), (0, {}))


def assert_tags(tags: ID3, *, title: str, number: str) -> None:
    texts = {name: str(frame) for name, frame in tags.items() if name[0] == "T"}
    assert (
        texts.items()
        >= {
            "TIT2": title,
            "TPE1": "An artist",
            "TPE2": "An artist",
            "TALB": "An album",
            "TDRC": "2026-05-01",
            "TRCK": number,
            "TCON": "Folk",
            "TCOM": "A. Moreno",
            "TCOP": "2026 An artist",
            "TPUB": "Depot Records",
            "TLAN": "eng",
            "TXXX:BARCODE": "036000291452",
        }.items()
    )
    if title == "One":
        asked = {"TSRC": "QZABC2600001", "TBPM": "92", "TKEY": "Am", "TXXX:ITUNESADVISORY": "1"}
        assert texts.items() >= asked.items()
    else:
        assert texts["TEXT"] == "B. Lund"
    assert tags["USLT::eng"].text.startswith("[Verse]")
    (picture,) = tags.getall("APIC")
    assert picture.data == COVER


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="no coreutils here")
def test_sha256sum_agrees_and_finds_one_changed_byte(bought: Songmake):
    again(bought)

    def check() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sha256sum", "--strict", "-c", "SHA256SUMS"],
            cwd=folder(bought),
            capture_output=True,
            text=True,
            check=False,
        )

    whole = check()
    assert whole.returncode == 0, whole.stdout
    names = {line.removesuffix(": OK") for line in whole.stdout.splitlines()}
    lying = {name for name in files(folder(bought)) if not name.startswith(MAKERS_OWN)}
    assert names == lying - {"SHA256SUMS"}
    track = folder(bought) / "02-song-2.mp3"
    track.write_bytes(track.read_bytes() + b"\x00")
    assert "02-song-2.mp3: FAILED" in check().stdout


def test_the_same_journal_gives_the_same_bytes_in_another_folder(
    bought: Songmake, tmp_path: Path, vendor: Vendor
):
    before = handed_over(bought)
    elsewhere = Songmake(project=tmp_path / "elsewhere", environment=bought.environment)
    shutil.copytree(bought.project, elsewhere.project)
    shutil.rmtree(elsewhere.project / "outputs")
    assert again(elsewhere).code == 0
    assert handed_over(elsewhere) == before != {}
    assert vendor.ledger().requests == ()


def test_a_second_run_writes_no_hand_over_file_again(bought: Songmake):
    def times() -> dict[str, int]:
        return {name: (folder(bought) / name).stat().st_mtime_ns for name in handed_over(bought)}

    before = times()
    assert again(bought).code == 0
    assert inside(bought, "report").code == 0
    assert times() == before


def test_what_was_lost_or_changed_is_found_and_comes_back_for_free(
    bought: Songmake, vendor: Vendor
):
    before = handed_over(bought)
    (folder(bought) / "album.m3u8").unlink()
    shutil.rmtree(folder(bought) / "lyrics")
    metadata = folder(bought) / "metadata.csv"
    metadata.write_bytes(metadata.read_bytes() + b"mine\n")
    lost = {
        "album/album.m3u8": "missing",
        "album/lyrics/01-song-1.txt": "missing",
        "album/lyrics/02-song-2.txt": "missing",
        "album/lyrics/03-song-3.txt": "missing",
        "album/metadata.csv": "not what journal and manifest give",
    }
    assert verified(bought) == (10, lost)
    code, paths = planned(bought)
    assert (code, set(paths)) == (10, set(lost))
    shown = inside(bought, "plan", "--all").out
    assert f"publish  {len(lost)} files" in shown
    assert all(path in shown for path in lost)
    ended = inside(bought, "report")
    assert ended.code == 0
    assert (
        "album/metadata.csv was not as songmake wrote it: kept as metadata.csv.kept-1" in ended.err
    )
    assert metadata.with_name("metadata.csv.kept-1").read_bytes().endswith(b"mine\n")
    metadata.with_name("metadata.csv.kept-1").unlink()
    assert handed_over(bought) == before
    assert (planned(bought), verified(bought)) == ((0, []), (0, {}))
    assert vendor.ledger().requests == ()


def test_a_file_that_somebody_else_put_there_is_kept(bought: Songmake):
    cue = folder(bought) / "album.cue"
    cue.unlink()
    with contextlib.closing(journal_of(bought)) as db, db:
        db.execute("DELETE FROM handover_files WHERE path = 'album/album.cue'")
    cue.write_text("my own sheet\n")
    assert "kept as album.cue.kept-1" in again(bought).err
    assert cue.with_name("album.cue.kept-1").read_text() == "my own sheet\n"
    assert cue.read_text().startswith("REM DATE")


def journal_of(shop: Songmake) -> sqlite3.Connection:
    return sqlite3.connect(shop.project / ".songmake" / "journal.sqlite3")


def test_a_file_that_a_kill_left_half_written_is_songmake_s_own(bought: Songmake):
    cue = folder(bought) / "album.cue"
    before = cue.read_bytes()
    with contextlib.closing(journal_of(bought)) as db, db:
        db.execute("UPDATE handover_files SET mtime_ns = NULL WHERE path = 'album/album.cue'")
    cue.write_bytes(before[:20])
    assert again(bought).code == 0
    assert cue.read_bytes() == before
    assert not cue.with_name("album.cue.kept-1").exists()


def test_a_new_title_reaches_every_file_and_a_removed_song_leaves_them(
    bought: Songmake, vendor: Vendor
):
    two = songs(2)
    write_manifest(bought.project, two, album={"title": "Renamed", "artist": "Somebody"})
    assert again(bought).code == 0
    shown = handed_over(bought)
    assert b"#PLAYLIST:Renamed" in shown["album.m3u8"]
    assert b'TITLE "Renamed"' in shown["album.cue"]
    assert json.loads(shown["ai-disclosure.json"])["artist"] == "Somebody"
    assert {name for name in shown if name.startswith("lyrics/")} == {
        "lyrics/01-song-1.txt",
        "lyrics/02-song-2.txt",
    }
    assert b"song-3" not in b"".join(shown.values())
    assert vendor.ledger().requests == ()


def test_another_cover_or_none_costs_nothing_and_reaches_every_track(
    shop: Songmake, vendor: Vendor
):
    full_album(shop.project)
    assert shop.render().code == 0
    sent = len(vendor.ledger().requests)
    (shop.project / "manifests" / "art" / "cover.jpg").write_bytes(png_of(1500))
    assert again(shop).code == 0
    assert "cover.png" in handed_over(shop)
    assert "cover.jpg" not in handed_over(shop)
    (picture,) = ID3(folder(shop) / "01-one.mp3").getall("APIC")
    assert (picture.mime, picture.data) == ("image/png", png_of(1500))
    uncovered = {name: said for name, said in ALBUM.items() if name != "cover"}
    document = json.loads((shop.project / "manifests" / "album.yaml").read_text())
    write_manifest(shop.project, document["songs"], album=uncovered)
    assert again(shop).code == 0
    assert not [name for name in handed_over(shop) if name.startswith("cover")]
    assert ID3(folder(shop) / "01-one.mp3").getall("APIC") == []
    assert len(vendor.ledger().requests) == sent


def test_a_stale_file_that_was_edited_by_hand_stays_and_is_named(bought: Songmake):
    sheet = folder(bought) / "lyrics" / "03-song-3.txt"
    sheet.write_text("my own words\n")
    write_manifest(bought.project, songs(2))
    ended = again(bought)
    assert "album/lyrics/03-song-3.txt was changed by hand and stays" in ended.err
    assert sheet.read_text() == "my own words\n"
    assert again(bought).err.count("changed by hand") == 0


def test_sketching_a_bought_album_leaves_its_hand_over_files_alone(
    bought: Songmake, vendor: Vendor
):
    before = handed_over(bought)
    write_manifest(bought.project, songs(4))
    assert again(bought, "--provider", "sketch", "-s", "song-4").code == 0
    assert (folder(bought) / "04-song-4.mp3").exists()
    after = handed_over(bought)
    assert set(after) == set(before)
    assert b"song-4" not in b"".join(after.values())
    assert b"sketch" not in b"".join(after.values())
    assert vendor.ledger().requests == ()
