"""What tests look at after a command: files, documents, a terminal."""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import os
import pty
import select
import struct
import sys
import termios
import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from pipeline.adapters.manifest.schema_files import schemas_folder
from pipeline.cli import main
from tests.command import Ended, Songmake

ESCAPE = "\x1b["


@cache
def validator(name: str) -> Draft202012Validator:
    """The validator of one of our documents: ``plan``, ``event``, …"""
    text = (schemas_folder() / f"{name}.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


def valid(document: Any, name: str) -> Any:
    """``document``, if it is as its schema says."""
    findings = [
        f"{error.json_path}: {error.message[:300]}"
        for error in validator(name).iter_errors(document)
    ]
    assert not findings, findings
    return document


def printed(ended: Ended, name: str) -> Any:
    """The valid document on standard output."""
    return valid(json.loads(ended.out), name)


def events(ended: Ended) -> list[dict[str, Any]]:
    """The valid events on standard output."""
    return [valid(json.loads(line), "event") for line in ended.out.splitlines()]


def summary(shop: Songmake) -> dict[str, Any]:
    """The valid ``summary.json``."""
    found: dict[str, Any] = valid(shop.document("summary.json"), "summary")
    return found


def cost(shop: Songmake, album: str = "album") -> dict[str, Any]:
    """An album's valid cost report."""
    found: dict[str, Any] = valid(shop.report(album), "cost-report")
    return found


def files(folder: Path) -> dict[str, bytes]:
    """Every file under a folder with its bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def tracks(shop: Songmake, album: str = "album") -> dict[str, bytes]:
    """The audio files of an album."""
    found = files(shop.project / "outputs" / album)
    return {name: content for name, content in found.items() if name.endswith((".mp3", ".wav"))}


def inside(shop: Songmake, *words: str) -> Ended:
    """The command in this process: many times as quick, for what starts and sends nothing."""
    argv, environment = sys.argv, dict(os.environ)
    out, err = io.StringIO(), io.StringIO()
    sys.argv = ["songmake", *words]
    os.environ.update(shop.environment)
    try:
        with (
            contextlib.chdir(shop.project),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            code = int(main._run())
    finally:
        sys.argv = argv
        os.environ.clear()
        os.environ.update(environment)
    assert "this is a bug" not in err.getvalue(), err.getvalue()
    return Ended(code=code, out=out.getvalue(), err=err.getvalue())


def again(shop: Songmake, *words: str) -> Ended:
    """``songmake render --yes`` in this process."""
    return inside(shop, "render", "--yes", "--poll-interval", "0.05", *words)


def at_terminal(
    shop: Songmake, words: Iterable[str], *, answers: dict[str, str] | None = None
) -> tuple[int, str]:
    """Exit code and everything shown, on a pseudo-terminal; ``answers`` by what is asked."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    try:
        process = shop.start(*words, stdin=theirs, stdout=theirs, stderr=theirs)
    finally:
        os.close(theirs)
    try:
        shown = _converse(ours, dict(answers or {}))
        return process.wait(timeout=30), shown
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def _converse(terminal: int, answers: dict[str, str]) -> str:
    shown, end = "", time.monotonic() + 60
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            block = os.read(terminal, 65536)
        except OSError:
            return shown  # the other end is closed
        if not block:
            return shown
        shown += block.decode(errors="replace")
        for question in [question for question in answers if question in shown]:
            os.write(terminal, answers.pop(question).encode())
    raise AssertionError(f"it never ended: {shown}")
