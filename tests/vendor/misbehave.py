"""Faults that any endpoint can have: what is done to an answer on its way out."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
import zlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

from .faults import Rule
from .http1 import Answer, Link, Request, json_answer, render_head

HTML = b"<!doctype html><html><head><title>502</title></head><body>Bad gateway</body></html>"
_MIB = 1 << 20
_BOMB_MIB = 1100
_HUGE_BYTES = 200_000_000


def error_answer(
    status: int,
    message: str,
    *,
    path: str,
    body: str | None = None,
    headers: tuple[tuple[str, str], ...] = (),
) -> Answer:
    """An error in one of the vendor's shapes: ``problem``, ``message``, ``html`` or ``empty``.

    Left out, the shape is the one seen for the status: ``message`` for 429 and 5xx.
    """
    shape = body or ("message" if status == 429 or status >= 500 else "problem")
    request_id = str(uuid.uuid4())
    moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if shape == "html":
        html = (("Content-Type", "text/html; charset=utf-8"), *headers)
        return Answer(status=status, headers=html, body=HTML)
    if shape == "empty":
        return Answer(status=status, headers=headers)
    if shape == "message":
        document: dict[str, Any] = {
            "message": message,
            "path": path,
            "requestId": request_id,
            "statusCode": str(status),
            "timestamp": moment,
        }
        return json_answer(document, status=status, headers=headers)
    title = HTTPStatus(status).phrase if status in {one.value for one in HTTPStatus} else "Error"
    document = {
        "title": title,
        "status": status,
        "message": message,
        "instance": path,
        "requestId": request_id,
        "error": {"name": title.replace(" ", "") + "Error", "message": message},
    }
    return json_answer(
        document, status=status, content_type="application/problem+json", headers=headers
    )


def retry_after_text(wish: str) -> str:
    """``date:N`` becomes the HTTP date N seconds from now; anything else is sent as it is."""
    if wish.startswith("date:"):
        return formatdate(time.time() + float(wish.removeprefix("date:")), usegmt=True)
    return wish


def status_answer(rule: Rule, path: str) -> Answer:
    """The error that a ``status`` rule asks for."""
    options = rule.options
    headers = tuple((str(name), str(text)) for name, text in options.get("headers", {}).items())
    if "retry_after" in options:
        headers += (("Retry-After", retry_after_text(options["retry_after"])),)
    status = options.get("status", 500)
    message = options.get("message", f"told to answer {status}")
    return error_answer(status, message, path=path, body=options.get("body"), headers=headers)


def _bomb_parts(body: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    def deflate(raw: bytes, mode: int) -> bytes:
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        return packer.compress(raw) + packer.flush(mode)

    start = body[:-1] + (b"," if len(body) > 2 else b"") + b'"pad":"'
    blanks = b" " * _MIB
    # A full flush ends on a byte and refers to nothing before it, so one block serves for all.
    return (
        start,
        deflate(start, zlib.Z_FULL_FLUSH),
        deflate(blanks, zlib.Z_FULL_FLUSH),
        deflate(b'"}', zlib.Z_FINISH),
    )


def _crc_step(block: bytes) -> Callable[[int], int]:
    """``zlib.crc32(block, check)`` as a function of ``check``, quick for a block used often."""
    # A checksum's next value is affine in the last one, so 33 of them tell all the others.
    constant = zlib.crc32(block, 0)
    columns = [zlib.crc32(block, 1 << bit) ^ constant for bit in range(32)]

    def step(check: int) -> int:
        after = constant
        for bit, column in enumerate(columns):
            if check >> bit & 1:
                after ^= column
        return after

    return step


async def _bomb(body: bytes) -> AsyncIterator[bytes]:
    """A gzip member of 1.1 GiB of valid JSON in about 1.1 MB, made as it is sent."""
    start, head, block, end = _bomb_parts(body)
    check_after_blanks = _crc_step(b" " * _MIB)
    check = zlib.crc32(start)
    yield b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + head
    for _ in range(_BOMB_MIB):
        check = check_after_blanks(check)
        yield block
    length = len(start) + _BOMB_MIB * _MIB + 2
    yield end + zlib.crc32(b'"}', check).to_bytes(4, "little") + length.to_bytes(4, "little")


async def _huge(body: bytes, length: int) -> AsyncIterator[bytes]:
    yield body[:-1] + (b"," if len(body) > 2 else b"") + b'"pad":"'
    for _ in range(-(-length // _MIB)):
        yield b"x" * _MIB
    yield b'"}'


async def _stream(link: Link, answer: Answer, parts: AsyncIterator[bytes]) -> None:
    """A chunked answer with nothing to be known of its length."""
    link.open = False
    headers = (*answer.without("content-length"), ("Transfer-Encoding", "chunked"))
    head = Answer(status=answer.status, headers=headers, framed=False)
    await link.write(render_head(head, keep_alive=False))
    async for part in parts:
        await link.write(b"%x\r\n%b\r\n" % (len(part), part))
        await asyncio.sleep(0)
    await link.write(b"0\r\n\r\n")


def _as_object(answer: Answer) -> bytes:
    try:
        document = json.loads(answer.body)
    except ValueError:
        document = None
    return answer.body if isinstance(document, dict) and document else b'{"ok":true}'


async def perform(rule: Rule, request: Request, link: Link, answer: Answer) -> int | None:
    """Does to ``answer`` what the rule says; returns the status sent, None if none was."""
    what = rule.do.removeprefix("accept_then_")
    instead = _replaced(what, rule, request, answer)
    if instead is not None:
        await link.answer(request, instead)
        return instead.status
    match what:
        case "hang":
            await link.hang()
        case "reset" | "reset_after_read":
            link.reset()
        case "delay":
            if not await link.gone_within(rule.options.get("seconds", 1.0)):
                await link.answer(request, answer, keep_alive=False)
                return answer.status
        case _:
            await _mangle(what, rule, link, answer)
            return answer.status
    return None


def _replaced(what: str, rule: Rule, request: Request, answer: Answer) -> Answer | None:
    match what:
        case "status":
            return status_answer(rule, request.path)
        case "html200":
            return Answer(headers=(("Content-Type", "text/html; charset=utf-8"),), body=HTML)
        case "empty200":
            return Answer(headers=(("Content-Type", "application/json"),))
        case "bad_json":
            cut = answer.body[: max(1, len(answer.body) * 2 // 3)]
            return Answer(status=answer.status, headers=answer.headers, body=cut)
        case "no_id":
            document = {**json.loads(answer.body), "id": ""}
            del document["id"]
            headers = answer.without("content-type", "x-inference-id")
            return json_answer(document, status=answer.status, headers=headers)
        case "redirect":
            place = (("Location", rule.options["location"]),)
            return Answer(status=rule.options.get("status", 307), headers=place)
    return None


async def _mangle(what: str, rule: Rule, link: Link, answer: Answer) -> None:
    link.open = False
    match what:
        case "truncate":
            cut = answer.body[: rule.options.get("bytes", len(answer.body) // 2)]
            await link.write(render_head(answer, keep_alive=False) + cut)
        case "drip":
            head = render_head(answer, keep_alive=False)
            if not rule.options.get("head", False):
                await link.write(head)
                head = b""
            await link.drip(head + answer.body, interval_s=rule.options.get("seconds", 1.0))
        case "gzip_bomb":
            packed = (*answer.headers, ("Content-Encoding", "gzip"))
            bomb = Answer(status=answer.status, headers=packed)
            await _stream(link, bomb, _bomb(_as_object(answer)))
        case "huge":
            length = rule.options.get("bytes", _HUGE_BYTES)
            await _stream(link, answer, _huge(_as_object(answer), length))
        case _:
            raise AssertionError(f"no fault {what}")
