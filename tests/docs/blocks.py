"""What a document asks for, in order: commands to type, files to write, things that happen.

    ```console
    $ songmake render --max-cost 1      # exits 5
    the budget stopped buying (exit 5)
    ```

A line that begins with ``$ `` is a command (a backslash continues it); lines below it are what it
prints, all of it, where ``…`` stands for anything: alone on a line for any number of lines. Nothing
below it: what it prints is not looked at. A comment says how it ends if not with 0: ``# exits 5``,
``# killed`` (while a paid request is out), ``# Ctrl-C`` (while a song is being rendered).

Comments of Markdown, which no reader sees, say the rest, each for the block below it:

``<!-- file: PATH -->`` the block is written there; ``<!-- change: PATH -->`` it is a difference,
and made there; ``<!-- not run: REASON -->``. And these stand alone: ``<!-- provider: FAULTS -->``
(see :mod:`tests.docs.happenings`), ``<!-- an hour passes -->``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from docs.generator.markdown import HEADER

_MARK = re.compile(
    r"<!-- (?P<word>file|change|not run|provider|an hour passes)(: ?(?P<rest>.*?))? ?-->"
)
_FENCE = re.compile(r"\s*```(?P<kind>\w*)\s*$")
_ENDS = re.compile(r"#\s*(?:.*\s)?(?:exits (?P<code>\d+)|(?P<killed>killed)|(?P<stopped>Ctrl-C))\b")
_MOMENT = r"(?:\\d{4}-\\d\\d-\\d\\dT)?\\d\\d:\\d\\d:\\d\\d"
_TYPED = re.compile(r"^(\$ |songmake |make |pip install|export )")


@dataclass(slots=True, kw_only=True)
class Command:
    """Something to type; ``signal`` is what ends it from outside."""

    line: int
    text: str
    code: int = 0
    signal: str | None = None
    printed: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file to write, or, if it ``is_change``, lines of one to change."""

    line: int
    path: str
    text: str
    is_change: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that happens to the reader: the provider's day, or time."""

    line: int
    word: str
    rest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A block that cannot be run here."""

    line: int
    reason: str


Step = Command | File | Happening | Skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block with the mark above it."""

    line: int
    kind: str
    lines: tuple[str, ...]
    mark: re.Match[str] | None


def steps_of(document: Path) -> Iterator[Step]:
    """Every step, in order. Raises ``ValueError`` for commands that would not be run."""
    for part in parts_of(document):
        if isinstance(part, Happening):
            yield part
        else:
            yield from _steps(part, document.name)


def parts_of(document: Path) -> Iterator[Block | Happening]:
    """Its fenced blocks, and what happens between them. Raises ``ValueError`` for odd marks."""
    text = document.read_text(encoding="utf-8")
    mark: re.Match[str] | None = None
    block: list[str] | None = None
    kind, began = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        fence = _FENCE.match(line)
        if block is not None and fence:
            yield Block(line=began, kind=kind, lines=tuple(block), mark=mark)
            block = mark = None
        elif block is not None:
            block.append(line)
        elif fence:
            block, kind, began = [], fence["kind"], number
        elif line.startswith("    ") and _TYPED.match(line.strip()):
            raise ValueError(f"line {number}: a command outside of a console block")
        elif found := _MARK.search(line):
            if found["word"] in ("provider", "an hour passes"):
                yield Happening(line=number, word=found["word"], rest=found["rest"] or "")
            else:
                mark = found
        elif line.startswith("<!--") and line != HEADER:
            raise ValueError(f"line {number}: what does {line} mean?")
        elif line.strip() and mark is not None:
            raise ValueError(f"line {number}: no block below {mark[0]}")


def _steps(block: Block, name: str) -> Iterator[Step]:
    word = block.mark["word"] if block.mark else ""
    if word == "not run":
        assert block.mark is not None
        yield Skipped(line=block.line, reason=block.mark["rest"])
    elif word in ("file", "change"):
        assert block.mark is not None
        text = "".join(f"{line}\n" for line in block.lines)
        yield File(line=block.line, path=block.mark["rest"], text=text, is_change=word == "change")
    elif block.kind == "console":
        yield from _commands(block)
    elif any(_TYPED.match(line) for line in block.lines):
        raise ValueError(f"{name}:{block.line}: commands in a block that is not console")


def _commands(block: Block) -> Iterator[Command]:
    command: Command | None = None
    for number, line in enumerate(block.lines, start=block.line + 1):
        if command is not None and command.text.endswith("\\"):
            command.text += f"\n{line}"
        elif line.startswith("$ "):
            if command is not None:
                yield _ended(command)
            command = Command(line=number, text=line.removeprefix("$ "))
        elif command is None:
            raise ValueError(f"line {number}: output before any command")
        else:
            command.printed.append(line)
    if command is not None:
        yield _ended(command)


def _ended(command: Command) -> Command:
    """With what its comment says of its end."""
    said = _ENDS.search(command.text)
    if said and said["code"]:
        command.code = int(said["code"])
    elif said and said["killed"]:
        command.code, command.signal = 137, "killed"
    elif said:
        command.code, command.signal = 130, "Ctrl-C"
    return command


def is_printed(wanted: list[str], output: str) -> bool:
    """Whether a command printed what the document shows; the time of day is anybody's."""
    pattern = "".join(
        r"(?:.*\n)*" if line.strip() == "…" else rf"{_line_pattern(line.rstrip())}[ ]*\n"
        for line in wanted
    )
    return re.fullmatch(pattern, output if output.endswith("\n") else f"{output}\n") is not None


def _line_pattern(line: str) -> str:
    escaped = re.escape(line).replace("…", r".*")
    return re.sub(r"(\d{4}\\-\d\d\\-\d\dT)?\d\d:\d\d:\d\d", _MOMENT, escaped)
