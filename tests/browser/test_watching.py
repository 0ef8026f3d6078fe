"""The watch over pages itself: each kind of trouble is seen, and a quiet page has none."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import NoChromium, find_chromium
from tests.browser.judging import assert_accessible, layout_shift, wider_px
from tests.browser.watching import PHONE, Visiting, visiting

HEAD = "<!doctype html><html lang=en><meta charset=utf-8><title>A page</title>"
STRICT = """<meta http-equiv="Content-Security-Policy" content="default-src 'none'">"""


def page_of(folder: Path, *parts: str) -> Path:
    path = folder / "page.html"
    path.write_text("".join((HEAD, *parts)), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("parts", "trouble"),
    [
        (('<img alt="" src="https://192.0.2.1/x.png">',), "request: GET https://192.0.2.1/x.png"),
        (("<script>fetch('http://127.0.0.1:9/x')</script>",), "request: GET http://127.0.0.1:9/x"),
        ((STRICT, "<p style='color: red'>Red</p>"), "console: Applying inline style violates"),
        ((STRICT, "<script>alert(1)</script>"), "console: Executing inline script violates"),
        (("<script>console.error('lost')</script>",), "console: lost"),
        (("<script>lost()</script>",), "exception: lost is not defined"),
        (('<img alt="" src="gone.png">',), "console: Failed to load resource"),
    ],
)
def test_a_page_that_misbehaves_is_seen(
    browser: Browser, tmp_path: Path, parts: tuple[str, ...], trouble: str
) -> None:
    with visiting(browser) as pages:
        pages(page_of(tmp_path, *parts)).wait_for_load_state()
    assert any(found.startswith(trouble) for found in pages.troubles.found), pages.troubles.found


def test_axe_and_measures_work_under_a_strict_policy(visit: Visiting, tmp_path: Path) -> None:
    body = "<main><h1>A heading</h1><p>Words</p></main>"
    page = visit(page_of(tmp_path, STRICT, body), size=PHONE)
    assert_accessible(page)
    assert (layout_shift(page), wider_px(page)) == (0, 0)


def test_what_must_not_be_on_a_page_is_found(visit: Visiting, tmp_path: Path) -> None:
    style = "@media (prefers-color-scheme: dark) { p { color: #ccc } } p { width: 500px }"
    faint = f"<style>{style}</style><main><h1>A heading</h1><p>Faint in the dark</p></main>"
    late = """<script>setTimeout(() => document.querySelector('h1').style.height = '300px', 50)
        </script>"""
    page = visit(page_of(tmp_path, faint, late), size=PHONE)
    with pytest.raises(AssertionError, match=r"color-contrast \(serious\)"):
        assert_accessible(page)
    page.wait_for_function("() => document.querySelector('h1').style.height")
    assert layout_shift(page) > 0
    assert wider_px(page) > 0


def test_a_chromium_that_was_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(NoChromium, match=r"SONGMAKE_CHROMIUM=/nowhere/chrome: no such program"):
        find_chromium({"SONGMAKE_CHROMIUM": "/nowhere/chrome"})
    program = tmp_path / "google-chrome"
    program.touch(mode=0o755)
    assert find_chromium({"PATH": str(tmp_path)}) == program
    assert find_chromium({"PATH": "", "SONGMAKE_CHROMIUM": str(program)}) == program
