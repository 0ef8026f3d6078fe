"""``outputs/index.html``: of all albums, whichever a command names; the same bytes everywhere."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.builders import song, songs, write_manifest
from tests.cli.seeing import again, inside
from tests.cli.test_frozen import cloned, frozen
from tests.command import Songmake
from tests.vendor.client import Vendor


def page(shop: Songmake) -> Path:
    return shop.project / "outputs" / "index.html"


def text(shop: Songmake) -> str:
    return page(shop).read_text(encoding="utf-8")


@pytest.fixture
def two(shop: Songmake) -> Songmake:
    """Two albums, bought in one run."""
    write_manifest(shop.project, songs(1), name="first", album={"title": "First"}, budget_usd=2)
    write_manifest(
        shop.project, {"x": song("X", prompt="slow waltz")}, name="second",
        album={"title": "Second", "artist": "Somebody"},
    )  # fmt: skip
    assert again(shop).code == 0
    return shop


def test_a_run_of_one_album_does_not_forget_the_others(two: Songmake):
    before = page(two).read_bytes()
    assert text(two).count("<h3") == 4  # two albums, two charts
    assert again(two, "manifests/first.yaml").code == 0
    assert inside(two, "report", "manifests/second.yaml").code == 0
    assert page(two).read_bytes() == before
    page(two).unlink()
    assert inside(two, "plan", "--check", "manifests/first.yaml").code == 10
    assert again(two, "manifests/first.yaml").code == 0
    assert page(two).read_bytes() == before
    (two.project / "manifests" / "second.yaml").unlink()
    assert again(two).code == 0
    assert page(two).read_bytes() == before
    assert inside(two, "plan", "--check").code == 0


def test_nothing_is_linked_that_does_not_lie_there(two: Songmake):
    shutil.rmtree(two.project / "outputs")
    assert again(two, "manifests/first.yaml").code == 0
    assert "first/index.html" in text(two)
    assert "Second" in text(two)
    assert "second/" not in text(two)
    assert again(two).code == 0
    assert "second/index.html" in text(two)


def test_another_machine_writes_the_same_page_from_manifests_locks_and_store(
    two: Songmake, tmp_path: Path
):
    second = cloned(two, tmp_path / "second")
    assert frozen(second).code == 0
    assert page(second).read_bytes() == page(two).read_bytes()
    assert inside(second, "verify").code == 0


@pytest.mark.parametrize(
    ("operation", "fault", "words"),
    [
        ("poll", "error_status", "the provider gave up; nothing is charged"),
        ("post", "422", "refused for good; nothing is charged"),
        ("post", "500", "in doubt: the answer was lost, and it may have been billed"),
    ],
)
def test_what_went_wrong_is_the_same_on_another_machine(
    shop: Songmake, vendor: Vendor, tmp_path: Path, operation: str, fault: str, words: str
):
    vendor.fault(operation, fault)
    write_manifest(shop.project, songs(2))
    again(shop, "--jobs", "1")
    assert words in text(shop)
    second = cloned(shop, tmp_path / "second")
    assert frozen(second).code == 10
    assert text(second) == text(shop)


def test_a_free_change_of_a_title_or_a_budget_is_a_change_of_the_page(two: Songmake):
    write_manifest(two.project, songs(1), name="first", album={"title": "Ünü"}, budget_usd=5)
    assert inside(two, "plan", "--check").code == 10
    assert inside(two, "report").code == 0
    assert "Ünü" in text(two)
    assert "$0.195 of $5.00" in text(two)


def test_money_that_the_provider_moves_is_on_the_page_at_once(shop: Songmake, vendor: Vendor):
    vendor.set(seconds=0.0)
    write_manifest(shop.project, songs(1))
    assert again(shop, "--no-wait").code == 6
    assert "$0.195 held" in text(shop)
    vendor.fault("poll", "error_status")
    assert inside(shop, "report", "--reconcile").code == 0
    assert "held" not in text(shop).partition("<body>")[2]
    assert "nothing spent" in text(shop)


def test_a_page_that_somebody_else_put_there_is_kept_aside(shop: Songmake):
    write_manifest(shop.project, songs(1))
    page(shop).parent.mkdir()
    page(shop).write_text("mine")
    ended = again(shop)
    assert ended.code == 0
    assert "index.html was not as songmake wrote it: kept as index.html.kept-1" in ended.err
    assert (page(shop).parent / "index.html.kept-1").read_text() == "mine"
    assert "All albums" in text(shop)


def test_a_page_that_was_changed_by_hand_is_found_and_written_again(two: Songmake):
    before = page(two).read_bytes()
    page(two).write_bytes(before.replace(b"First", b"Fir5t"))
    ended = inside(two, "verify")
    assert ended.code == 10
    assert "index.html: not what journal and manifest give" in ended.said
    assert again(two).code == 0
    assert page(two).read_bytes() == before


def test_without_a_single_attempt_there_is_no_page(shop: Songmake):
    write_manifest(shop.project, songs(1))
    assert inside(shop, "report").code == 0
    assert (shop.project / "outputs" / "album" / "cost-report.json").is_file()
    assert not page(shop).exists()
