import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.formats.picture import NotAPicture, PictureFacts, PictureKind, read_picture
from pipeline.core.wanted.cover import check_cover
from tests.pictures import PROGRESSIVE, jpeg_of, png_chunk, png_of


def oddities(content: bytes) -> tuple[str, ...]:
    return read_picture(content).oddities


@pytest.mark.parametrize(
    ("content", "kind"),
    [(jpeg_of(1500, 1401), PictureKind.JPEG), (png_of(1500, 1401), PictureKind.PNG)],
    ids=["jpeg", "png"],
)
def test_kind_and_size_are_read_from_the_file_itself(content: bytes, kind: PictureKind):
    facts = read_picture(content)
    assert (facts.kind, facts.width, facts.height) == (kind, 1500, 1401)
    assert facts.oddities == ()


def test_a_thumbnail_inside_a_jpeg_is_not_taken_for_the_picture():
    thumbnail = jpeg_of(160)
    exif = b"\xff\xe1" + (len(thumbnail) + 8).to_bytes(2) + b"Exif\x00\x00" + thumbnail
    content = jpeg_of(1400)
    assert read_picture(content[:2] + exif + content[2:]).width == 1400


def test_several_scans_restarts_and_what_follows_the_end_are_read_over():
    content = jpeg_of(1400)
    scan = content.index(b"\xff\xda")
    again = content[scan:-2] + b"\xff\xd0\x00\xff\x00" + content[scan:]
    assert read_picture(content[:scan] + again + b"appended by a phone").width == 1400


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (jpeg_of(channels=4), "it is CMYK, not RGB"),
        (jpeg_of(channels=1), "it is grey, not RGB"),
        (jpeg_of(frame=PROGRESSIVE), "it is progressive"),
        (jpeg_of(frame=0xC9), "it is arithmetic-coded"),
        (png_of(depth=16), "it has 16 bits a channel"),
        (png_of(colour=6), "it has transparency"),
        (png_of(more=png_chunk(b"tRNS", bytes(6))), "it has transparency"),
        (png_of(more=png_chunk(b"acTL", bytes(8))), "it is animated"),
    ],
)
def test_what_some_stores_cannot_show_is_named(content: bytes, words: str):
    assert words in oddities(content)


@pytest.mark.parametrize("content", [jpeg_of(), png_of()], ids=["jpeg", "png"])
def test_a_picture_that_is_cut_short_anywhere_is_broken(content: bytes):
    for end in (3, 12, 30, 100, len(content) // 2, len(content) - 1):
        with pytest.raises(NotAPicture, match=r"broken|no JPEG or PNG"):
            read_picture(content[:end])


def test_one_changed_byte_in_a_png_is_found():
    content = bytearray(png_of())
    content[len(content) // 2] ^= 1
    with pytest.raises(NotAPicture, match="damaged or cut short"):
        read_picture(bytes(content))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"GIF89a" + bytes(40), "is a GIF file, not a JPEG or PNG"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(40), "is a WebP file, not a JPEG or PNG"),
        (b"a text", "is no JPEG or PNG"),
        (b"\xff\xd8\xff\xd9", "it has no picture in it"),
    ],
)
def test_anything_else_is_called_what_it_is(content: bytes, words: str):
    with pytest.raises(NotAPicture, match=words):
        read_picture(content)


@given(st.binary(max_size=200))
def test_any_bytes_end_as_facts_or_as_a_reason(content: bytes):
    for head in (b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b""):
        with contextlib.suppress(NotAPicture):
            assert isinstance(read_picture(head + content), PictureFacts)


def found(width: int, height: int, size_bytes: int = 1000) -> list[tuple[bool, str]]:
    facts = PictureFacts(kind=PictureKind.JPEG, width=width, height=height)
    return [(one.is_error, one.message) for one in check_cover(facts, size_bytes=size_bytes)]


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (3000, 3000, []),
        (2999, 2999, [(False, "is small for a store: 2999 × 2999 pixels")]),
        (1400, 1400, [(False, "is small for a store: 1400 × 1400 pixels")]),
        (1399, 1399, [(True, "is too small: 1399 × 1399 pixels")]),
        (3000, 3001, [(True, "is not square: 3000 × 3001 pixels")]),
    ],
)
def test_a_cover_is_square_and_large_enough_or_it_is_said(
    width: int, height: int, expected: list[tuple[bool, str]]
):
    assert found(width, height) == expected


def test_a_cover_of_more_than_ten_megabytes_is_only_warned_of():
    assert found(3000, 3000, 10_000_000) == []
    ((is_error, message),) = found(3000, 3000, 12_345_678)
    assert not is_error
    assert message == "is large: 12.3 MB, and every track carries it"
