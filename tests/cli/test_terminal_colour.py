"""Colour: where it is wanted, never alone, and on each stream for itself."""

import os
import re
import shutil
import subprocess
from dataclasses import replace

import pytest

from pipeline.core.purchase.attempt import State
from tests.builders import songs, write_manifest
from tests.cli.seeing import ESCAPE, at_terminal, inside
from tests.cli.shelves import known
from tests.command import Songmake

TERMINAL = {"TERM": "xterm-256color"}


@pytest.fixture
def shown(shop: Songmake) -> Songmake:
    """Three songs: one to buy, one that failed, one in doubt."""
    write_manifest(shop.project, songs(3))
    states = (None, State.FAILED, State.IN_DOUBT)
    known(shop.project, lambda place, take: states[place], error="it went wrong")
    return shop


def under(shop: Songmake, **variables: str) -> Songmake:
    return replace(shop, environment={**shop.environment, **TERMINAL, **variables})


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text).replace("\r\n", "\n")


@pytest.mark.parametrize("command", ["plan", "status"])
def test_colours_say_nothing_that_the_words_do_not(shown: Songmake, command: str):
    coloured = inside(shown, "--color", "always", command).out
    assert ESCAPE in coloured
    assert plain(coloured) == inside(shown, command).out


@pytest.mark.parametrize(
    ("words", "variables", "is_coloured"),
    [
        (("plan",), {}, False),
        (("plan", "--color=always"), {}, True),
        (("--color=always", "plan"), {"NO_COLOR": "1"}, True),
        (("--color=always", "plan", "--color=never"), {}, False),
        (("plan",), {"SONGMAKE_COLOR": "always"}, True),
        (("plan", "--color", "never"), {"SONGMAKE_COLOR": "always"}, False),
        (("plan",), {"FORCE_COLOR": "1"}, True),
        (("plan",), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (("plan", "--json", "--color=always"), {}, False),
    ],
)
def test_off_a_terminal_colour_is_there_on_request(
    shown: Songmake, words: tuple[str, ...], variables: dict[str, str], is_coloured: bool
):
    ended = inside(under(shown, **variables), *words)
    assert ended.code == 0, ended.err
    assert (ESCAPE in ended.out) is is_coloured


@pytest.mark.parametrize(
    ("variables", "is_coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False),
     ({"SONGMAKE_COLOR": "never"}, False)],
)  # fmt: skip
def test_a_terminal_is_coloured_unless_it_cannot_or_should_not(
    shown: Songmake, variables: dict[str, str], is_coloured: bool
):
    code, seen = at_terminal(under(shown, **variables), ("status",))
    assert code == 0
    assert (ESCAPE in seen) is is_coloured
    assert "next: songmake render --replace 'album/song-2#1'" in plain(seen)


def test_each_stream_is_judged_for_itself(shown: Songmake):
    ours, theirs = os.openpty()
    process = under(shown).start("status", stdout=subprocess.PIPE, stderr=theirs)
    out, _ = process.communicate(timeout=60)
    assert "next: " in out
    assert ESCAPE not in out
    process = under(shown).start("status", "-s", "nothing", stdout=theirs, stderr=subprocess.PIPE)
    _, errors = process.communicate(timeout=60)
    os.close(theirs)
    os.close(ours)
    assert errors.startswith("error: 'nothing' matches no take")
    assert ESCAPE not in errors


def test_an_error_of_the_command_line_itself_is_coloured_too(shown: Songmake):
    ended = inside(shown, "--color=always", "plan", "--nonsense")
    assert ended.code == 2
    assert ended.err.startswith(f"{ESCAPE}31m")


def test_a_colour_that_there_is_not_is_an_error(shown: Songmake):
    ended = inside(shown, "--color=sometimes", "plan")
    assert ended.code == 2
    assert "'sometimes' is not one of 'auto', 'always', 'never'\n" in ended.err


def test_what_others_wrote_gives_no_orders_to_the_terminal(bought: Songmake):
    lock = bought.project / "manifests/album.lock.json"
    text = lock.read_text(encoding="utf-8")
    orders = r"it went wrong\u001b]0;mine\u0007\u001b[2J\u009b2J\u202e\u2028"
    head, mark, rest = text.partition('"state":"stored"')
    failed = rest.replace('"error":null', f'"error":"{orders}"', 1)
    failed = re.sub(r'"audio":{[^}]*}', '"audio":null', failed, count=1)
    lock.write_text(f'{head}"state":"failed"{failed}', encoding="utf-8")
    assert mark
    for name in (".songmake", "outputs"):
        shutil.rmtree(bought.project / name)
    for words in (("render", "--frozen"), ("status",), ("plan",), ("doctor", "--offline")):
        ended = inside(bought, "--color", "always", *words)
        assert not set("\x07\x9b\u202e\u2028") & set(ended.said), words
        assert ESCAPE not in plain(ended.said), words
        if words[0] == "render":
            assert "it went wrong<U+001B>]0;mine<U+0007>" in ended.err
