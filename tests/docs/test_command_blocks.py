"""Every command block of the documents is typed into a shell, and does what the document shows."""

from __future__ import annotations

import re
import shutil
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.command import ROOT
from tests.docs.blocks import Command, File, Happening, is_printed, steps_of
from tests.docs.changing import changed
from tests.docs.happenings import MANNERS, happen
from tests.docs.shell import Shell, add_command
from tests.vendor.client import Vendor

DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "ARCHITECTURE.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
WITH_COMMANDS = [path for path in DOCUMENTS if "```console" in path.read_text(encoding="utf-8")]
DROPPED = {  # a sketch is dear: seconds of work
    "README.md": ("last-stop", "low-water", "first-light"),
    "rehearsal.md": ("streetlights", "low-water", "first-light"),
}
PORT = "8765"  # what documents let a server listen on


@pytest.fixture(scope="module")
def vendor() -> Iterator[Vendor]:
    with Vendor(key="your-key", **MANNERS) as started:
        yield started
        assert started.complaints() == ""


@pytest.fixture
def place(document: Path, tmp_path: Path) -> Path:
    """A clone as a reader has it, installed; the songs are cut short, and few are sketched."""
    home = tmp_path / "home"
    clone = home / "songmake"
    (clone / ".git").mkdir(parents=True)
    for name in ("manifests", "schemas", "docs"):
        shutil.copytree(ROOT / name, clone / name, ignore=shutil.ignore_patterns("*.lock.json"))
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy2(ROOT / name, clone / name)
    cut_short(clone / "manifests", dropped=DROPPED.get(document.name, ()))
    bin_ = clone / ".venv" / "bin"
    bin_.mkdir(parents=True)
    add_command(bin_ / "songmake")
    (bin_ / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n', encoding="utf-8")
    (bin_ / "python").chmod(0o755)
    (bin_ / "activate").touch()
    for name in ("pyvenv.cfg", ".installed"):
        (clone / ".venv" / name).touch()
    return clone


def cut_short(manifests: Path, *, dropped: Sequence[str]) -> None:
    """A line or two of every song, and quickly, are enough to know that it was sung."""
    album = manifests / "small-hours.yaml"
    text = album.read_text(encoding="utf-8")
    short = re.sub(r"(lyrics: \|\n(?:      \[.*\n)+      .*\n)(?:      .*\n)+", r"\1", text)
    for name in dropped:
        short = re.sub(rf"(?m)^  {name}:\n(?:(?:    .*)?\n)+", "", short)
        assert f"{name}:" not in short
    short = re.sub(r"\d+ BPM", "240 BPM", short)
    assert len(short) < len(text)
    album.write_text(short, encoding="utf-8")
    words = manifests / "lyrics" / "low-water.txt"
    lines = words.read_text(encoding="utf-8").splitlines()
    words.write_text("\n".join(lines[:2]) + "\n", encoding="utf-8")


@pytest.mark.parametrize("document", WITH_COMMANDS, ids=lambda path: path.name)
def test_what_a_document_tells_to_type_does_what_it_says(
    document: Path, place: Path, vendor: Vendor, tmp_path: Path
):
    vendor.reset()
    environment = {
        "HOME": str(place.parent), "LANG": "C.UTF-8", "AIMLAPI_BASE_URL": vendor.api_url,
        "AIMLAPI_KEY": vendor.key, "SONGMAKE_POLL_INTERVAL": "0.05",
    }  # fmt: skip
    with Shell(place, environment, aside=tmp_path) as shell, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
        free.close()
        for step in steps_of(document):
            where = f"{document.relative_to(ROOT)}:{step.line}"
            match step:
                case Command():
                    fill_in(step, vendor, port)
                    type_it(step, shell, vendor, where)
                case File():
                    write_it(step, place)
                case Happening():
                    happen(step, vendor=vendor, project=place.parent)
    assert vendor.ledger().violations == ()


def fill_in(command: Command, vendor: Vendor, port: str) -> None:
    """What a reader sees on their own machine: a free port, the id of the last generation."""
    command.text = command.text.replace(PORT, port)
    command.printed = [line.replace(PORT, port) for line in command.printed]
    if "--generation ID" in command.text:
        last = vendor.ledger().accepted[-1].id
        command.text = command.text.replace("--generation ID", f"--generation {last}")


def type_it(command: Command, shell: Shell, vendor: Vendor, where: str) -> None:
    """Types a command; fails where its end or its words are not the document's."""
    posts = vendor.ledger().posts
    match command.signal:
        case "killed":
            code, output = shell.type(command.text, until=lambda _: vendor.ledger().posts > posts)
        case "Ctrl-C":
            code, output = shell.type(
                command.text, until=lambda text: "submitted" in text, number=signal.SIGINT
            )
        case _ if re.search(r"&\s*(#|$)", command.text):
            code, output = shell.type(command.text, until=is_under_way)
        case _:
            code, output = shell.type(command.text)
    told = f"{where}: $ {command.text}\n{output}(exit {code})"
    assert code == command.code, f"{told}\nthe document: exit {command.code}"
    assert "Traceback" not in output, told
    if command.printed:
        shown = "\n".join(command.printed)
        assert is_printed(command.printed, output), f"{told}\nthe document:\n{shown}"


def is_under_way(text: str) -> bool:
    return "submitted" in text or "listening" in text


def write_it(file: File, place: Path) -> None:
    path = place / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    if file.is_change:
        path.write_text(changed(path.read_text(encoding="utf-8"), file.text), encoding="utf-8")
    else:
        path.write_text(file.text, encoding="utf-8")


def test_what_is_shown_is_all_that_is_printed():
    assert is_printed(["a", "…", "b …"], "a\nmore\nand more\nb 12\n")
    assert is_printed(["2026-11-27T08:32:08Z song#1"], "2031-01-31T23:59:59Z song#1\n")
    assert not is_printed(["a"], "a\nb\n")
    assert not is_printed(["a", "b"], "a\n")
    assert not is_printed(["3 takes"], "4 takes\n")
