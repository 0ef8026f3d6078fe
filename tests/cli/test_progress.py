"""What a person sees of a run, on a real pseudo-terminal that an emulator draws."""

from __future__ import annotations

import os
import re
import signal
from dataclasses import replace

import pytest

from tests.builders import songs, write_manifest
from tests.cli.seeing import ESCAPE, again
from tests.cli.terminals import Terminal, on_terminal
from tests.command import Songmake
from tests.vendor.client import Vendor

RENDER = ("render", "--yes", "--poll-interval", "0.1")
STAMPED = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ \S")


@pytest.fixture
def screen(shop: Songmake) -> Songmake:
    """The shop, for commands that run on a terminal."""
    return replace(shop, environment={**shop.environment, "TERM": "xterm-256color"})


def assert_clean(terminal: Terminal) -> None:
    """No bar is left, the cursor is seen and stands at the beginning of a free line."""
    assert "[00:" not in terminal.everything
    assert "submitted  " not in terminal.everything
    assert (terminal.screen.cursor.x, terminal.screen.cursor.hidden) == (0, False)
    assert terminal.screen.display[terminal.screen.cursor.y].strip() == ""


def test_fifty_songs_in_flight_in_a_window_that_changes_and_an_interrupt(
    screen: Songmake, vendor: Vendor
):
    write_manifest(screen.project, songs(3), budget_usd=20)
    assert screen.render("--quiet").code == 0
    vendor.set(seconds=300.0)
    write_manifest(screen.project, songs(53), budget_usd=20)
    words = (*RENDER, "--jobs", "50", "--max-cost", "12")
    with on_terminal(screen, *words, is_controlling=True) as terminal:
        shown = terminal.until(lambda text: "and 42 more" in text)
        assert sum("submitted" in line for line in shown.splitlines()) == 8
        shown = terminal.until(lambda text: "longer than usual" in text)
        assert "3/53 [" in shown
        assert "$0.585 charged, $9.75 held of $20.00 · this run $9.75 of $12.00" in shown
        terminal.resize(columns=44, rows=8)
        shown = terminal.until(lambda text: "and 46 more" in text)
        terminal.resize(columns=100, rows=30)
        terminal.until(lambda text: "and 42 more" in text)
        terminal.type("\x03")
        assert terminal.ended() == 130
        assert_clean(terminal)
        words = terminal.everything.splitlines()
        said = words[words.index("this run: $9.75 held") - 1 :]
    happened, spent, place, ears, listen, *_, reason, hint = said
    assert listen.startswith("listen: file:///")
    assert happened == "3 of 53 takes published (3 written again), 50 under way"
    assert spent == "this run: $9.75 held"
    assert place == "outputs/album/ · $0.585 charged, $9.75 held of $20.00"
    assert ears == "needs an ear: song-1#1, song-2#1, song-3#1; songmake status says why"
    assert reason == "interrupted: nothing is lost (exit 130)"
    assert hint == "hint: to go on where it was: songmake render"
    assert "\x1b[?25l" not in terminal.raw


def test_a_warning_stands_whole_above_the_songs_in_flight(screen: Songmake, vendor: Vendor):
    write_manifest(screen.project, songs(2))
    vendor.set(seconds=1.0)
    vendor.fault("poll", "unknown_status", match="81 BPM", value="humming")
    vendor.fault("post", "429", retry_after="2", match="82 BPM")
    warning = "warning: unknown status 'humming' is taken as still running"
    with on_terminal(screen, *RENDER, "--jobs", "2") as terminal:
        terminal.until(lambda text: "waiting" in text and "patience" in text)
        shown = terminal.until(lambda text: warning in text and "song-1#1 " in text).splitlines()
        assert shown.index(warning) < next(n for n, line in enumerate(shown) if "/2 [" in line)
        assert terminal.ended() == 0
        assert_clean(terminal)
    assert terminal.everything.splitlines().count(warning) == 1
    assert "2 of 2 takes published (2 new)" in terminal.everything


def test_a_second_interrupt_leaves_the_terminal_clean_too(screen: Songmake, vendor: Vendor):
    write_manifest(screen.project, songs(1))
    vendor.set(answer_latency_s=25.0)
    with on_terminal(screen, *RENDER, is_controlling=True) as terminal:
        terminal.until(lambda text: "song-1#1  intent" in text)
        terminal.type("\x03")
        terminal.until(lambda text: "waiting for the answers" in text and "intent" in text)
        terminal.type("\x03")
        assert terminal.ended() == 130
        assert_clean(terminal)
    assert "waiting for the answers to 1 paid requests" in terminal.everything


