"""The voice in processes of their own: the same bytes, no network, and what happens without it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

SING = """
import hashlib
from pipeline.sketch.voice.singer import SungNote, Timbre, sing
from pipeline.sketch.voice.syllables import syllables
parts = syllables("Zorblax dances by the river")
notes = [SungNote(start_s=0.3 * i, seconds=0.3, pitch=60 + i, velocity=90, syllable=i)
         for i in range(len(parts))]
line = sing(notes, parts, Timbre.{timbre}, seed=b"s", dynamics=0.5)
print(hashlib.sha256(line.samples.tobytes()).hexdigest(), line.lead_s)
"""

NO_NETWORK = """
import socket
def refused(*_, **__):
    raise AssertionError("the voice reached for the network")
socket.socket.connect = socket.socket.connect_ex = refused
socket.getaddrinfo = socket.create_connection = refused
"""

MISSING = """
import sys
sys.path[:] = [place for place in sys.path if "site-packages" not in place] + [{site!r}]
from pipeline.sketch.voice.singer import SungNote, Timbre, VoiceMissing, sing
from pipeline.sketch.voice.syllables import is_available, syllables
parts = syllables("Golden river")
print(is_available(), [part.nucleus[0] for part in parts])
try:
    sing([SungNote(start_s=0, seconds=1, pitch=60, velocity=90, syllable=0)], parts,
         Timbre.FEMALE, seed=b"", dynamics=0.5)
except VoiceMissing as error:
    print(error)
"""


def run(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The installed packages as links, all but the voice."""
    spec = find_spec("hibari")
    assert spec is not None
    assert spec.origin is not None
    installed = Path(spec.origin).parent.parent
    for entry in installed.iterdir():
        if not entry.name.startswith("hibari"):
            (tmp_path / entry.name).symlink_to(entry)
    return tmp_path


def voice_folder() -> Path:
    spec = find_spec("hibari")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def test_any_process_sings_the_same_bytes_and_none_needs_the_network() -> None:
    one = run(NO_NETWORK + SING.format(timbre="CHOIR"), OMP_NUM_THREADS="1")
    other = run(SING.format(timbre="CHOIR"), OMP_NUM_THREADS="8", PYTHONHASHSEED="7")
    assert one == other


def test_the_packages_downloader_is_never_loaded() -> None:
    code = SING.format(timbre="MALE") + (
        "\nimport sys\nprint([name for name in sys.modules"
        " if name.startswith('hibari') or name == 'urllib.request'])"
    )
    assert run(code).splitlines()[1] == "[]"


def test_without_the_package_lines_are_sung_on_la_by_another(site: Path) -> None:
    said = run(MISSING.format(site=str(site))).splitlines()
    assert said[0].startswith("False ['ɑ', 'ɑ'")
    assert "hibari-tts is not installed" in said[1]


def test_another_voice_than_the_known_one_is_not_trusted(site: Path) -> None:
    shutil.copytree(voice_folder(), site / "hibari")
    model = site / "hibari" / "assets" / "hibari.onnx"
    model.write_bytes(model.read_bytes()[:-1] + b"\x00")
    said = run(MISSING.format(site=str(site))).splitlines()
    assert said[0].startswith("False")
    assert "another voice" in said[1]


def test_without_its_runtime_there_is_no_voice(site: Path) -> None:
    (site / "onnxruntime").unlink()
    (site / "hibari").symlink_to(voice_folder())
    said = run(MISSING.format(site=str(site))).splitlines()
    assert said[0].startswith("False")
    assert "onnxruntime is not installed" in said[1]
