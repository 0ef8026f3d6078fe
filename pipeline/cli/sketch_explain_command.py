"""``songmake sketch explain``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.options import json_option
from pipeline.cli.sketch_options import request_of, song_options
from pipeline.cli.sketch_request import SketchRequest
from pipeline.sketch.audio import AudioSpec

if TYPE_CHECKING:
    from pipeline.sketch.engine import Explanation
    from pipeline.sketch.prompt import Finding

SCHEMA = "songmake/sketch-explanation/1"
_WIDTH, _WIDEST_CELL = 80, 28  # characters of a line, and of any cell but its last


@click.command("explain", short_help="what the engine hears in a prompt and lyrics")
@song_options
@json_option
def command(as_json: bool, **song: Any) -> None:
    """What the engine hears in a song's prompt and lyrics, what it assumes, and the form it gives.

    \b
      songmake sketch explain streetlights
      songmake sketch explain --prompt 'slow blues, 68 BPM' \\
          --lyrics manifests/lyrics/low-water.txt

    SONG is a song of the manifests as --select names it.
    """
    request = request_of(AudioSpec(), **song)
    from pipeline.sketch.engine import explain, write_score

    explanation = explain(request.prompt, request.lyrics, request.seed)
    second = write_score(request.prompt, request.lyrics, request.seed).seconds_per_tick
    if as_json:
        document = _document(request, explanation, second)
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    for line in _lines(request, explanation, second):
        click.echo(line)


def _lines(request: SketchRequest, explanation: Explanation, second: float) -> Iterator[str]:
    yield f"{request.title}: {_clock(explanation.seconds)}"
    for name, findings in (("heard", explanation.heard), ("assumed", explanation.assumed)):
        if findings:
            yield f"\n{name}"
            rows = [(found.field, found.value, _why(name, found)) for found in findings]
            yield from _columns(rows)
    yield "\nform"
    yield from _columns(
        [
            (_clock(part.start * second), part.kind, f"{part.tag or 'added'}",
             f"energy {part.energy_percent} %")
            for part in explanation.sections
        ]
    )  # fmt: skip


def _why(name: str, found: Finding) -> str:
    return f"“{found.why}”" if name == "heard" else found.why


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Aligned rows of at most 80 characters; what is left out of a cell is in ``--json``."""
    widths: list[int] = []
    for column in zip(*rows, strict=True):
        is_last = len(widths) == len(rows[0]) - 1
        room = _WIDTH - sum(widths) - 2 * len(widths) - 2
        widths.append(min(max(map(len, column)), room if is_last else _WIDEST_CELL))
    for row in rows:
        cells = (_cell(text, width) for text, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(cells)}".rstrip()


def _cell(text: str, width: int) -> str:
    shown = text if len(text) <= width else f"{text[: width - 1].rstrip()}…"
    return shown.ljust(width)


def _clock(seconds: float) -> str:
    minutes, left = divmod(round(seconds), 60)
    return f"{minutes}:{left:02}"


def _document(request: SketchRequest, explanation: Explanation, second: float) -> dict[str, Any]:
    from pipeline.sketch.exports import section_document

    return {
        "schema": SCHEMA,
        "title": request.title,
        "seconds": round(explanation.seconds, 3),
        "heard": _findings(explanation.heard),
        "assumed": _findings(explanation.assumed),
        "sections": [section_document(part, second) for part in explanation.sections],
    }


def _findings(findings: Iterable[Finding]) -> list[dict[str, str]]:
    return [{"field": found.field, "value": found.value, "why": found.why} for found in findings]
