"""An album of 200 songs, written by the product: its pages are light and stay at rest."""

from __future__ import annotations

from pathlib import Path

from tests.browser.big_album import SONGS, write_big_album
from tests.browser.budget import assert_within_budget
from tests.browser.judging import layout_shift, wider_px
from tests.browser.watching import PHONE, Visiting


def test_two_hundred_songs_are_a_light_page(visit: Visiting, tmp_path: Path) -> None:
    outputs = write_big_album(tmp_path)
    assert_within_budget(outputs / "index.html")
    assert_within_budget(outputs / "big" / "index.html")
    overview = visit(outputs / "index.html", size=PHONE)
    overview.get_by_role("link", name="Two Hundred Songs").click()
    assert overview.get_by_role("heading", level=1).inner_text() == "Two Hundred Songs"
    assert overview.locator("[data-song]").count() == SONGS
    assert (layout_shift(overview), wider_px(overview)) == (0, 0)
    overview.get_by_role("link", name="All albums").click()
    assert overview.get_by_role("heading", level=1).inner_text() == "All albums"
