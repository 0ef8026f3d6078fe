"""The album's page in its life with the command: written, kept in step, and never in the way."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.builders import song, songs, write_manifest
from tests.cli.seeing import again, inside, printed
from tests.command import Songmake
from tests.vendor.client import Vendor

PAGE = "album/index.html"


def page_of(shop: Songmake) -> str:
    return (shop.project / "outputs" / PAGE).read_text(encoding="utf-8")


def test_an_album_that_only_failed_has_a_page_that_says_so(shop: Songmake, vendor: Vendor):
    write_manifest(shop.project, {"one": song("One")}, budget_usd=1)
    assert "index.html" not in " ".join(printed(inside(shop, "plan", "--json"), "plan")["files"])
    vendor.fault("poll", "error_status", message="refused <by> policy")
    assert shop.render().code == 1
    page = page_of(shop)
    assert "the provider gave up; nothing is charged" in page
    assert "refused &lt;by&gt; policy" in page
    assert "songmake render --replace &#39;album/one#1&#39;" in page
    assert "Nothing spent of $1.00" in page
    assert {path.name for path in (shop.project / "outputs" / "album").iterdir()} == {
        "cost-report.csv", "cost-report.json", "cost-report.md", "index.html"
    }  # fmt: skip
    assert inside(shop, "plan", "--check").code == 10  # the song, and no file
    assert printed(inside(shop, "plan", "--json"), "plan")["files"] == []


def test_a_free_change_of_the_manifest_is_on_the_page_after_a_free_render(
    bought: Songmake, vendor: Vendor
):
    write_manifest(bought.project, songs(3), album={"title": "Kite <b>&", "artist": "An artist"})
    files = printed(inside(bought, "plan", "--json"), "plan")["files"]
    assert PAGE in files
    assert again(bought).code == 0
    assert "<title>Kite &lt;b&gt;&amp; · An artist</title>" in page_of(bought)
    assert vendor.ledger().requests == ()


def test_another_machine_writes_the_same_page_without_key_or_audio_tools(
    bought: Songmake, tmp_path: Path
):
    assert again(bought).code == 0
    before = page_of(bought)
    assert before.count("data-wave=") == 3
    shutil.rmtree(bought.project / "outputs")
    (bought.project / ".songmake" / "journal.sqlite3").unlink()
    for extra in (bought.project / ".songmake").glob("journal.sqlite3-*"):
        extra.unlink()
    elsewhere = Songmake(project=bought.project, environment={})
    ended = elsewhere("render", "--frozen")
    assert ended.code == 0, ended.said
    assert page_of(bought) == before


def test_no_secret_and_no_link_to_elsewhere_is_on_the_page(bought: Songmake):
    page = page_of(bought)
    assert bought.environment["AIMLAPI_KEY"] not in page
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "")
    generations = [row["generation_id"] for row in bought.report("album")["takes"]]
    assert len(generations) == 3
    assert not [name for name in generations if name in page]
