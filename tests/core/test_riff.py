from __future__ import annotations

import io
import struct
import wave
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen.wave import WAVE

from pipeline.core.formats.picture import PictureKind
from pipeline.core.formats.riff import (
    ReadAt,
    Span,
    info_chunk,
    tagged_wav,
    untagged_wavs,
    wav_layout,
)
from pipeline.core.formats.tags import TrackTags
from pipeline.core.wanted.cover import Cover
from tests.audio_files import chunk, fmt_chunk, riff, tone, wav_of
from tests.pictures import jpeg_of

TAGS = TrackTags(
    title="Coda", artist="The Night Bus", album="Small Hours", date="2026", track_number=4
)
SAMPLES = tone(seconds=0.05)


def reading(content: bytes) -> ReadAt:
    return lambda offset, count: content[offset : offset + count]


def tagged(content: bytes, tags: TrackTags = TAGS) -> bytes | None:
    pieces = tagged_wav(wav_layout(reading(content), file_bytes=len(content)), tags)
    if pieces is None:
        return None
    return b"".join(
        content[piece.start : piece.start + piece.size] if isinstance(piece, Span) else piece
        for piece in pieces
    )


def chunks_of(content: bytes) -> dict[bytes, bytes]:
    layout = wav_layout(reading(content), file_bytes=len(content))
    assert layout.is_intact
    return {one.id: content[one.payload_start : one.payload_end] for one in layout.chunks}


def rewritten(content: bytes, tags: TrackTags = TAGS) -> bytes:
    written = tagged(content, tags)
    assert written is not None
    assert struct.unpack_from("<I", written, 4)[0] == len(written) - 8
    assert len(written) % 2 == 0
    return written


def test_tags_follow_the_samples_and_independent_readers_find_both() -> None:
    written = rewritten(wav_of(SAMPLES))
    with wave.open(io.BytesIO(written)) as reader:
        assert reader.readframes(reader.getnframes()) == SAMPLES
    frames = WAVE(io.BytesIO(written)).tags
    assert frames["TIT2"].text == ["Coda"]
    assert list(chunks_of(written)) == [b"fmt ", b"data", b"LIST", b"id3 "]


def test_the_info_chunk_is_exactly_these_bytes() -> None:
    assert info_chunk(replace(TAGS, artist=None, album=None)) == (
        b"LIST\x2a\x00\x00\x00INFO"
        b"INAM\x05\x00\x00\x00Coda\x00\x00"
        b"ICRD\x05\x00\x00\x002026\x00\x00"
        b"ITRK\x02\x00\x00\x004\x00"
    )


def test_the_info_chunk_says_all_that_it_has_words_for() -> None:
    tags = TrackTags(
        genre="Folk",
        composer="A. Moreno",
        lyricist="B. Lund",
        copyright="2026 X",
        language="por",
        comment="take 2",
    )
    info = chunks_of(rewritten(wav_of(SAMPLES), tags))[b"LIST"]
    assert info == (
        b"INFO"
        b"IGNR\x05\x00\x00\x00Folk\x00\x00"
        b"IMUS\x0a\x00\x00\x00A. Moreno\x00"
        b"IWRI\x08\x00\x00\x00B. Lund\x00"
        b"ICOP\x07\x00\x00\x002026 X\x00\x00"
        b"ILNG\x04\x00\x00\x00por\x00"
        b"ICMT\x07\x00\x00\x00take 2\x00\x00"
    )


def test_a_cover_is_in_the_id3_chunk_and_leaves_the_samples_alone() -> None:
    content = jpeg_of(1400)
    cover = Cover(
        kind=PictureKind.JPEG, width=1400, height=1400, checksum="c" * 64, content=content
    )
    written = rewritten(wav_of(SAMPLES), replace(TAGS, cover=cover))
    assert WAVE(io.BytesIO(written)).tags.getall("APIC")[0].data == content
    assert chunks_of(written)[b"data"] == SAMPLES


def test_tagging_again_changes_nothing_and_retagging_replaces() -> None:
    once = rewritten(wav_of(SAMPLES))
    assert rewritten(once) == once
    renamed = replace(TAGS, title="Coda (reprise)")
    assert rewritten(once, renamed) == rewritten(wav_of(SAMPLES), renamed)


