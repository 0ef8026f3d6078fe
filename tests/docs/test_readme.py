"""The README's tables are held against the program."""

from __future__ import annotations

import re
import subprocess

from pipeline.cli.main import COMMANDS
from pipeline.errors import ExitCode
from tests.command import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_lists_every_command_and_no_other():
    listed = set(re.findall(r"^\| `songmake (\w+)", README, re.MULTILINE))
    assert listed == set(COMMANDS)


def test_the_readme_lists_every_exit_code():
    table = README.split("## How a run ends")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ([\d, ]+) \|", table, re.MULTILINE)
    listed = {int(code) for row in rows for code in row.split(",")}
    assert listed == {int(code) for code in ExitCode}


def test_every_make_target_that_the_readme_names_exists():
    targets = set(re.findall(r"^([a-z ]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    known = {name for line in targets for name in line.split()}
    named = re.search(r"With `make`: (.*?)\. `ARGS", README, re.DOTALL)
    assert named is not None
    assert set(re.findall(r"`(\w+)`", named[1])) <= known


def test_make_help_names_every_target():
    targets = set(re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE))
    ended = subprocess.run(
        ("make", "--no-print-directory", "help"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    told = set(re.findall(r"\w+", ended.stdout))
    assert {name for line in targets for name in line.split()} - {"help"} <= told


def test_the_readme_is_read_in_one_sitting():
    assert len(README.splitlines()) < 250
