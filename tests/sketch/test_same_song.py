"""The same request is the same bytes, whoever renders it, and nobody needs a network for it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.sketch.audio import AudioSpec
from pipeline.sketch.engine import render
from pipeline.sketch.performance import performance_seed
from tests.sketch.running import CLIENT, running, workers_of
from tests.sketch.songs import LYRICS, PROMPT, body

WAV = {"audio_setting": {"format": "wav", "sample_rate": 16000}}
DIGESTS = {"first take": "1" * 32, "second take": "2" * 32, "next revision": "3" * 32}
IDS = {
    **{name: f"sm1.{digest}.1" for name, digest in DIGESTS.items()},
    "replacement": f"sm1.{DIGESTS['first take']}.2",
}
# Loaded by every Python that is started with this folder on its path.
CUT_OFF = """
import os, socket
from pathlib import Path
here = Path(__file__).parent
(here / f"{os.getpid()}.cut-off").touch()
def refusing(real):
    def checked(self, *arguments):
        address = arguments[-1]
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1"):
            (here / "reached-out").touch()
            raise OSError(f"there is no network: {address}")
        return real(self, *arguments)
    return checked
for name in ("connect", "connect_ex", "sendto"):
    setattr(socket.socket, name, refusing(getattr(socket.socket, name)))
def nameless(host, *_, **__):
    if host not in (None, "127.0.0.1", "::1", "localhost"):
        (here / "reached-out").touch()
        raise OSError(f"there is no network: {host}")
    return real_getaddrinfo(host, *_, **__)
real_getaddrinfo, socket.getaddrinfo = socket.getaddrinfo, nameless
"""


@pytest.fixture
def cut_off(tmp_path: Path) -> Path:
    """A folder that keeps every Python process that has it on its path from the network."""
    folder = tmp_path / "cut-off"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(CUT_OFF, encoding="utf-8")
    return folder


def test_eight_songs_at_once_are_each_what_they_are_alone_and_need_no_network(
    tmp_path: Path, cut_off: Path
) -> None:
    path = os.pathsep.join([str(cut_off), str(Path(__file__).resolve().parents[2])])
    with running(tmp_path / "jobs", environment={"PYTHONPATH": path}) as server:
        order = [*IDS, *reversed(IDS)]
        jobs = [
            server.submit(f"{IDS[name]}.nonce{number}", **WAV, prompt=PROMPT)
            for number, name in enumerate(order)
        ]
        songs: dict[str, set[bytes]] = {name: set() for name in IDS}
        for name, job in zip(order, jobs, strict=True):
            songs[name].add(CLIENT.get(server.finished(job)["audio_file"]["url"]).content)
        workers = workers_of(tmp_path / "jobs")
    assert {name: len(found) for name, found in songs.items()} == dict.fromkeys(IDS, 1)
    assert len(set.union(*songs.values())) == len(IDS)
    assert workers
    assert {(cut_off / f"{pid}.cut-off").exists() for pid in workers} == {True}
    assert not (cut_off / "reached-out").exists()

    sent = body(**WAV, prompt=PROMPT)
    alone = render(
        PROMPT, LYRICS, AudioSpec(format="wav", sample_rate=16000),
        performance_seed(sent, f"{IDS['second take']}.another"),
    )  # fmt: skip
    assert songs["second take"] == {alone.audio}
