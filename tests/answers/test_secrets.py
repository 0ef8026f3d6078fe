"""Neither the key nor a signed query is anywhere but on the wire, whatever the answers echo."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.answers.shop import Shop, mark, open_shop, songs_called
from tests.builders import write_manifest
from tests.command import Songmake

QUERY = "Expires=1776355687&OSSAccessKeyId=LTAI5tSecretId&Signature=QLCM2D4LO3kSecret%3D"
SIGNED = f"https://cdn.example/moose/song.mp3?{QUERY}"
TRACES = ("Signature=", "OSSAccessKeyId", "LTAI5t", "QLCM2D4LO3k", "Expires=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """What a nasty run left behind."""

    shop: Shop
    said: str
    command_lines: frozenset[str]


def process_tree(root: int) -> set[int]:
    """A process and all its descendants, as /proc shows them now."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                stat = (folder / "stat").read_text(encoding="utf-8", errors="replace")
                parents[int(folder.name)] = int(stat.rpartition(")")[2].split()[1])
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


class Watch:
    """Collects the command lines of a process and its children while it runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.command_lines: set[str] = set()
        self.environments: set[str] = set()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._is_over.wait(0.05):
            for pid in process_tree(self._process.pid):
                with contextlib.suppress(OSError):
                    self.command_lines.add(
                        Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace")
                    )
                    self.environments.add(
                        Path(f"/proc/{pid}/environ").read_text("utf-8", "replace")
                    )


def watched(songmake: Songmake, *words: str) -> tuple[str, Watch, int]:
    """All that a run said, its watch, and its exit code."""
    process = songmake.start(*words, is_fresh=True)
    with Watch(process) as watch:
        out, err = process.communicate(timeout=90)
    return out + err, watch, process.returncode


def spoil(shop: Shop) -> None:
    """Every answer that can echo something echoes the key and a signed link."""
    key, fault = shop.vendor.key, shop.vendor.fault
    echo = f"key {key} may not; see {SIGNED} or //cdn.example/song.mp3?{QUERY}"
    cut = f"{'x' * 175} {key} {'x' * 20}"
    bearer = {"X-Echo": f"Bearer {key}", "Set-Cookie": f"link={QUERY}"}
    fault("post", "422", match=mark("rejected"), message=echo, headers=bearer)
    fault("post", "400", match=mark("cut"), message=cut)
    fault("post", "429", match=mark("throttled"), message=echo, retry_after=f"0 {key}")
    fault("post", "accept_then_500", match=mark("lost"), message=echo, body="problem")
    fault("post", "500", match=mark("doubtful"), message=echo, body="message")
    fault("post", "redirect", match=mark("moved"), location=f"{SIGNED}&key={key}")
    fault("poll", "error_status", match=mark("failed"), message=echo, value=key)
    fault("poll", "unknown_status", match=mark("odd"), value=f"waiting {key} {SIGNED}")
    fault("poll", "bad_url_scheme", match=mark("scheme"), value=f"file:///{key}?{QUERY}")
    fault("poll", "500", match=mark("unwell"), message=echo)
    fault("cdn", "403", match=mark("dead"), message=echo, body="problem", times=None)
    fault("cdn", "garbage", match=mark("garbage"))
    away = SIGNED.replace("https://cdn.example", shop.vendor.cdn_url)
    fault("cdn", "redirect", match=mark("redirected"), location=away, headers=bearer)
    fault("cdn", "html200", match=mark("html"))
    fault("logs", "404", skip=1, times=None, message=echo)
    fault("billing", "500", times=None, message=echo, headers=bearer)
    fault("models", "500", times=None, message=echo, headers=bearer)
    fault("deprecations", "404", times=None, message=echo)
    fault("transactions", "403", times=None, message=echo, headers=bearer)


NAMES = (
    "fine", "rejected", "cut", "throttled", "lost", "doubtful", "moved", "failed", "odd", "scheme",
    "unwell", "dead", "garbage", "redirected", "html",
)  # fmt: skip
WORDS = ("render", "--yes", "--poll-interval", "0.05", "-j", "20")


@pytest.fixture(scope="module")
def aftermath() -> Iterator[Aftermath]:
    with open_shop() as shop:
        shop.offer("early")
        shop.vendor.fault("post", "401", message=f"bad key {shop.vendor.key}")
        said = shop.songmake.render("--json").said
        shop.offer("early", *NAMES)
        spoil(shop)
        more, watch, code = watched(shop.songmake, *WORDS)
        assert code == 3, more
        said += more
        for words in (
            ("settle", "doubtful#1", "--generation", "unknown"),
            ("status", "--json"),
            ("plan", "--preflight", "--replace", "failed"),
            ("report", "--reconcile"),
            ("report", "--reconcile", "--json"),
            ("verify",),
        ):
            said += shop.songmake(*words).said
        yield Aftermath(shop=shop, said=said, command_lines=frozenset(watch.command_lines))


def leaks(text: str, key: str) -> list[str]:
    """Which secrets a text holds; eight signs of the key in a row are a leak already."""
    parts = {key[place : place + 8] for place in range(len(key) - 7)}
    return sorted(one for one in (*TRACES, *parts) if one in text)


def test_the_run_met_every_kind_of_echo(aftermath: Aftermath) -> None:
    states = aftermath.shop.songmake.states()
    assert {states[f"{name}#1"] for name in ("rejected", "cut")} == {"rejected"}
    assert states["failed#1"] == "failed"
    assert states["doubtful#1"] == "in_doubt"
    assert states["fine#1"] == "published"
    assert "the account was refused" in aftermath.said
    for part in ("balance cannot be read (HTTP 500", "catalogue does not answer (HTTP 500"):
        assert aftermath.said.count(part) >= 2
    assert "ledger was not read to its end (HTTP 403" in aftermath.said


def test_no_file_holds_the_key_or_a_signed_query(aftermath: Aftermath) -> None:
    project, key = aftermath.shop.project, aftermath.shop.vendor.key
    files = [path for path in project.rglob("*") if path.is_file()]
    assert len(files) > 20
    found = {
        str(path.relative_to(project)): held
        for path in files
        if (held := leaks(f"{path}\n{path.read_bytes().decode('latin-1')}", key))
    }
    assert found == {}


def test_nothing_that_was_said_holds_the_key_or_a_signed_query(aftermath: Aftermath) -> None:
    assert leaks(aftermath.said, aftermath.shop.vendor.key) == []


def test_no_command_line_holds_the_key(aftermath: Aftermath) -> None:
    assert aftermath.command_lines != frozenset()
    assert [
        line for line in aftermath.command_lines if leaks(line, aftermath.shop.vendor.key)
    ] == []


def test_neither_key_nor_signed_query_left_its_place_on_the_wire(aftermath: Aftermath) -> None:
    ledger = aftermath.shop.vendor.ledger()
    assert set(ledger.violation_kinds) <= {"link_altered"}, ledger.violations
    for place in ("cdn", "models", "deprecations"):
        assert ledger.of(place)
        assert not any(one.has_key for one in ledger.of(place))


def test_the_embedded_engine_s_key_is_on_no_command_line_and_in_no_file(project: Path) -> None:
    write_manifest(project, songs_called("one"), provider="sketch")
    songmake = Songmake(project=project, environment={})
    said, watch, code = watched(songmake, "render", "--yes")
    assert code == 0, said
    variables = {pair for one in watch.environments for pair in one.split("\0")}
    keys = {pair.partition("=")[2] for pair in variables if pair.startswith("SONGMAKE_SKETCH_KEY=")}
    assert len(keys) == 1
    (key,) = keys
    assert len(watch.command_lines) >= 2
    assert [line for line in watch.command_lines if leaks(line, key)] == []
    assert leaks(said, key) == []
    for path in project.rglob("*"):
        if path.is_file():
            held = path.read_bytes()
            assert key.encode() not in held, path
            assert b"Signature=" not in held, path
