"""From the page to the manifest and back: what is picked in a browser becomes the track, free."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.watching import Visiting
from tests.builders import song, write_manifest
from tests.command import Songmake
from tests.vendor.client import Vendor

FREE = "0.000000"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Songmake:
    """A project with one bought album: three takes of its first song."""
    project = tmp_path_factory.mktemp("shop")
    (project / ".git").mkdir()
    two = {"one": song("One", takes=3), "two": song("Two", prompt="a waltz, 84 BPM")}
    write_manifest(project, two, budget_usd=5)
    with Vendor(seconds=0.05, audio_seconds=0.3) as vendor:
        environment = {**vendor.environment}
        ended = Songmake(project=project, environment=environment).render()
    assert ended.code == 0, ended.said
    return Songmake(project=project, environment=environment)  # its provider is gone: all is free


def test_a_pick_made_in_the_page_is_the_track_after_a_free_render(
    visit: Visiting, shop: Songmake, tmp_path: Path
) -> None:
    outputs = shop.project / "outputs" / "album"
    page = visit(outputs / "index.html")
    expect(page.locator(".money")).to_contain_text("$0.78 of $5.00")
    page.keyboard.press("3")
    page.keyboard.press("p")
    page.get_by_role("button", name="Picks").click()
    with page.expect_download() as started:
        page.get_by_role("button", name="Download picks file").click()
    started.value.save_as(tmp_path / "album.picks.json")
    picked = shop("pick", str(tmp_path / "album.picks.json"))
    assert picked.code == 0, picked.said

    plan = json.loads(shop("plan", "--json").out)
    assert {row["action"] for row in plan["takes"]} == {"publish", "keep"}
    assert plan["totals"]["price_usd"] == FREE
    assert "album/index.html" in plan["files"]
    assert shop.render().code == 0
    rows = shop.report("album")["takes"]
    assert {row["take"] for row in rows if row["audio"]["path"] == "01-one.mp3"} == {3}
    page.reload()
    expect(page.get_by_role("button", name="Picked take 3").last).to_be_visible()
    expect(page.locator(".count")).to_have_text("")


def test_every_file_that_the_page_names_is_there(visit: Visiting, shop: Songmake) -> None:
    outputs = shop.project / "outputs" / "album"
    page = visit(outputs / "index.html")
    named = page.evaluate(
        "() => [...document.links].map((one) => one.href)"
        ".concat([...document.querySelectorAll('[data-audio]')]"
        ".map((one) => new URL(one.dataset.audio, document.baseURI).href))"
    )
    paths = {Path(each.removeprefix("file://").partition("#")[0]) for each in named}
    assert {"01-one.mp3", "02-two.mp3", "album.m3u8", "cost-report.md"} <= {p.name for p in paths}
    assert [path for path in paths if not path.is_file()] == []
