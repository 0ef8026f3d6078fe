"""Reading an answer's body within limits, before and after decompression."""

from __future__ import annotations

import json
import zlib
from decimal import Decimal
from typing import Any

import httpx

LARGEST_BODY_BYTES = 2 << 20  # a log page of 100 rows is about 50 KiB
ENCODING_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


class Unreadable(Exception):
    """The body is not what it should be; the message says why and quotes nothing of it."""


async def read_body(response: httpx.Response) -> bytes:
    """The decoded body, at most 2 MiB before and after decompression; raises ``Unreadable``."""
    raw = bytearray()
    async for chunk in response.aiter_raw():
        raw += chunk
        if len(raw) > LARGEST_BODY_BYTES:
            raise Unreadable("the answer is larger than 2 MiB")
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        return bytes(raw)
    if encoding not in ENCODING_BITS:
        raise Unreadable("the answer has an encoding that was not asked for")
    return _inflate(bytes(raw), ENCODING_BITS[encoding])


def _inflate(raw: bytes, window_bits: int) -> bytes:
    stream = zlib.decompressobj(window_bits)
    try:
        body = stream.decompress(raw, LARGEST_BODY_BYTES + 1)
    except zlib.error:
        raise Unreadable("the compressed answer is damaged") from None
    if len(body) > LARGEST_BODY_BYTES:
        raise Unreadable("the answer unpacks to more than 2 MiB")
    if not stream.eof:
        raise Unreadable("the compressed answer is cut short")
    return body


def parse_object(body: bytes) -> dict[str, Any]:
    """A JSON object with decimals kept exact; raises ``Unreadable``."""
    try:
        parsed = json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, ArithmeticError, RecursionError):
        raise Unreadable("the answer is not JSON") from None
    if not isinstance(parsed, dict):
        raise Unreadable("the answer is not a JSON object")
    return parsed


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)
