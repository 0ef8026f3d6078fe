"""The listening room is played: keys, lines of time, takes side by side, songs in turn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stage import Stage
from tests.browser.watching import Visiting

LENGTH_S = 20.0
HEARD = (
    "() => ({at: room.deck.place, key: room.deck.live.key, volume: room.deck.live.sound.volume})"
)


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    stage = Stage(seconds=LENGTH_S)
    stage.add("one", "ppfp", loudness=("-14.00", "-8.00", "-14.00", "-11.00"), pick=2)
    stage.add("silent", "f", error="out of capacity")
    stage.add("two", "p")
    return stage.page(tmp_path_factory.mktemp("playing"))


@pytest.fixture
def page(visit: Visiting, album: Path) -> Page:
    shown = visit(album)
    shown.wait_for_function("() => room.deck.takes.every((take) => take.sound.readyState > 2)")
    return shown


def test_space_plays_and_arrows_seek(page: Page) -> None:
    page.keyboard.press("Space")
    page.wait_for_function("() => room.deck.isPlaying && room.deck.place > 0.1")
    expect(
        page.get_by_role("region", name="Player").get_by_role("button", name="Pause")
    ).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => room.deck.place > 5")
    page.keyboard.press("Space")
    at = page.evaluate(HEARD)["at"]
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(HEARD)["at"] == pytest.approx(at - 5, abs=0.2)
    expect(page.locator(".player .time")).to_have_text(" · 0:00 / 0:20")


def test_another_take_goes_on_at_the_same_place_and_as_loud(page: Page) -> None:
    assert page.evaluate(HEARD)["key"] == "2"  # the manifest's pick
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.wait_for_function("() => room.deck.place > 10.1")
    page.keyboard.press("1")
    page.wait_for_function("() => room.deck.isPlaying")
    first = page.evaluate(HEARD)
    assert (first["key"], first["volume"]) == ("1", 1)
    assert 10 < first["at"] < 13
    page.keyboard.press("4")
    assert page.evaluate(HEARD)["volume"] == pytest.approx(10 ** (-3 / 20), abs=0.001)
    playing = "() => room.deck.takes.filter((take) => !take.sound.paused).map((take) => take.key)"
    assert page.evaluate(playing) == ["4"]
    page.keyboard.press("m")
    assert page.evaluate(HEARD)["volume"] == 1
    expect(page.get_by_role("switch", name="Match loudness")).not_to_be_checked()


def test_what_is_played_quieter_is_said(page: Page) -> None:
    take = page.locator(".take").nth(1)
    expect(take).to_contain_text("played −6.0 dB")
    page.get_by_role("switch", name="Match loudness").uncheck()
    expect(take).not_to_contain_text("played")


def test_a_click_into_another_takes_line_goes_there(page: Page) -> None:
    line = page.get_by_role("slider", name="Place in take 1 of One")
    box = line.bounding_box()
    assert box is not None
    line.click(position={"x": box["width"] / 4, "y": 10})
    heard = page.evaluate(HEARD)
    assert (heard["key"], round(heard["at"])) == ("1", 5)
    expect(line).to_have_attribute("aria-valuetext", "0:05 of 0:20")
    page.keyboard.press("End")
    expect(line).to_have_attribute("aria-valuetext", "0:20 of 0:20")
    page.keyboard.press("PageDown")
    expect(line).to_have_attribute("aria-valuenow", "5")


def test_a_line_can_be_dragged(page: Page) -> None:
    line = page.get_by_role("slider", name="Place in take 2 of One")
    line.hover()
    box = line.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 5, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    page.mouse.up()
    assert page.evaluate(HEARD)["at"] == pytest.approx(LENGTH_S / 2, abs=0.2)


def test_after_the_end_the_next_song_that_can_be_heard_follows(page: Page) -> None:
    page.keyboard.press("Space")
    page.evaluate("() => room.deck.seek(19.8)")
    page.wait_for_function("() => room.current.id === 'two' && room.deck.isPlaying")
    expect(page.locator(".song-name")).to_have_text("Two")
    assert page.locator("details[open] h3").all_inner_texts() == ["Two"]
    page.evaluate("() => room.deck.seek(19.9)")
    page.wait_for_function("() => !room.deck.isPlaying && room.deck.place === 0")


def test_keys_walk_through_the_songs(page: Page) -> None:
    page.keyboard.press("j")
    expect(page.locator(".song-name")).to_have_text("Silent")
    expect(page.locator(".song").nth(1)).to_contain_text("out of capacity")
    page.keyboard.press("Space")  # nothing to play
    page.keyboard.press("ArrowDown")
    expect(page.locator(".song summary").nth(2)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".song-name")).to_have_text("Two")
    page.keyboard.press("k")
    page.keyboard.press("k")
    expect(page.locator(".song-name")).to_have_text("One")


def test_keys_that_belong_to_others_are_left_to_them(page: Page) -> None:
    heard: Callable[[], dict[str, object]] = lambda: page.evaluate(HEARD)  # noqa: E731
    before = heard()
    for key in ("Control+1", "Alt+ArrowRight", "Meta+1", "Shift+ArrowRight", "3"):
        page.keyboard.press(key)  # 3 is a take that failed
        assert heard() == before, key
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("1")
    assert heard() == before
    page.keyboard.press("Escape")
    button = page.get_by_role("button", name="Pick take 1")
    button.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")  # a button that was reached by keys is pressed by them
    assert page.evaluate("() => room.deck.isPlaying") is False
    expect(page.get_by_role("button", name="Picked take 1")).to_be_focused()


def test_space_after_a_click_is_for_the_music(page: Page) -> None:
    page.get_by_role("button", name="Take 1").first.click()
    page.keyboard.press("Space")
    page.wait_for_function("() => room.deck.isPlaying && room.deck.live.key === '1'")


def test_a_file_that_is_gone_is_said(visit: Visiting, tmp_path: Path) -> None:
    stage = Stage(seconds=1)
    stage.add("one", "p")
    path = stage.page(tmp_path)
    (path.parent / "one.1.wav").write_bytes(b"not audio")
    page = visit(path)
    expect(page.get_by_role("status")).to_have_text("Take 1 cannot be played: one.1.wav")
