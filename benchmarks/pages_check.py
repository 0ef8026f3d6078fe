"""How quickly the pages of an album with 200 songs open, beside blank pages of the same size.

    python -m benchmarks.pages_check [--loads 15] [--keep DIR]

Each page is opened from its file, in a new context of one headless Chromium (SONGMAKE_CHROMIUM, or
the one that is found), in turn with a page of as many bytes that has nothing to lay out: spaces in
a comment. Figures, all medians:

* load: from the start of the navigation to the end of the load event, in milliseconds.
* paint: to the first contentful paint.
* blank: load of the blank page. The ratio is what the page itself costs, whatever the machine.

Ends with 1 if a page takes a second or more to load, or 2 MB or more to hold.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.big_album import write_big_album
from tests.browser.budget import MOST_BYTES
from tests.browser.chromium import find_chromium
from tests.browser.judging import load_ms
from tests.browser.watching import FLAGS, visiting

MOST_MS = 1000.0
_BLANK = ("<!doctype html><html lang=en><meta charset=utf-8><title>Blank</title><!--", "-->Blank")
_PAINT_MS = """() => performance.getEntriesByName('first-contentful-paint')[0].startTime"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Medians in milliseconds; ``size_bytes`` is the page's."""

    name: str
    size_bytes: int
    load_ms: float
    paint_ms: float
    blank_ms: float

    @property
    def is_within_budget(self) -> bool:
        """Whether it is quick and light enough."""
        return self.load_ms < MOST_MS and self.size_bytes < MOST_BYTES

    @property
    def line(self) -> str:
        """A row of the table."""
        return (
            f"{self.name:<14} {self.size_bytes / 1000:>7.0f} kB  load {self.load_ms:>6.0f} ms  "
            f"paint {self.paint_ms:>6.0f} ms  blank {self.blank_ms:>5.0f} ms  "
            f"ratio {self.load_ms / self.blank_ms:.1f}"
        )


def paint_ms(page: Page) -> float:
    """When something was painted first."""
    page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length")
    return float(page.evaluate(_PAINT_MS))


def measure(browser: Browser, path: Path, name: str, loads: int) -> Figures:
    """Opens a page and its blank twin in turn, so often."""
    size_bytes = path.stat().st_size
    blank = path.with_name("blank.html")
    begin, end = _BLANK
    blank.write_text(begin + " " * (size_bytes - len(begin) - len(end)) + end, encoding="utf-8")
    found: list[tuple[float, float]] = []
    blanks: list[float] = []
    for _ in range(loads):
        with visiting(browser) as pages:
            page = pages(path)
            found.append((load_ms(page), paint_ms(page)))
            blanks.append(load_ms(pages(blank)))
    return Figures(
        name=name,
        size_bytes=size_bytes,
        load_ms=statistics.median(load for load, _ in found),
        paint_ms=statistics.median(paint for _, paint in found),
        blank_ms=statistics.median(blanks),
    )


def check(folder: Path, loads: int) -> bool:
    """Prints a row for each page; whether all of them are within their budget."""
    outputs = write_big_album(folder)
    pages = {"all albums": outputs / "index.html", "200 songs": outputs / "big" / "index.html"}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(os.environ), args=list(FLAGS)
        )
        figures = [measure(browser, path, name, loads) for name, path in pages.items()]
        browser.close()
    for each in figures:
        print(each.line)  # noqa: T201
    return all(each.is_within_budget for each in figures)


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--loads", type=int, default=15, help="how often each page is opened")
    parser.add_argument("--keep", type=Path, help="an empty folder to write the pages to")
    words = parser.parse_args()
    if words.keep is not None:
        words.keep.mkdir(parents=True, exist_ok=True)
        return 0 if check(words.keep, words.loads) else 1
    with tempfile.TemporaryDirectory() as folder:
        return 0 if check(Path(folder), words.loads) else 1


if __name__ == "__main__":
    sys.exit(main())
