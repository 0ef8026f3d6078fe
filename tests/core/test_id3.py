from __future__ import annotations

import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen.id3 import ID3

from pipeline.core.formats.id3 import audio_start, id3v24_tag
from pipeline.core.formats.picture import PictureKind
from pipeline.core.formats.tags import TrackTags
from pipeline.core.wanted.cover import Cover
from tests.audio_files import foreign_id3

COVER = Cover(
    kind=PictureKind.JPEG,
    width=1400,
    height=1400,
    checksum="c" * 64,
    content=b"\xff\xd8 a picture \xff\xfb\x90\x64 with what looks like audio in it \xff\xd9",
)
EVERYTHING = TrackTags(
    title="Streetlights",
    artist="The Night Bus",
    album_artist="Various",
    album="Small Hours",
    date="2026-05-01",
    track_number=3,
    track_count=12,
    lyrics="[Verse]\r\nStreetlights flicker\r\n\r\n[Chorus]\r\nÖl für 夜",
    genre="Indie folk",
    composer="A. Person",
    lyricist="B. Writer",
    isrc="QZABC2600001",
    bpm=92,
    key="Am",
    copyright="2026 The Night Bus",
    publisher="Depot Records",
    language="eng",
    comment="take 2 of 3",
    named_texts=(("ITUNESADVISORY", "1"), ("BARCODE", "036000291452")),
    cover=COVER,
)


def read_back(tag: bytes) -> ID3:
    return ID3(io.BytesIO(tag), translate=False)


def test_mutagen_reads_every_field_that_was_written() -> None:
    frames = read_back(id3v24_tag(EVERYTHING))
    assert frames.version == (2, 4, 0)
    assert {name: str(frames[name]) for name in frames if frames[name].FrameID[0] == "T"} == {
        "TIT2": "Streetlights",
        "TPE1": "The Night Bus",
        "TPE2": "Various",
        "TALB": "Small Hours",
        "TDRC": "2026-05-01",
        "TRCK": "3/12",
        "TCON": "Indie folk",
        "TCOM": "A. Person",
        "TEXT": "B. Writer",
        "TSRC": "QZABC2600001",
        "TBPM": "92",
        "TKEY": "Am",
        "TCOP": "2026 The Night Bus",
        "TPUB": "Depot Records",
        "TLAN": "eng",
        "TXXX:ITUNESADVISORY": "1",
        "TXXX:BARCODE": "036000291452",
    }
    (picture,) = frames.getall("APIC")
    assert (picture.mime, picture.type, picture.desc) == ("image/jpeg", 3, "")
    assert picture.data == COVER.content
    assert frames["USLT::eng"].text == "[Verse]\nStreetlights flicker\n\n[Chorus]\nÖl für 夜"
    assert frames["COMM::eng"].text == ["take 2 of 3"]


def test_the_same_tags_give_the_same_bytes_without_padding() -> None:
    tag = id3v24_tag(EVERYTHING)
    assert tag == id3v24_tag(EVERYTHING)
    assert audio_start(tag) == len(tag)
    assert tag[-1:] != b"\x00"


def test_a_small_tag_is_exactly_these_bytes() -> None:
    assert id3v24_tag(TrackTags(title="No", track_number=2)) == (
        b"ID3\x04\x00\x00\x00\x00\x00\x19"
        b"TIT2\x00\x00\x00\x03\x00\x00\x03No"
        b"TRCK\x00\x00\x00\x02\x00\x00\x032"
    )


