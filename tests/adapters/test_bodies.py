from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.adapters.aimlapi.bodies import (
    LARGEST_BODY_BYTES,
    Unreadable,
    parse_object,
    read_body,
)


def read(chunks: Sequence[bytes], encoding: str | None = None) -> bytes:
    async def stream() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    headers = {} if encoding is None else {"Content-Encoding": encoding}
    response = httpx.Response(200, headers=headers, content=stream())
    return asyncio.run(read_body(response))


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        (b"{}", None),
        (b"{}", ""),
        (b"{}", "Identity"),
        (gzip.compress(b"{}", mtime=0), "gzip"),
        (gzip.compress(b"{}", mtime=0), " X-GZIP "),
        (zlib.compress(b"{}"), "deflate"),
    ],
)
def test_a_body_is_read_in_every_encoding_that_may_come(raw: bytes, encoding: str | None) -> None:
    assert read([raw[:1], raw[1:]], encoding) == b"{}"


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        (b"{}", "gzip"),
        (gzip.compress(b"{}", mtime=0)[:-3], "gzip"),
        (b"", "gzip"),
        (b"{}", "br"),
        (b"{}", "gzip, gzip"),
        (gzip.compress(b" " * (LARGEST_BODY_BYTES + 1), mtime=0), "gzip"),
        (zlib.compress(b" " * (100 << 20)), "deflate"),
        (b" " * (LARGEST_BODY_BYTES + 1), None),
    ],
    ids=range(8),
)
def test_a_body_that_is_damaged_foreign_or_too_large_is_unreadable(
    raw: bytes, encoding: str | None
) -> None:
    with pytest.raises(Unreadable):
        read([raw], encoding)


def test_a_body_of_the_largest_size_is_read() -> None:
    assert len(read([b" " * LARGEST_BODY_BYTES])) == LARGEST_BODY_BYTES
    packed = gzip.compress(b" " * LARGEST_BODY_BYTES)
    assert len(read([packed], "gzip")) == LARGEST_BODY_BYTES


def test_no_more_is_taken_from_the_socket_than_the_limit_allows() -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1 << 16
            yield b"x" * (1 << 16)

    async def drain() -> None:
        with pytest.raises(Unreadable):
            await read_body(httpx.Response(200, content=endless()))

    asyncio.run(drain())
    assert taken <= LARGEST_BODY_BYTES + (2 << 16)


def test_decimals_are_kept_exact() -> None:
    assert parse_object(b'{"usd": 0.1950000000000000000001}') == {
        "usd": Decimal("0.1950000000000000000001")
    }


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"null", b"[]", b'"text"', b"1", b"{", b'{"a": NaN}', b'{"a": -Infinity}', b"\xff",
        b"{'a': 1}", b"[" * 200_000, b'{"a":' * 200_000,
        b'{"a": ' + b"9" * 10_000 + b"}",
        b'{"a": 1e99999999999999999999}',
        b'{"a": -1E+99999999999999999999}',
    ],
    ids=lambda raw: ascii(raw[:20]),
)  # fmt: skip
def test_what_is_no_json_object_is_unreadable(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        parse_object(raw)


@pytest.mark.parametrize("raw", [b"[1]", b"<html>", b'{"key": "sk-secret"'])
def test_the_complaint_quotes_nothing_of_the_body(raw: bytes) -> None:
    with pytest.raises(Unreadable) as unreadable:
        parse_object(raw)
    assert raw.decode() not in str(unreadable.value)
    assert "secret" not in str(unreadable.value)
    assert unreadable.value.__cause__ is None


DIGITS = st.text("0123456789eE+-.", min_size=1, max_size=40).map(
    lambda text: f'{{"id": "a", "n": {text}}}'.encode()
)
NESTED = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
).map(lambda tree: json.dumps(tree).encode())


@given(st.binary(max_size=200) | DIGITS | NESTED)
def test_any_bytes_are_an_object_or_unreadable(raw: bytes) -> None:
    try:
        assert isinstance(parse_object(raw), dict)
    except Unreadable:
        return


@given(
    st.lists(st.binary(max_size=50), max_size=4),
    st.sampled_from([None, "gzip", "deflate", "br", "x-gzip", "GZIP", ","]),
)
def test_any_stream_is_a_body_or_unreadable(chunks: list[bytes], encoding: str | None) -> None:
    try:
        assert isinstance(read(chunks, encoding), bytes)
    except Unreadable:
        return
