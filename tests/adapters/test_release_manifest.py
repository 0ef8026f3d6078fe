"""What a release needs and a request does not: cover, codes, credits."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from pipeline.adapters.manifest import LoadedManifest, check_together, load_manifest
from pipeline.core.wanted.credits import Contributor, Credit, Involvement, Part
from tests.adapters.manifest_files import PROFILES, album_of, errors, load, warnings
from tests.builders import song, songs
from tests.pictures import jpeg_of, png_of


def text(album: dict | None = None, *, of: dict | None = None, **top: object) -> str:
    """A manifest, one key a line."""
    document = {"album": {"title": "A", **(album or {})}, **top, "songs": of or {"one": song()}}
    return json.dumps(document, indent=1)


def with_cover(
    folder: Path, content: bytes | None, *, named: str = "art/cover.jpg"
) -> LoadedManifest:
    if content is not None:
        path = folder / named
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return load(folder, text({"cover": named}))


@pytest.mark.parametrize("content", [jpeg_of(3000), png_of(3000)], ids=["jpeg", "png"])
def test_a_cover_is_read_once_and_known_by_its_bytes(tmp_path: Path, content: bytes):
    loaded = with_cover(tmp_path, content, named="whatever")
    assert loaded.diagnostics == ()
    assert loaded.album is not None
    cover = loaded.album.cover
    assert cover is not None
    assert cover.content == content
    assert cover.checksum == hashlib.sha256(content).hexdigest()
    assert cover.file_name == ("cover.jpg" if content.startswith(b"\xff\xd8") else "cover.png")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (jpeg_of(1399), "is too small: 1399 × 1399 pixels"),
        (jpeg_of(1500, 1400), "is not square: 1500 × 1400 pixels"),
        (jpeg_of(1400)[:9000], "is a broken JPEG: it is cut short"),
        (b"GIF89a", "is a GIF file, not a JPEG or PNG"),
        (b"", "is empty"),
        (None, "does not exist"),
    ],
)
def test_a_cover_that_no_store_takes_is_an_error_where_it_is_named(
    tmp_path: Path, content: bytes | None, message: str
):
    loaded = with_cover(tmp_path, content)
    assert errors(loaded) == [(4, 12, f"the cover “art/cover.jpg” {message}")]


def test_a_cover_below_three_thousand_pixels_or_of_an_odd_kind_is_told(tmp_path: Path):
    loaded = with_cover(tmp_path, jpeg_of(1400, channels=4))
    assert loaded.album is not None
    assert warnings(loaded) == [
        (4, 12, "the cover “art/cover.jpg” is small for a store: 1400 × 1400 pixels"),
        (
            4,
            12,
            "the cover “art/cover.jpg” may be refused or shown wrongly: it is CMYK, not RGB",
        ),
    ]


@pytest.mark.parametrize("named", ["../cover.jpg", "/etc/hostname", "pipe", "loop", "."])
def test_a_cover_outside_the_folder_or_no_file_is_refused(tmp_path: Path, named: str):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path.parent / "cover.jpg").write_bytes(jpeg_of(3000))
    [(line, _, message)] = errors(with_cover(tmp_path, None, named=named))
    assert line == 4
    assert message.startswith("the cover ")


def test_a_misspelt_cover_is_answered_with_the_file_that_is_there(tmp_path: Path):
    (tmp_path / "art").mkdir()
    (tmp_path / "art" / "cover.png").write_bytes(png_of(3000))
    (finding,) = with_cover(tmp_path, None).diagnostics
    assert finding.hint == "did you mean art/cover.png?"


def test_a_wrong_check_digit_is_found_and_the_right_one_said(tmp_path: Path):
    assert errors(load(tmp_path, text({"upc": "036000291453"}))) == [
        (
            4,
            10,
            "album.upc “036000291453” ends with 3, and its other digits ask for 2:"
            " one of them is wrong",
        )
    ]


def test_an_isrc_is_held_without_hyphens_in_capitals(tmp_path: Path):
    album = album_of(tmp_path, text(of={"one": song(isrc="qz-abc-26-00001")}))
    assert album.songs[0].metadata["isrc"] == "QZABC2600001"


def test_two_recordings_with_one_isrc_are_an_error_that_names_both_places(tmp_path: Path):
    two = songs(2)
    two["song-1"]["isrc"] = "QZABC2600001"
    two["song-2"]["isrc"] = "QZ-ABC-26-00001"
    [(line, column, message)] = errors(load(tmp_path, text(of=two)))
    assert (line, column) == (16, 12)
    assert message == "song-2: QZABC2600001 is the ISRC of song-1: small-hours.yaml:10:12"


def test_songs_that_are_one_recording_may_have_one_isrc(tmp_path: Path):
    same = {"one": song("One", isrc="QZABC2600001"), "two": song("Two", isrc="QZABC2600001")}
    assert errors(load(tmp_path, text(of=same))) == []
    same["two"]["revision"] = 1
    assert len(errors(load(tmp_path, text(of=same)))) == 1


def both(folder: Path, first: str, second: str) -> list[tuple[str, str]]:
    """File and message of every error between two manifests that hold on their own."""
    loaded = []
    for name, content in (("a.yaml", first), ("b.yaml", second)):
        path = folder / name
        path.write_text(content)
        each = load_manifest(path, profiles=PROFILES, provider=None, shown_as=f"m/{name}")
        assert errors(each) == []
        loaded.append(each)
    return [
        (f"{each.file}:{each.position.line}:{each.position.column}", each.message)
        for each in check_together(loaded)
        if each.severity.value == "error"
    ]


def test_codes_are_not_shared_between_albums(tmp_path: Path):
    one = song(isrc="QZABC2600001", prompt="a slow waltz")
    other = song(isrc="QZABC2600001", prompt="a quick waltz")
    upc, ean = {"upc": "036000291452"}, {"upc": "0036000291452"}
    assert both(tmp_path, text(upc, of={"one": one}), text(ean, of={"two": other})) == [
        (
            "m/b.yaml:4:10",
            "album.upc “0036000291452” is the code of another album: m/a.yaml:4:10",
        ),
        ("m/b.yaml:11:12", "two: QZABC2600001 is the ISRC of one: m/a.yaml:11:12"),
    ]


def test_one_recording_on_two_albums_keeps_its_isrc(tmp_path: Path):
    one = song(isrc="QZABC2600001")
    assert both(tmp_path, text(of={"one": one}), text(of={"again": one})) == []


def test_credits_are_read_for_the_album_and_for_a_song(tmp_path: Path):
    credits_ = {
        "lyrics": {"ai": "none", "people": ["B. Lund", "B. Lund"]},
        "artwork": {"ai": "assisted", "tool": "an image model", "note": "retouched"},
        "contributors": [{"name": "C. Ito", "role": "mastering"}],
    }
    own = {"vocals": {"people": ["A. Moreno"]}}
    album = album_of(tmp_path, text(of={"one": song(credits=own)}, credits=credits_))
    assert album.credits.parts == {
        Part.LYRICS: Credit(ai=Involvement.NONE, people=("B. Lund",)),
        Part.ARTWORK: Credit(ai=Involvement.ASSISTED, tool="an image model", note="retouched"),
    }
    assert album.credits.contributors == (Contributor(name="C. Ito", role="mastering"),)
    assert album.songs[0].credits.parts == {Part.VOCALS: Credit(people=("A. Moreno",))}


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"vocals": {"ai": "none"}}, "credits.vocals.ai must be one of assisted, generated"),
        (
            {"lyrics": {"ai": "partly"}},
            "credits.lyrics.ai must be one of none, assisted, generated",
        ),
        ({"lyrics": {}}, "credits.lyrics must not be empty"),
        ({"lyric": {"ai": "none"}}, "unknown key “lyric” in credits"),
        ({"contributors": [{"name": "C. Ito"}]}, "credits.contributors[0] has no role"),
    ],
)
def test_credits_that_say_nothing_or_deny_the_journal_are_errors(
    tmp_path: Path, part: dict, message: str
):
    [(_, _, found)] = errors(load(tmp_path, text(credits=part)))
    assert found.startswith(message)


def test_nothing_of_all_this_is_part_of_a_request(tmp_path: Path):
    (tmp_path / "cover.jpg").write_bytes(jpeg_of(3000))
    plain = album_of(tmp_path, text())
    full = album_of(
        tmp_path,
        text(
            {"cover": "cover.jpg", "upc": "036000291452"},
            of={"one": song(isrc="QZABC2600001", credits={"lyrics": {"ai": "none"}})},
            credits={"lyrics": {"ai": "none"}},
        ),
    )
    assert full.songs[0].request == plain.songs[0].request
