"""Pages as they are written: one policy, the same bytes, and text that stays text."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from pipeline.adapters.pages.room_page import room_page
from pipeline.adapters.pages.writing import FOLDER
from tests.browser.stage import EVIL, Stage, a_hostile_album, a_large_album

LARGEST_PAGE_BYTES = 2_000_000
HOLDS_TEXT = {"p", "h1", "h3", "h5", "dd", "td", "th", "bdi", "title"}
NO_SUCH_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
LEAST_CONTRAST = {"ink": 4.5, "soft": 4.5, "lamp": 4.5, "alarm": 4.5, "edge": 3.0}


class Reader(HTMLParser):
    """What a browser would make elements of."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self._open[-1] if self._open else "", []).append(data)

    def attribute(self, tag: str, name: str) -> list[str | None]:
        return [said.get(name) for found, said in self.elements if found == tag]


def evil_page() -> bytes:
    stage = a_hostile_album()
    return room_page(stage.view(title=EVIL, artist=EVIL, metadata={"notes": EVIL}))


def test_a_page_is_the_same_bytes_each_time():
    assert evil_page() == room_page.__wrapped__(
        a_hostile_album().view(title=EVIL, artist=EVIL, metadata={"notes": EVIL})
    )


def test_the_policy_names_exactly_what_is_inlined_and_allows_nothing_else():
    page = evil_page().decode()
    reader = Reader(page.encode())
    (policy,) = [said for said in reader.attribute("meta", "content") if said and "src" in said]
    inlined = re.findall(r"<(style|script)>(.*?)</\1>", page, flags=re.DOTALL)
    assert [kind for kind, _ in inlined] == ["style", "script", "script"]
    for kind, text in inlined:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        (allowed,) = [part for part in policy.split("; ") if part.startswith(f"{kind}-src")]
        assert f"'sha256-{digest}'" in allowed.split()
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert not any(said.keys() & {"style", "onerror", "onclick"} for _, said in reader.elements)


def test_markup_in_any_field_stays_text():
    reader = Reader(evil_page())
    assert "document.title" not in "".join(reader.texts["script"])
    assert reader.attribute("img", "src") == []
    assert len(reader.attribute("script", "src")) == 2
    shown = sum(text.count(EVIL) for tag in HOLDS_TEXT for text in reader.texts.get(tag, ()))
    # title, artist and notes of the album; title, prompt, artist, notes, composer, tags, section,
    # words and error of the song; the table's name is an attribute
    assert shown >= 12
    assert "49" not in "".join(reader.texts["title"])


def test_control_characters_and_half_characters_are_spelled_out():
    page = evil_page().decode()
    assert not NO_SUCH_CHARACTER.search(page)
    assert "&lt;U+0000&gt;&lt;U+001B&gt;[31m" in page
    assert "&lt;U+D800&gt;" in page


def test_an_album_of_200_songs_with_three_takes_fits_into_two_megabytes():
    assert len(room_page(a_large_album().view())) < LARGEST_PAGE_BYTES


def test_without_a_script_every_take_can_be_played():
    stage = Stage()
    stage.add("one", "ppf")
    page = room_page(stage.view()).decode()
    found = re.findall(r'<noscript><audio controls preload="none" src="([^"]+)">', page)
    assert found == ["one.1.wav", "one.2.wav"]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_colour_of_text_can_be_read_on_every_ground(scheme: int):
    css = (FOLDER / "shared/base.css").read_text(encoding="utf-8")
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", css)
    colours = {name: pair[scheme] for name, *pair in found}
    for ground in ("ground", "raised", "sunken", "lamp-wash"):
        for name, least in LEAST_CONTRAST.items():
            assert contrast(colours[name], colours[ground]) >= least, (name, ground)
    assert contrast(colours["on-lamp"], colours["lamp"]) >= 4.5


def contrast(one: str, other: str) -> float:
    """The ratio as WCAG 2.2 defines it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
