"""What a shell is told when somebody presses Tab."""

import contextlib
import io
import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.cli.completing import complete
from pipeline.cli.completion_table import FILE, table_text
from pipeline.cli.completion_values import STATES
from pipeline.core.purchase.attempt import State
from tests.builders import song, write_manifest
from tests.cli.seeing import files, inside
from tests.command import ROOT, Songmake

COSTLY = ("asyncio", "httpx", "jsonschema", "sqlite3", "pipeline.runner", "pipeline.core.purchase")


@pytest.fixture
def albums(project: Path) -> Path:
    """Two albums that share a song's id."""
    write_manifest(
        project,
        {"coda": song(takes=3, tags=["closer"]), "intro": song(tags=["opener"])},
        name="small-hours",
    )
    write_manifest(project, {"coda": song(), "river": song()}, name="late", defaults={"takes": 2})
    return project


def cut(word: str) -> int:
    """How much of a word bash has cut off, and does not replace."""
    return max(word.rfind("="), word.rfind(":")) + 1


def asked(project: Path, line: str, shell: str = "fish") -> list[str]:
    """The values that are offered at the end of a line, as the shell's script asks for them."""
    words = line.split(" ")
    questions = {
        "bash": {"COMP_LINE": line, "COMP_FRAGMENT": words[-1][cut(words[-1]) :]},
        "zsh": {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)},
        "fish": {"COMP_WORDS": line, "COMP_CWORD": words[-1]},
    }
    os.environ.update(questions[shell] | {"_SONGMAKE_COMPLETE": f"{shell}_complete"})
    said, complained = io.TextIOWrapper(io.BytesIO()), io.StringIO()
    with (
        contextlib.chdir(project),
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(complained),
    ):
        assert complete() == 0
    assert complained.getvalue() == ""
    said.seek(0)
    lines = said.read().splitlines()
    if shell == "zsh":
        return [value.replace("\\:", ":") for value in lines[1::3]]
    return [each.split(",", 1)[1].split("\t")[0] for each in lines if each]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("songmake rend", ["render"]),
        ("songmake sketch ex", ["explain"]),
        ("songmake render --repl", ["--replace"]),
        ("songmake render --provider a", ["aimlapi"]),
        ("songmake render --provider=s", ["--provider=sketch"]),
        ("songmake plan -s i", ["intro"]),
        ("songmake plan -s ", ["coda", "river", "intro", "tag:closer", "tag:opener"]),
        ("songmake plan -s tag:c", ["tag:closer"]),
        ("songmake render --replace state:f", ["state:failed"]),
        ("songmake plan --select=small-hours/i", ["--select=small-hours/intro"]),
        ("songmake plan -s small-hours/coda#", [f"small-hours/coda#{n}" for n in (1, 2, 3)]),
        ("songmake plan manifests/late.yaml -s ", ["coda", "river"]),
        ("songmake settle i", ["intro#1"]),
        ("songmake adopt river", ["river#1", "river#2"]),
        ("songmake render manifests/l", ["manifests/late.yaml"]),
        ("songmake render ", ["manifests/late.yaml", "manifests/small-hours.yaml"]),
        ("songmake completion z", ["zsh"]),
    ],
)
def test_what_fits_is_offered(albums: Path, shell: str, line: str, offered: list[str]):
    kept = cut(line.split(" ")[-1]) if shell == "bash" else 0
    assert asked(albums, line, shell) == [each[kept:] for each in offered]


def test_the_table_says_what_the_commands_say():
    assert table_text() == FILE.read_text(encoding="utf-8"), (
        "a command's words have changed: make reference"
    )
    assert set(STATES) == set(State)


def test_broken_manifests_are_no_reason_to_say_anything(albums: Path):
    whole = (albums / "manifests/late.yaml").read_text(encoding="utf-8")
    (albums / "manifests/late.yaml").write_text(whole[: whole.index('"river"') + 12] + "\n\t{")
    (albums / "manifests/binary.yaml").write_bytes(bytes(range(256)))
    (albums / "manifests/odd.yaml").write_text(
        "songs: [1, {takes: x}]\ndefaults: 3\nalbum: &a *a\n"
    )
    before = files(albums)
    assert asked(albums, "songmake settle coda#2") == ["coda#2"]
    assert asked(albums, "songmake plan -s r") == ["river"]
    assert asked(albums, "songmake plan nowhere/x") == ["nowhere/x"]
    assert files(albums) == before


