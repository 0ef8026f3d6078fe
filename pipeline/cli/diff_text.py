"""A changed request as text: old → new for fields, ``[-old-]{+new+}`` for the words of texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from pipeline.cli.painting import Painter, Tone
from pipeline.cli.table import INDENT
from pipeline.core.findings.columns import broken, clipped, shown
from pipeline.core.findings.phrases import counted
from pipeline.core.purchase.request_diff import TEXTS, Change, Line, Run, word_diff

AROUND = 1  # lines of context on each side of a change
LONGEST_RUN = 14  # words that stayed the same, before the middle of them is left out
KEPT_WORDS = 5  # on each side of it
MARKS = {Change.SAME: ("", ""), Change.GONE: ("[-", "-]"), Change.NEW: ("{+", "+}")}
TONES = {Change.SAME: Tone.PLAIN, Change.GONE: Tone.GONE, Change.NEW: Tone.NEW}


def diff_lines(diff: Mapping[str, Any], *, width: int, paint: Painter) -> Iterator[str]:
    """What ``plan --json --diff`` says of one take, indented."""
    if diff["fields"] is None:
        yield f"{INDENT}what was bought before came from a report that does not say its request"
        return
    for field in diff["fields"]:
        yield from _field(field, width, paint)


def _field(field: Mapping[str, Any], width: int, paint: Painter) -> Iterator[str]:
    name, before, now = field["name"], field["before"], field["now"]
    if name not in TEXTS:
        old, new = paint(_word(before), Tone.GONE), paint(_word(now), Tone.NEW)
        yield f"{INDENT}{name}: {old} → {new}"
        return
    yield f"{INDENT}{name}:"
    lines = word_diff(before, now)
    for line in _folded(lines):
        if isinstance(line, int):
            same = f"… {counted(line, 'line')} unchanged"
            yield f"{INDENT}  {paint(same, Tone.QUIET)}"
        else:
            yield from _wrapped(line, width, paint)


def _word(value: Any) -> str:
    if value is None:
        return "none"
    return shown(str(value).lower() if isinstance(value, bool) else str(value))


def _folded(lines: Sequence[Line]) -> Iterator[Line | int]:
    """Lines that changed with a little around them; elsewhere, how many stayed the same."""
    near = {
        place
        for at, line in enumerate(lines)
        if any(run.change is not Change.SAME for run in line)
        for place in range(at - AROUND, at + AROUND + 1)
    }
    left_out = 0
    for at, line in enumerate(lines):
        if at not in near:
            left_out += 1
            continue
        if left_out:
            yield left_out
            left_out = 0
        yield line
    if left_out:
        yield left_out


def _wrapped(line: Line, width: int, paint: Painter) -> Iterator[str]:
    """One line of a text with its runs marked; each row of it is painted for itself."""
    margin, room = f"{INDENT}  ", width - len(INDENT) - 2
    if all(run.change is Change.SAME for run in line):
        yield (margin + clipped("".join(run.text for run in line), room)).rstrip()
        return
    text, tones = _marked(line)
    for first, end in broken(text, room):
        spans = groupby(range(first, end), key=lambda at: tones[at])
        painted = (paint("".join(text[at] for at in places), tone) for tone, places in spans)
        yield (margin + "".join(painted)).rstrip()


def _marked(line: Line) -> tuple[str, list[Tone]]:
    """The line with ``[-gone-]`` and ``{+new+}``, and the tone of each of its characters."""
    text, tones = "", []
    for at, run in enumerate(line):
        opening, closing = MARKS[run.change]
        body = _shortened(run, is_first=at == 0, is_last=at == len(line) - 1)
        gap = run.text[len(run.text.rstrip()) :] if at < len(line) - 1 else ""
        is_replaced = (
            run.change is Change.GONE and line[at + 1 :] and (line[at + 1].change is Change.NEW)
        )
        added = f"{opening}{body}{closing}"
        text += added + ("" if is_replaced else gap)
        tones += [TONES[run.change]] * len(added)
        tones += [Tone.PLAIN] * (len(text) - len(tones))
    return text, tones


def _shortened(run: Run, *, is_first: bool, is_last: bool) -> str:
    """The run's words; of a long one that stayed the same, those next to a change."""
    words = shown(run.text).split()
    if run.change is not Change.SAME or len(words) <= LONGEST_RUN:
        return shown(run.text).strip()
    head = [] if is_first else words[:KEPT_WORDS]
    tail = [] if is_last else words[-KEPT_WORDS:]
    return " ".join((*head, "…", *tail))
