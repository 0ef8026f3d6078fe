"""The overview in a browser: for everybody, on any screen, and whatever a title holds."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.core.purchase.attempt import State, ref_of
from tests.browser.judging import assert_accessible, layout_shift, wider_px
from tests.browser.shelf import Shelf, a_long_history
from tests.browser.watching import DESKTOP, PHONE, Visiting
from tests.builders import an_attempt

HOSTILE = """<script>document.title='x'</script><img src=x onerror="alert(1)">{{ 7*7 }}"' --> """
LONG = "Supercalifragilistic" * 15  # 300 characters without a place to break
ARABIC = "\u202eليلة طويلة 🎷"


def a_mixed_shelf() -> Shelf:
    """Albums in every state, one of them with texts that are no good."""
    shelf = Shelf()
    shelf.add("small-hours", "ppp", days_ago=9, budget_usd=Decimal(3), artist="The Night Bus")
    shelf.cover("small-hours")
    shelf.add("kite", "ppfdlus-", days_ago=3, budget_usd=Decimal(1), error="no capacity")
    shelf.add("hostile", "pf", title=HOSTILE, artist=HOSTILE, error=HOSTILE, song_title=HOSTILE)
    shelf.add("long", "pf", title=LONG, artist=LONG, error=LONG, song_title=LONG)
    shelf.add("arabic", "p-", title=ARABIC, artist=ARABIC)
    shelf.add("untried", "---")
    # what a cost report from elsewhere called it
    shelf.attempts.append(an_attempt(State.LOST, ref=ref_of(HOSTILE, "x", 1), error=HOSTILE))
    return shelf


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_the_page_is_accessible_and_at_rest_in_either_scheme_on_any_screen(
    visit: Visiting, tmp_path: Path, size: tuple[int, int]
) -> None:
    page = visit(a_mixed_shelf().page(tmp_path), size=size)
    for details in page.locator("details").all():
        details.locator("summary").click()
    assert_accessible(page)
    assert wider_px(page) == 0
    page.reload()
    assert layout_shift(page) == 0


def test_html_in_a_title_artist_song_or_error_stays_text(visit: Visiting, tmp_path: Path) -> None:
    page = visit(a_mixed_shelf().page(tmp_path))
    card = page.locator(".album", has=page.locator('a[href="hostile/index.html"]'))
    flat = " ".join(HOSTILE.split())
    assert " ".join(card.locator("h3").inner_text().split()) == flat
    assert " ".join(card.locator(".about > p").first.inner_text().split()) == flat
    assert card.locator(".troubles").inner_text().count("onerror") == 2
    titles = page.locator(".album h3").all_inner_texts()
    assert [" ".join(title.split()) for title in titles].count(flat) == 2
    assert page.title() == "All albums"
    assert page.locator("main script, main [onerror], img[src=x]").count() == 0


def test_it_can_be_read_without_scripts_and_leads_to_every_album(
    visit: Visiting, tmp_path: Path
) -> None:
    shelf = a_mixed_shelf()
    page = visit(shelf.page(tmp_path), java_script_enabled=False)
    assert page.get_by_role("heading", level=1).inner_text() == "All albums"
    links = page.locator(".albums a").all()
    assert {link.get_attribute("href") for link in links} == {
        path for path in shelf.handed_over if path.endswith(".html")
    }
    assert page.get_by_text("The figures as a table").count() == 2
    page.get_by_text("The figures as a table").last.click()
    table = page.get_by_role("table", name="").last
    assert table.get_by_role("row").first.inner_text().split() == [
        "Album", "charged", "held", "in", "doubt", "sum",
    ]  # fmt: skip


def test_sixty_albums_and_three_years_have_room(visit: Visiting, tmp_path: Path) -> None:
    page = visit(a_long_history().page(tmp_path), size=PHONE)
    assert page.locator(".album").count() == 60
    assert page.locator(".album img").evaluate_all("all => all.every(one => one.width === 64)")
    assert page.get_by_role("heading", name="By month").is_visible()
    columns = page.locator(".plot rect[class^=part]").evaluate_all(
        "all => all.map(one => { const box = one.getBoundingClientRect();"
        " return [box.left, box.right, box.height]; })"
    )
    assert len(columns) >= 36
    assert all(right - left >= 3 and height >= 1 for left, right, height in columns)
    assert all(before[1] <= after[0] for before, after in pairwise(columns))
    labels = page.locator(".when text").evaluate_all(
        "all => all.map(one => { const box = one.getBoundingClientRect();"
        " return [box.left, box.right]; })"
    )
    assert len(labels) >= 3
    assert labels[-1][1] <= 360
    assert all(before[1] < after[0] for before, after in pairwise(labels))
    assert (wider_px(page), layout_shift(page)) == (0, 0)