def test_a_manifest_of_strangers_puts_nothing_on_the_line_that_a_shell_would_run(albums: Path):
    names = ("co$(id)", "co`id`", 'co"$(id)"', "co'$(id)'", "co\nplain,$(id)", "co\x1b[2J")
    odd = ", ".join(f"{json.dumps(name)}: {{title: x}}" for name in names)
    (albums / "manifests/odd.yaml").write_text(f"songs: {{{odd}}}\n", encoding="utf-8")
    line = "songmake plan manifests/odd.yaml -s "
    for shell in ("bash", "zsh", "fish"):
        assert asked(albums, f"{line}co", shell) == list(names[:4])  # each shell quotes them itself
    assert asked(albums, f'{line}"co', "bash") == []
    assert asked(albums, f"{line}'co", "bash") == list(names[:3])


def test_a_key_press_loads_nothing_that_is_slow(albums: Path):
    program = (
        "import sys\nfrom pipeline.cli.main import main\n"
        "try:\n    main()\nfinally:\n    print(*sorted(sys.modules), file=sys.stderr)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=albums,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "_SONGMAKE_COMPLETE": "bash_complete",
            "COMP_LINE": "songmake render -s cod",
            "COMP_FRAGMENT": "cod",
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert ended.stdout == "plain,coda\n"
    loaded = ended.stderr.split()
    assert "click" in loaded
    assert [name for name in loaded if name.startswith(COSTLY)] == []
    assert sorted(path.name for path in albums.iterdir()) == [".git", "manifests"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_tells_where_it_belongs(albums: Path, shell: str):
    ended = inside(Songmake(project=albums, environment={}), "completion", shell)
    assert (ended.code, ended.err) == (0, "")
    assert f"songmake completion {shell}" in ended.out
    assert f"_SONGMAKE_COMPLETE={shell}_complete" in ended.out
    assert (shell == "zsh") == ended.out.startswith("#compdef songmake\n")
    assert (shell == "fish") == ('string split --max 1 ","' in ended.out)  # help has commas


@contextlib.contextmanager
def a_bash(folder: Path) -> Iterator[int]:
    """An interactive bash on a terminal, that has read our script."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        own = str(Path(sys.executable).parent)
        surroundings = {**os.environ, "PATH": f"{own}:{os.environ['PATH']}", "TERM": "dumb",
                        "PYTHONPATH": str(ROOT), "PS1": "$ "}  # fmt: skip
        os.execvpe("bash", ["bash", "--norc", "--noprofile", "-i"], surroundings)
    try:
        typed(terminal, 'eval "$(songmake completion bash)"; echo re""ady\n', "ready\r\n")
        yield terminal
    finally:
        os.close(terminal)
        os.waitpid(pid, 0)


def typed(terminal: int, text: str, expected: str) -> None:
    """Types, and reads until it stands there."""
    os.write(terminal, text.encode())
    shown, end = "", time.monotonic() + 30
    while expected not in shown:
        assert time.monotonic() < end, f"{text!r}: {shown!r}"
        if select.select([terminal], [], [], 1)[0]:
            shown += os.read(terminal, 65536).decode(errors="replace")


def test_a_real_bash_completes_words_with_its_own_ideas_of_where_they_end(albums: Path):
    clear = "\x15"
    with a_bash(albums) as terminal:
        typed(terminal, "songmake render --sel\t", "--select ")
        typed(terminal, f"{clear}songmake render -s tag:clo\t", "tag:closer ")
        typed(terminal, f"{clear}songmake plan --select=small-hours/in\t", "=small-hours/intro ")
        typed(terminal, f"{clear}songmake settle 'intr\t", "'intro#1' ")
        typed(terminal, f"{clear}songmake plan manifests/sm\t", "manifests/small-hours.yaml ")


def test_every_command_is_offered_with_its_help():
    told = json.loads(FILE.read_text(encoding="utf-8"))["commands"]
    assert told["render"]["help"].startswith("buy, collect and publish")
    assert "[default" not in json.dumps(told)
    assert {"init", "doctor", "completion", "sketch"} < set(told)