def test_only_metadata_of_our_kinds_is_replaced() -> None:
    cues = chunk(b"LIST", b"adtl" + chunk(b"labl", b"\x01\x00\x00\x00A\x00"))
    content = riff(
        chunk(b"LIST", b"INFO" + chunk(b"ISFT", b"else\x00\x00")),
        fmt_chunk(),
        chunk(b"ID3 ", b"old"),
        cues,
        chunk(b"data", SAMPLES),
        chunk(b"odd ", b"123"),
    )
    written = rewritten(content)
    assert cues in written
    assert chunk(b"odd ", b"123") in written
    assert b"ISFT" not in written
    assert b"ID3 \x03" not in written
    assert chunks_of(written)[b"data"] == SAMPLES


@pytest.mark.parametrize("claimed", [0, 0xFFFF_FFFF])
def test_a_streamed_file_gets_its_real_sizes(claimed: int) -> None:
    content = riff(fmt_chunk(), chunk(b"data", SAMPLES, claimed=claimed), claimed=claimed)
    written = rewritten(content)
    with wave.open(io.BytesIO(written)) as reader:
        assert reader.readframes(reader.getnframes()) == SAMPLES


def test_an_odd_last_chunk_is_padded_before_the_tags_even_if_its_writer_forgot() -> None:
    mono = riff(fmt_chunk(channels=1), chunk(b"data", b"\x01\x02\x03"))
    assert rewritten(mono[:-1]) == rewritten(mono)


@pytest.mark.parametrize(
    "content",
    [
        riff(fmt_chunk()),
        riff(fmt_chunk(), chunk(b"data", SAMPLES, claimed=len(SAMPLES) + 99)),
        riff(fmt_chunk(), chunk(b"data", SAMPLES), b"\x00\x00\x00"),
        riff(fmt_chunk(), chunk(b"data", SAMPLES), b"\x00\x01\x02\x03\x04\x00\x00\x00abcd"),
        riff(chunk(b"void", b"") * 2000, fmt_chunk(), chunk(b"data", SAMPLES)),
        b"RIFF\x00\x00\x00\x00WAVE",
    ],
    ids=["no data", "cut short", "tail", "no chunk id", "thousands of chunks", "nothing"],
)
def test_a_file_whose_chunks_do_not_add_up_is_left_alone(content: bytes) -> None:
    assert tagged(content) is None


def test_a_file_beyond_four_gigabytes_is_left_alone() -> None:
    claimed, header = 0xFFFF_FFF0, riff(fmt_chunk(), chunk(b"data", b"", claimed=0xFFFF_FFF0))
    layout = wav_layout(reading(header), file_bytes=len(header) + claimed)
    assert layout.is_intact
    assert tagged_wav(layout, TAGS) is None


def test_without_tags_nothing_is_appended() -> None:
    content = wav_of(SAMPLES)
    assert tagged(content, TrackTags()) == content


@given(title=st.text(st.characters(categories=None)))
def test_any_unicode_leaves_a_file_that_can_be_read(title: str) -> None:
    written = rewritten(wav_of(SAMPLES), TrackTags(title=title, artist="A"))
    assert chunks_of(written)[b"data"] == SAMPLES
    assert WAVE(io.BytesIO(written)).tags["TPE1"].text == ["A"]


@given(st.binary(max_size=300))
def test_any_bytes_have_a_layout(content: bytes) -> None:
    tagged(riff(content))
    tagged(riff(fmt_chunk(), content))


# --- and back ---


def once(content: bytes) -> set[bytes]:
    """All that a published file may have been."""
    layout = wav_layout(reading(content), file_bytes=len(content))
    return {
        b"".join(
            content[piece.start : piece.start + piece.size] if isinstance(piece, Span) else piece
            for piece in pieces
        )
        for pieces in untagged_wavs(layout)
    }


@pytest.mark.parametrize("samples", [b"\x01\x02" * 8, b"\x01\x02" * 8 + b"\x03"])
@pytest.mark.parametrize("is_padded", [True, False])
@pytest.mark.parametrize("claim", [None, 0, 0xFFFF_FFFF])
def test_without_its_tags_a_file_is_what_it_was(samples: bytes, is_padded: bool, claim: int | None):
    size = len(samples) if claim is None else claim
    padding = b"\x00" * (len(samples) % 2) if is_padded and claim is None else b""
    body = fmt_chunk() + b"data" + struct.pack("<I", size) + samples + padding
    riff_bytes = 4 + len(body) if claim is None else claim
    pristine = b"RIFF" + struct.pack("<I", riff_bytes) + b"WAVE" + body
    published = tagged(pristine)
    assert published is not None
    assert pristine not in (published, b"")
    assert pristine in once(published)


def test_what_has_no_chunks_was_nothing_else():
    assert once(b"RIFF\x00\x00\x00\x00WAVE") == set()