def test_a_run_that_was_suspended_goes_on_below_what_the_shell_wrote(
    screen: Songmake, vendor: Vendor
):
    vendor.set(seconds=300.0)
    write_manifest(screen.project, songs(1))
    with on_terminal(screen, *RENDER) as terminal:
        terminal.until(lambda text: "song-1#1  submitted" in text)
        terminal.process.send_signal(signal.SIGSTOP)
        terminal.stream.feed("[1]+  Stopped\r\n$ fg\r\n")
        terminal.process.send_signal(signal.SIGCONT)
        shown = terminal.until(lambda text: text.count("song-1#1  submitted") == 2).splitlines()
        assert shown.index("$ fg") > shown.index("[1]+  Stopped")
        assert "/1 [" in shown[shown.index("$ fg") + 1]
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.ended() == 130


def test_results_can_be_piped_while_the_bar_is_on_the_terminal(screen: Songmake):
    write_manifest(screen.project, songs(1))
    reader, writer = os.pipe()
    with on_terminal(screen, *RENDER, stdout=writer) as terminal:
        os.close(writer)
        assert terminal.ended() == 0
        assert any("/1 [" in frame for frame in terminal.frames)
        assert "published" not in terminal.everything
    with os.fdopen(reader) as piped:
        said = piped.read()
    assert said.startswith("1 of 1 takes published (1 new)\nthis run: $0.195 charged\n")
    assert ESCAPE not in said


def test_a_log_can_be_kept_while_the_result_is_on_the_terminal_and_its_page_can_be_clicked(
    screen: Songmake,
):
    write_manifest(screen.project, songs(1), name="a-b")
    page = screen.project / "Meine Lieder #1/a-b/index.html"
    page.parent.mkdir(parents=True)
    page.write_text("a page")
    reader, writer = os.pipe()
    words = (*RENDER, "--output", "Meine Lieder #1")
    with on_terminal(screen, *words, columns=300, stderr=writer) as terminal:
        os.close(writer)
        assert terminal.ended() == 0
        uri = f"file://{screen.project.resolve()}/Meine%20Lieder%20%231/a-b/index.html"
        assert f"\x1b]8;;{uri}\x1b\\{uri}\x1b]8;;\x1b\\" in terminal.raw
        assert terminal.everything.splitlines()[-1].startswith("listen: ")
    with os.fdopen(reader) as kept:
        log = kept.read().splitlines()
    changes = [line for line in log if "a-b/song-1#1" in line]
    assert [line.split()[2] for line in changes] == ["intent", "submitted", "ready", "published"]
    assert all(STAMPED.match(line) for line in changes)
    assert ESCAPE not in "".join(log)


@pytest.mark.parametrize("words", [("--progress", "lines"), ("--progress", "none"), ("--quiet",)])
def test_a_terminal_without_a_bar_if_that_is_wished(screen: Songmake, words: tuple[str, ...]):
    write_manifest(screen.project, songs(1))
    with on_terminal(screen, *RENDER, *words) as terminal:
        assert terminal.ended() == 0
    assert "/1 [" not in terminal.raw
    is_stamped = any(STAMPED.match(line) for line in terminal.everything.splitlines())
    assert is_stamped is ("lines" in words)


def test_a_terminal_that_cannot_be_painted_on_gets_lines(screen: Songmake):
    write_manifest(screen.project, songs(1))
    dumb = replace(screen, environment={**screen.environment, "TERM": "dumb"})
    with on_terminal(dumb, *RENDER, "--progress", "bar") as terminal:
        assert terminal.ended() == 0
    assert ESCAPE not in terminal.raw
    assert sum(bool(STAMPED.match(line)) for line in terminal.everything.splitlines()) == 4


def test_of_several_albums_the_page_of_all_is_named_once_and_only_if_it_is_there(shop: Songmake):
    for name in ("one", "two"):
        write_manifest(shop.project, songs(1), name=name)
    page = shop.project / "outputs/index.html"
    first = shop.render()
    assert first.code == 0
    assert ("listen: " in first.out) is page.is_file()
    page.write_text("a page")
    listening = [line for line in again(shop).out.splitlines() if line.startswith("listen: ")]
    assert listening == [f"listen: {page.resolve().as_uri()}"]
