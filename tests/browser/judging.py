"""What a page must be for everybody: accessible, at rest while it loads, and no wider than seen."""

from __future__ import annotations

import json
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

_GRAVE = ("serious", "critical")
_SHIFTS = """() => new Promise((resolve) => {
  const entries = [];
  const observer = new PerformanceObserver((list) => entries.push(...list.getEntries()));
  observer.observe({type: 'layout-shift', buffered: true});
  requestAnimationFrame(() => requestAnimationFrame(() => {
    entries.push(...observer.takeRecords());
    resolve(entries.reduce((sum, entry) => sum + entry.value, 0));
  }));
})"""
_LOADED_MS = """() => {
  const [entry] = performance.getEntriesByType('navigation');
  return entry.loadEventEnd - entry.startTime;
}"""
# The root's own box: what is kept free for a scroll bar is not seen either.
_WIDER_PX = """() => {
  const root = document.documentElement;
  return Math.round(root.scrollWidth - root.getBoundingClientRect().width);
}"""


def assert_accessible(page: Page) -> None:
    """No serious or critical finding of axe-core in the page as it is now.

    In the other scheme of colours the contrast is looked at, too: nothing else depends on it.
    """
    page.evaluate(AXE_SCRIPT)
    _assert_no_finding(page, {"resultTypes": ["violations"]})
    is_dark = page.evaluate("() => matchMedia('(prefers-color-scheme: dark)').matches")
    own, other = ("dark", "light") if is_dark else ("light", "dark")
    page.emulate_media(color_scheme=other)
    _assert_no_finding(page, {"resultTypes": ["violations"], "runOnly": ["color-contrast"]})
    page.emulate_media(color_scheme=own)


def _assert_no_finding(page: Page, options: dict[str, Any]) -> None:
    answer = page.evaluate("(options) => axe.run(document, options)", options)
    grave = [found for found in answer["violations"] if found["impact"] in _GRAVE]
    assert not grave, "\n".join(map(_finding_text, grave))


def _finding_text(found: dict[str, Any]) -> str:
    places = "\n".join(
        f"  {json.dumps(node['target'])} {node['html'][:200]}\n    {node['failureSummary']}"
        for node in found["nodes"][:5]
    )
    return f"{found['id']} ({found['impact']}): {found['help']}\n{places}"


def layout_shift(page: Page) -> float:
    """The sum of all layout shifts since the page began to load; 0 is a page at rest."""
    return float(page.evaluate(_SHIFTS))


def load_ms(page: Page) -> float:
    """From the start of the navigation to the end of the load event. For benchmarks, not tests."""
    page.wait_for_load_state("load")
    page.wait_for_function("() => performance.getEntriesByType('navigation')[0].loadEventEnd > 0")
    return float(page.evaluate(_LOADED_MS))


def wider_px(page: Page) -> int:
    """By how much the page is wider than its window; 0 is a page that does not scroll sideways."""
    return int(page.evaluate(_WIDER_PX))
