"""The listening room for everybody: hostile texts, small screens, no script, axe-core, at rest."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.judging import assert_accessible, layout_shift, wider_px
from tests.browser.stage import EVIL, Stage, a_hostile_album, a_large_album, reload_until
from tests.browser.watching import DESKTOP, PHONE, Visiting

STILL = 0.005  # a parser that pauses amid a line may nudge a word


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    notes = {"notes": EVIL}
    return a_hostile_album().page(
        folder, title=EVIL, artist=f"ليل {EVIL}", metadata=notes, budget_usd=Decimal("1.50")
    )


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "dark"), (DESKTOP, "light")])
def test_hostile_texts_are_shown_and_do_nothing(
    visit: Visiting, hostile: Path, size: tuple[int, int], scheme: str
) -> None:
    page = visit(hostile, size=size, scheme=scheme)
    expect(page.get_by_role("heading", level=1)).to_have_text(EVIL)
    for _ in range(6):
        page.keyboard.press("j")
        page.keyboard.press("p")
        assert wider_px(page) == 0
    assert page.title().startswith(EVIL)
    assert page.locator("main img, main script").count() == 0
    for summary in page.locator(".song summary").all():
        summary.evaluate("(one) => { one.parentElement.open = true; }")
    assert_accessible(page)
    page.get_by_role("button", name="Picks").click()
    assert_accessible(page)


def test_nothing_moves_while_it_loads(visit: Visiting, hostile: Path) -> None:
    for size in (PHONE, DESKTOP):
        page = visit(hostile, size=size)
        page.wait_for_load_state()
        assert layout_shift(page) < STILL


def test_200_songs_with_three_takes_open_at_rest(visit: Visiting, tmp_path: Path) -> None:
    stage = a_large_album()
    stage.seconds = 0.1
    page = visit(stage.page(tmp_path), size=PHONE)
    expect(page.locator(".song")).to_have_count(200)
    assert layout_shift(page) < STILL
    assert wider_px(page) == 0
    assert page.locator("audio").count() == 0  # a song's takes are loaded when it is opened
    page.locator("summary").nth(120).click()
    expect(page.get_by_role("slider")).to_have_count(3)
    expect(page.locator("summary").nth(120)).to_be_in_viewport()


def test_without_a_script_it_is_read_and_played(visit: Visiting, tmp_path: Path) -> None:
    stage = Stage(seconds=1)
    stage.add("one", "pp", lyrics="[Verse]\nThe first line")
    stage.add("two", "p")
    page = visit(stage.page(tmp_path), java_script_enabled=False)
    expect(page.locator("audio:visible")).to_have_count(2)
    expect(page.get_by_text("The first line")).to_be_visible()
    expect(page.locator("button:enabled:visible")).to_have_count(0)
    page.locator(".song summary").nth(1).click()
    expect(page.locator("audio:visible")).to_have_count(3)


def test_landmarks_and_headings_are_in_order(visit: Visiting, hostile: Path) -> None:
    page = visit(hostile)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the songs")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#songs")).to_be_focused()
    names = page.locator("main :is(h1, h2, h3, h4, h5, h6)").evaluate_all(
        "(found) => found.map((one) => one.tagName)"
    )
    assert names[0] == "H1"
    assert all(after <= f"H{int(before[1]) + 1}" for before, after in pairwise(names))
    for role in ("banner", "navigation", "main", "contentinfo"):
        expect(page.get_by_role(role)).to_have_count(1)


def test_the_reader_chooses_the_colours(visit: Visiting, tmp_path: Path) -> None:
    stage = Stage(seconds=1)
    stage.add("one")
    page = visit(stage.page(tmp_path), scheme="light")
    ground = "() => getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("button", name="Colours: auto").click()
    page.get_by_role("button", name="Colours: light").click()
    expect(page.get_by_role("button", name="Colours: dark")).to_be_visible()
    dark = page.evaluate(ground)
    assert dark != light
    reload_until(page, f"() => ({ground})() === '{dark}'")
