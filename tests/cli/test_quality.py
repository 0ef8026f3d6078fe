"""Takes that need an ear, and ReplayGain: measured once, the same without the extra."""

from __future__ import annotations

import csv
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from mutagen.mp3 import MP3
from mutagen.wave import WAVE

from pipeline.core.sound.waveform import HIGHEST, decode
from tests.builders import songs, write_manifest
from tests.cli.seeing import again, cost, files, inside, printed, valid
from tests.command import ROOT, Songmake
from tests.vendor.client import Vendor

WAV = {"audio": {"format": "wav", "sample_rate": 44100}}


@pytest.fixture(scope="module")
def label() -> Iterator[Vendor]:
    """A double whose songs are long enough to have a loudness."""
    with Vendor(seconds=0.05, audio_seconds=0.8) as started:
        yield started


@pytest.fixture(scope="module")
def bought_tones(label: Vendor, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two songs of two takes each, as tones in WAV that end in mid-air."""
    project = tmp_path_factory.mktemp("tones")
    (project / ".git").mkdir()
    write_manifest(project, songs(2), defaults={**WAV, "takes": 2})
    ended = Songmake(project=project, environment=label.environment).render()
    assert ended.code == 0, ended.said
    return project


@pytest.fixture
def tones(bought_tones: Path, label: Vendor, tmp_path: Path) -> Iterator[Songmake]:
    copy = tmp_path / "copy"
    shutil.copytree(bought_tones, copy)
    label.reset()
    yield Songmake(project=copy, environment=label.environment)
    assert label.ledger().requests == ()  # nothing is ever bought on a finding's account


def without_numpy(shop: Songmake, folder: Path) -> Songmake:
    """The command on a machine without the extra."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text("import sys\nsys.modules['numpy'] = None\n")
    path = os.pathsep.join((str(folder), str(ROOT)))
    return Songmake(project=shop.project, environment={**shop.environment, "PYTHONPATH": path})


def gains(path: Path) -> dict[str, str]:
    """The ReplayGain tags as another program reads them."""
    tags = (WAVE if path.suffix == ".wav" else MP3)(path).tags
    return {
        frame.desc: str(frame.text[0])
        for frame in tags.getall("TXXX")
        if frame.desc.startswith("REPLAYGAIN_")
    }


def forget_measurements(shop: Songmake) -> None:
    journal = shop.project / ".songmake" / "journal.sqlite3"
    with closing(sqlite3.connect(journal, isolation_level=None)) as db:
        db.execute("DELETE FROM measurements")


def test_tracks_have_gains_that_another_program_reads(tones: Songmake):
    album = tones.project / "outputs" / "album"
    first, second = (gains(album / f"0{number}-song-{number}.wav") for number in (1, 2))
    assert set(first) == {
        f"REPLAYGAIN_{of}_{what}" for of in ("TRACK", "ALBUM") for what in ("GAIN", "PEAK")
    }
    rows = {(row["song"], row["take"]): row for row in cost(tones)["takes"]}
    lufs = float(rows["song-1", 1]["quality"]["loudness_lufs"])
    assert first["REPLAYGAIN_TRACK_GAIN"] == f"{-18 - lufs:.2f} dB"
    shared = ("REPLAYGAIN_ALBUM_GAIN", "REPLAYGAIN_ALBUM_PEAK")
    assert [first[name] for name in shared] == [second[name] for name in shared]
    assert float(first["REPLAYGAIN_ALBUM_PEAK"]) == max(
        float(found["REPLAYGAIN_TRACK_PEAK"]) for found in (first, second)
    )
    aside = gains(album / "takes" / "song-1.2.wav")
    assert set(aside) == {"REPLAYGAIN_TRACK_GAIN", "REPLAYGAIN_TRACK_PEAK"}


def test_a_lost_journal_makes_no_stranger_of_a_published_track(tones: Songmake):
    before = files(tones.project / "outputs" / "album")
    for path in (tones.project / ".songmake").glob("journal.sqlite3*"):
        path.unlink()
    ended = again(tones)
    assert (ended.code, "kept as" in ended.err) == (0, False), ended.said
    assert files(tones.project / "outputs" / "album") == before


def test_a_loudness_is_a_number_in_the_spreadsheet_too(tones: Songmake):
    album = tones.project / "outputs" / "album"
    with (album / "cost-report.csv").open(encoding="utf-8", newline="") as lines:
        told = [row["loudness_lufs"] for row in csv.DictReader(lines)]
    assert told == [row["quality"]["loudness_lufs"] for row in cost(tones)["takes"]]
    assert told[0].startswith("-")


def test_a_take_that_needs_an_ear_is_marked_in_status_and_report(tones: Songmake):
    rows = printed(inside(tones, "status", "--json"), "status")["takes"]
    assert [row["needs_ear"] for row in rows] == [True] * 4
    assert rows[0]["findings"][0]["code"] == "abrupt-end"  # how loud a tone is, is chance
    told = inside(tones, "status").out
    assert "song-1#1  published" in told
    assert "needs-ear" in told.splitlines()[0]
    assert "    abrupt-end: it stops at -" in told
    report = cost(tones)
    assert report["takes"][0]["quality"]["findings"] == rows[0]["findings"]
    assert report["loudness"]["tracks"] == 2
    folder = tones.project / "outputs" / "album"
    assert "Needs an ear:\n\n- song-1#1" in (folder / "cost-report.md").read_text()
    assert ",yes,it stops at -" in (folder / "cost-report.csv").read_text()


def test_without_the_extra_kept_measurements_give_the_same_bytes(tones: Songmake, tmp_path: Path):
    outputs = tones.project / "outputs" / "album"
    before = files(outputs)
    bare = without_numpy(tones, tmp_path / "bare")
    shutil.rmtree(outputs)
    ended = bare.render(is_fresh=True)
    assert (ended.code, "audio" in ended.err) == (0, False), ended.said
    assert files(outputs) == before
    assert bare("verify", is_fresh=True).code == 0

    forget_measurements(tones)
    (tones.project / "manifests" / "album.lock.json").unlink()
    ended = bare.render(is_fresh=True)
    assert ended.code == 0
    assert ended.err.count("pip install 'songmake[audio]'") == 1
    assert "warning" not in ended.err
    assert gains(outputs / "01-song-1.wav") == {}
    assert cost(tones)["takes"][0]["quality"] is None

    assert again(tones).code == 0
    assert files(outputs) == before


def test_a_lock_brings_measurements_to_a_machine_that_cannot_measure(
    tones: Songmake, tmp_path: Path
):
    outputs = tones.project / "outputs" / "album"
    before, lock = files(outputs), tones.project / "manifests" / "album.lock.json"
    text = lock.read_text()
    assert len(valid(json.loads(text), "lock")["measurements"]) == 4
    for path in (tones.project / ".songmake").glob("journal*"):
        path.unlink()
    shutil.rmtree(outputs)
    bare = without_numpy(tones, tmp_path / "bare")
    planned = inside(tones, "status", "--json")
    assert [row["needs_ear"] for row in json.loads(planned.out)["takes"]] == [True] * 4
    ended = bare.render(is_fresh=True)
    assert (ended.code, "audio" in ended.err) == (0, False), ended.said
    assert files(outputs) == before
    assert lock.read_text() == text


def test_a_lock_follows_what_is_measured_later(tones: Songmake):
    lock = tones.project / "manifests" / "album.lock.json"
    text = lock.read_text()
    forget_measurements(tones)
    without = json.loads(text)
    del without["measurements"]
    lock.write_text(json.dumps(without))
    assert again(tones).code == 0
    assert lock.read_text() == text


def without_waveforms(shop: Songmake) -> dict[str, str]:
    """Brings journal and lock to before there were any; returns the waveforms by checksum."""
    lock = shop.project / "manifests" / "album.lock.json"
    document = json.loads(lock.read_text())
    waveforms = {name: kept.pop("waveform") for name, kept in document["measurements"].items()}
    lock.write_text(json.dumps(document))
    with closing(sqlite3.connect(shop.project / ".songmake" / "journal.sqlite3")) as db:
        for name, kept in document["measurements"].items():
            row = (json.dumps(kept), name)
            db.execute("UPDATE measurements SET document_json = ? WHERE checksum = ?", row)
        db.commit()
    return waveforms


def test_what_was_measured_without_a_waveform_is_completed_by_the_next_render(tones: Songmake):
    lock = tones.project / "manifests" / "album.lock.json"
    before, text = files(tones.project / "outputs" / "album"), lock.read_text()
    waveforms = without_waveforms(tones)
    assert len(waveforms) == 4
    for words in (("plan",), ("status",), ("verify",), ("report",), ("render", "--frozen")):
        assert inside(tones, *words).code in (0, 10)
    assert "waveform" not in lock.read_text()
    ended = again(tones)
    assert (ended.code, ended.err.count("hint")) == (0, 0), ended.said
    assert lock.read_text() == text
    assert files(tones.project / "outputs" / "album") == before


def test_a_waveform_reaches_as_high_as_its_track(tones: Songmake):
    kept = json.loads((tones.project / "manifests" / "album.lock.json").read_text())["measurements"]
    for measured in kept.values():
        heights = decode(measured["waveform"])
        peak = float(measured["true_peak"]) * HIGHEST
        assert 0.5 * peak < max(heights) <= peak + 1


def test_looking_measures_nothing(tones: Songmake):
    forget_measurements(tones)
    (tones.project / "manifests" / "album.lock.json").unlink()
    for word in ("plan", "status", "report", "verify"):
        inside(tones, word)
    with closing(sqlite3.connect(tones.project / ".songmake" / "journal.sqlite3")) as db:
        assert db.execute("SELECT count(*) FROM measurements").fetchone() == (0,)


def test_another_pick_gives_the_album_another_gain_for_free(tones: Songmake):
    album = tones.project / "outputs" / "album"
    before = gains(album / "02-song-2.wav")
    picked = songs(2)
    picked["song-1"]["pick"] = 2
    write_manifest(tones.project, picked, defaults={**WAV, "takes": 2})
    assert again(tones).code == 0
    after = gains(album / "02-song-2.wav")
    assert after["REPLAYGAIN_TRACK_GAIN"] == before["REPLAYGAIN_TRACK_GAIN"]
    assert after["REPLAYGAIN_ALBUM_GAIN"] != before["REPLAYGAIN_ALBUM_GAIN"]
    assert inside(tones, "plan", "--check").code == 0
    assert inside(tones, "verify").code == 0


def test_a_silent_mp3_needs_an_ear_and_has_no_gain(bought: Songmake):
    (row, *_) = printed(inside(bought, "status", "--json"), "status")["takes"]
    assert [found["code"] for found in row["findings"]] == ["silent"]
    assert gains(bought.project / "outputs" / "album" / "01-song-1.mp3") == {}
