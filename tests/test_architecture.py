"""Rules of the house that no linter knows."""

import ast
from pathlib import Path

import pytest

from tests.command import ROOT

MOST_LINES = 400
MODULES = sorted((ROOT / "pipeline").rglob("*.py"))
VAGUE = {"data", "info", "item", "manager", "handler", "helper", "helpers", "utils", "process"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_says_what_it_is_for_and_is_small(path: Path):
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), f"{name_of(path)} has no docstring"
    lines = len(text.splitlines())
    assert lines <= MOST_LINES, f"{name_of(path)} has {lines} lines"
    assert path.stem not in VAGUE


def test_every_test_is_a_sentence():
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_test = isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
            if is_test and isinstance(node, ast.FunctionDef):
                assert node.name.count("_") >= 3, f"{name_of(path)}: {node.name}"


def test_sql_is_in_sql_files():
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not node.value.startswith(("INSERT ", "UPDATE ", "DELETE FROM")), path
