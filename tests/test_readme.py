"""The README's tables are held against the program."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.cli.main import COMMANDS
from pipeline.errors import ExitCode

ROOT = Path(__file__).resolve().parents[1]
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


def test_every_link_inside_the_project_leads_somewhere():
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
