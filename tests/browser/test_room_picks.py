"""Picks are made in the listening room and leave it as YAML or as a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Page, expect

from tests.browser.stage import Stage, reload_until
from tests.browser.watching import Visiting


def staged(folder: Path, *, pick: int = 1) -> Path:
    stage = Stage(seconds=1)
    stage.add("one", "ppp", pick=pick)
    stage.add("no", "pp")
    return stage.page(folder)


@pytest.fixture
def page(visit: Visiting, tmp_path: Path) -> Page:
    return visit(staged(tmp_path / "outputs"))


def pick_both(page: Page) -> None:
    for key in ("3", "p", "j", "2", "p"):
        page.keyboard.press(key)


def test_picks_leave_as_a_file_for_songmake_pick(page: Page) -> None:
    pick_both(page)
    page.get_by_role("button", name="Picks").click()
    dialog = page.get_by_role("dialog", name="Picks")
    assert dialog.locator("li").all_inner_texts() == ["One: take 1 → 3", "No: take 1 → 2"]
    expect(dialog).to_contain_text("songmake pick ~/Downloads/album.picks.json")
    with page.expect_download() as started:
        dialog.get_by_role("button", name="Download picks file").click()
    assert started.value.suggested_filename == "album.picks.json"
    assert json.loads(Path(started.value.path()).read_bytes()) == {
        "schema": "songmake/picks/1",
        "album": "album",
        "picks": {"one": 3, "no": 2},
    }


def test_picks_leave_as_yaml_that_reads_as_ids(page: Page) -> None:
    pick_both(page)
    page.get_by_role("button", name="Picks").click()
    text = page.get_by_role("textbox", name="As YAML").input_value()
    assert text.startswith("songs:\n  one:\n    pick: 3\n")
    assert yaml.safe_load(text) == {"songs": {"one": {"pick": 3}, "no": {"pick": 2}}}
    page.get_by_role("button", name="Copy as YAML").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()


def test_picks_are_kept_until_the_manifest_says_the_same(page: Page, tmp_path: Path) -> None:
    page.keyboard.press("3")
    page.keyboard.press("p")
    expect(page.get_by_role("status")).to_have_text("Take 3 of One is picked")
    expect(page.locator(".take").first).to_contain_text("the manifest’s pick")
    reload_until(page, "() => document.querySelector('.count').textContent === '1'")
    assert page.evaluate("() => room.deck.live.key") == "3"
    rendered = staged(tmp_path / "again", pick=3)
    Path(page.url.removeprefix("file://")).write_bytes(rendered.read_bytes())
    page.reload()
    expect(page.locator(".count")).to_have_text("")
    assert page.evaluate("() => localStorage.length") == 0


def test_picks_can_be_undone(page: Page) -> None:
    pick_both(page)
    page.get_by_role("button", name="Picks").click()
    page.get_by_role("button", name="Undo all").click()
    expect(page.get_by_role("dialog", name="Picks")).to_contain_text("as the manifest says")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Picked take 1").last).to_be_visible()


def test_a_page_that_may_keep_nothing_still_picks(visit: Visiting, tmp_path: Path) -> None:
    page = visit(staged(tmp_path))
    deny = "Object.defineProperty(window, 'localStorage', {get() { throw new Error('denied'); }})"
    page.add_init_script(deny)
    page.reload()
    page.keyboard.press("2")
    page.keyboard.press("p")
    expect(page.locator(".count")).to_have_text("1")
