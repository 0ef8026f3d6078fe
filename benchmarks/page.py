"""``python -m benchmarks.page``: pictures and docs/performance.md from the committed results."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.plots.goals import goals_svg
from benchmarks.plots.slope import slope_svg
from benchmarks.results import LATEST, Run, from_json
from benchmarks.table import table

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "\n## The figures\n\n", "\n## What cannot be reached\n"


def pictures(run: Run) -> dict[str, str]:
    """The pictures by file name; the slope's only where sizes were compared."""
    drawn = {"goals.svg": goals_svg(run.outcomes)}
    points = [
        (point, measured.unit)
        for one in run.outcomes
        if (measured := one.measured) is not None
        for point in measured.points
    ]
    if points:
        drawn["slope.svg"] = slope_svg([point for point, _ in points], unit=points[0][1])
    return drawn


def page_with(run: Run, page: str) -> str:
    """The page with the figures of ``run`` between two of its headings."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{figures(run)}\n{END}{after}"


def figures(run: Run) -> str:
    """Machine, pictures and table as Markdown."""
    return "\n".join(_figures(run))


def _figures(run: Run) -> Iterator[str]:
    machine = run.machine
    yield (
        f"songmake {run.version} on {machine['cores']} cores of {machine['processor']}, "
        f"{machine['memory_gib']} GiB, {machine['system']}, Python {machine['python']}, "
        f"SQLite {machine['sqlite']}.\n"
    )
    for name in pictures(run):
        yield f"![{_SAID[name]}](../benchmarks/results/{name})\n"
    yield f"```text\n{table(run.outcomes)}```"


_SAID = {
    "goals.svg": "Every figure as a part of its goal, a dot a row",
    "slope.svg": "What one song costs in albums of different sizes",
}


def write(folder: Path, run: Run) -> None:
    """Writes the pictures beside a JSON of results; removes one that is not drawn any more."""
    drawn = pictures(run)
    for name in _SAID:
        if name in drawn:
            (folder / name).write_text(drawn[name], encoding="utf-8")
        else:
            (folder / name).unlink(missing_ok=True)


def main() -> None:
    """Brings pictures and page in step with the results that are there."""
    run = from_json(LATEST.read_text(encoding="utf-8"))
    write(LATEST.parent, run)
    PAGE.write_text(page_with(run, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"written {PAGE.relative_to(PAGE.parents[1])}\n")


if __name__ == "__main__":
    main()