def test_every_kind_of_frame_is_exactly_these_bytes() -> None:
    tags = TrackTags(
        title="É",
        date="2026-05",
        track_number=1,
        track_count=9,
        lyrics="la\nla",
        publisher="D",
        language="por",
        comment="take 2",
        named_texts=(("BARCODE", "1"), ("EMPTY", "")),
        cover=replace(COVER, kind=PictureKind.PNG, content=b"\x89PNG\xff\xfb"),
    )
    assert id3v24_tag(tags) == (
        b"ID3\x04\x00\x00\x00\x00\x01\x21"
        b"TIT2\x00\x00\x00\x03\x00\x00\x03\xc3\x89"
        b"TDRC\x00\x00\x00\x08\x00\x00\x032026-05"
        b"USLT\x00\x00\x00\x0a\x00\x00\x03por\x00la\nla"
        b"TPUB\x00\x00\x00\x02\x00\x00\x03D"
        b"TLAN\x00\x00\x00\x04\x00\x00\x03por"
        b"TXXX\x00\x00\x00\x0a\x00\x00\x03BARCODE\x001"
        b"COMM\x00\x00\x00\x0b\x00\x00\x03por\x00take 2"
        b"APIC\x00\x00\x00\x13\x00\x00\x00image/png\x00\x03\x00\x89PNG\xff\xfb"
        b"TRCK\x00\x00\x00\x04\x00\x00\x031/9"
    )


def test_a_cover_of_megabytes_comes_back_whole() -> None:
    cover = replace(COVER, content=bytes(range(256)) * 16384)
    tag = id3v24_tag(TrackTags(title="One", cover=cover))
    assert audio_start(tag) == len(tag)
    assert read_back(tag).getall("APIC")[0].data == cover.content


def test_lyrics_longer_than_one_size_byte_come_back_whole() -> None:
    lyrics = "la " * 5000 + "la"
    assert read_back(id3v24_tag(TrackTags(lyrics=lyrics)))["USLT::XXX"].text == lyrics


@pytest.mark.parametrize("title", [None, "", " \n", "\x00\x07", "\ud800"])
def test_nothing_to_say_makes_no_tag(title: str | None) -> None:
    assert id3v24_tag(TrackTags(title=title, track_count=4)) == b""


def test_a_nul_does_not_split_a_title_in_two() -> None:
    frames = read_back(id3v24_tag(TrackTags(title="One\x00Two\nThree\x1b")))
    assert frames["TIT2"].text == ["OneTwo Three"]


def test_a_language_that_is_no_code_is_not_claimed_for_the_lyrics() -> None:
    frames = read_back(id3v24_tag(TrackTags(lyrics="la", language="Plattdütsch")))
    assert frames["USLT::XXX"].text == "la"


@given(text=st.text(st.characters(categories=None)), lyrics=st.text(st.characters()))
def test_any_unicode_makes_a_tag_that_is_read_back_and_never_looks_like_a_frame(
    text: str, lyrics: str
) -> None:
    tags = TrackTags(title=text, artist="A", lyrics=lyrics, language=text, comment=text)
    tag = id3v24_tag(tags)
    assert b"\xff" not in tag
    assert audio_start(tag + b"\xff\xfb") == len(tag)
    frames = read_back(tag)
    assert frames["TPE1"].text == ["A"]


@given(text=st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1))
def test_visible_text_comes_back_letter_for_letter(text: str) -> None:
    frames = read_back(id3v24_tag(TrackTags(title=text, lyrics=text)))
    assert frames["TIT2"].text == [text]
    assert frames["USLT::XXX"].text == text


def test_audio_starts_after_all_tags_at_the_head() -> None:
    head = foreign_id3(300) + foreign_id3(5, has_footer=True)
    assert audio_start(head + b"\xff\xfb\x90\x64") == len(head) == 335


def test_a_tag_that_is_longer_than_the_head_is_still_measured() -> None:
    assert audio_start(foreign_id3(1 << 20)[:10]) == 10 + (1 << 20)


@pytest.mark.parametrize(
    "head", [b"", b"ID3", b"\xff\xfb\x90\x64" * 8, b"ID3\x04\x00\x00\x80\x00\x00\x00 no size"]
)
def test_no_tag_means_the_audio_starts_at_once(head: bytes) -> None:
    assert audio_start(head) == 0


@given(st.binary(max_size=64))
def test_any_head_has_some_start(head: bytes) -> None:
    assert audio_start(b"ID3" + head) >= 0
