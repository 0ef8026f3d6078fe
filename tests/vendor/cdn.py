"""The CDN's port: signed links to sound files, on an origin of its own."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from email.utils import formatdate

from .audio import not_audio, render_audio
from .faults import Rule
from .http1 import Answer, Link, Request, Server, render_head
from .misbehave import perform, status_answer
from .world import Sold, World

_CONTENT_TYPES = {"mp3": "audio/mpeg", "wav": "audio/wav", "pcm": "application/octet-stream"}
_TOKEN = re.compile(r"-([A-Za-z]{16})\.(mp3|wav|pcm)$")
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_OWN_FAULTS = (
    "truncate", "truncate_no_length", "chunked_truncate", "slow", "reset_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Bytes of a file from ``start`` up to and not including ``end``."""

    start: int
    end: int


def parse_range(header: str | None, length: int) -> Span | None:
    """The span asked for, or None for the whole file.

    A header that is no single byte range is ignored, as the standard wants; one that lies outside
    raises ``ValueError``.
    """
    matched = _RANGE.fullmatch(header or "")
    if matched is None or matched[1] == matched[2] == "":
        return None
    if matched[1] == "":
        wanted = int(matched[2])
        start, end = max(0, length - wanted), length
    else:
        start = int(matched[1])
        end = length if matched[2] == "" else min(length, int(matched[2]) + 1)
        if matched[2] != "" and int(matched[2]) < start:
            return None
    if start >= end:
        raise ValueError("range not satisfiable")
    return Span(start=start, end=end)


class Cdn:
    """Serves GET and HEAD of links that the API handed out."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.server = Server(self._respond, cut_short=self._cut_short)

    def _cut_short(self, method: str, connection: int) -> None:
        self._world.fragment("cdn", self._world.safe(method), connection, None)

    async def _respond(self, request: Request, link: Link) -> None:
        world = self._world
        world.look_for_leaks(request)
        matched = _TOKEN.search(request.path)
        sold = world.by_token.get(matched[1]) if matched is not None else None
        seq = world.received("cdn", request, sold.id if sold is not None else None)
        refusal = self._refusal(request, sold)
        if refusal is not None or sold is None:
            assert refusal is not None
            await world.send(None, request, link, seq, refusal)
            return
        rule = world.due("cdn", sold.text, seq)
        if rule is not None and rule.do == "expire_link":
            world.dead_signatures.add(request.query)
            expired = _xml(403, "AccessDenied", "Request has expired.")
            await world.send(None, request, link, seq, expired)
            return
        if rule is not None and rule.do == "redirect":
            rule.options.setdefault("status", 302)
            if "location" not in rule.options:
                away = Rule(number=0, where="cdn", do="redirect", options=dict(rule.options))
                away.options["location"] = world.link_to(sold)
                rule = away
        await self._serve(rule, request, link, seq, self._file_answer(request, sold, rule))

    def _refusal(self, request: Request, sold: Sold | None) -> Answer | None:
        world = self._world
        if request.path.startswith("/trap/"):
            world.violation("redirect_followed", f"{request.method} {request.path}")
            return _xml(404, "NoSuchKey", "there is nothing here")
        if request.method not in ("GET", "HEAD"):
            world.violation("cdn_method", f"{request.method} {request.path}")
            return _xml(405, "MethodNotAllowed", "only GET and HEAD")
        if request.header("authorization") is not None:
            world.violation("authorization_to_cdn", request.path)
            return _xml(400, "InvalidArgument", "only one authentication mechanism is allowed")
        if sold is None:
            return _xml(404, "NoSuchKey", "the specified key does not exist")
        fault = world.link_fault(request)
        if fault == "Expired":
            return _xml(403, "AccessDenied", "Request has expired.")
        if fault is not None:
            world.violation("link_altered", request.path)
            return _xml(403, fault, "the signature does not fit")
        return None

    def _file(self, sold: Sold, rule: Rule | None) -> bytes:
        audio = sold.body.get("audio_setting", {})
        spoilt = rule.do if rule is not None else ""
        raw = render_audio(
            f"{sold.id}~" if spoilt == "changed" else sold.id,
            audio_format=sold.extension,
            sample_rate=sold.sample_rate,
            bitrate=audio.get("bitrate", 256000),
            seconds=self._world.settings.audio_seconds,
            channels=self._world.settings.channels,
        )
        return not_audio(len(raw)) if spoilt == "garbage" else raw

    def _file_answer(self, request: Request, sold: Sold, rule: Rule | None) -> Answer:
        raw = self._file(sold, rule)
        etag = f'"{hashlib.md5(raw).hexdigest().upper()}"'
        modified = formatdate(sold.accepted_at, usegmt=True)
        headers = (
            ("Content-Type", _CONTENT_TYPES[sold.extension]),
            ("ETag", etag),
            ("Last-Modified", modified),
            ("Accept-Ranges", "bytes"),
        )
        asked = request.header("range")
        if request.header("if-range") not in (None, etag, modified):
            asked = None
        if rule is not None and rule.do == "no_range":
            asked = None
        try:
            span = parse_range(asked, len(raw))
        except ValueError:
            outside = (("Content-Range", f"bytes */{len(raw)}"),)
            return Answer(status=416, headers=headers + outside)
        if rule is not None and rule.do == "wrong_range":
            return _wrong_range(headers, raw, span, rule.options.get("bytes", 7))
        if span is None:
            return Answer(headers=headers, body=raw)
        place = ("Content-Range", f"bytes {span.start}-{span.end - 1}/{len(raw)}")
        return Answer(status=206, headers=(*headers, place), body=raw[span.start : span.end])

    async def _serve(
        self, rule: Rule | None, request: Request, link: Link, seq: int, answer: Answer
    ) -> None:
        if rule is None or rule.do in ("no_range", "wrong_range", "garbage", "changed"):
            await self._world.send(None, request, link, seq, answer)
        elif rule.do in _OWN_FAULTS and request.method == "GET":
            self._world.answered(seq, answer.status)
            await _serve_badly(rule, link, answer)
        elif rule.do == "empty200":
            empty = Answer(headers=answer.headers)
            await self._world.send(None, request, link, seq, empty)
        elif rule.do in _OWN_FAULTS:
            await self._world.send(None, request, link, seq, answer)
        elif rule.do == "status" and "body" not in rule.options:
            told = status_answer(rule, request.path)
            spoken = _xml(told.status, "InternalError", "told to fail")
            spoken = replace(spoken, headers=spoken.headers + told.without("content-type"))
            await self._world.send(None, request, link, seq, spoken)
        else:
            self._world.answered(seq, await perform(rule, request, link, answer))


async def _serve_badly(rule: Rule, link: Link, answer: Answer) -> None:
    link.open = False
    cut = answer.body[: rule.options.get("bytes", len(answer.body) // 2)]
    match rule.do:
        case "truncate":
            await link.write(render_head(answer, keep_alive=False) + cut)
        case "truncate_no_length":
            bare = Answer(status=answer.status, headers=answer.headers, framed=False)
            await link.write(render_head(bare, keep_alive=False) + cut)
        case "chunked_truncate":
            headers = (*answer.headers, ("Transfer-Encoding", "chunked"))
            bare = Answer(status=answer.status, headers=headers, framed=False)
            chunk = b"%x\r\n%b\r\n" % (len(cut), cut) if cut else b""
            await link.write(render_head(bare, keep_alive=False) + chunk)
        case "reset_at":
            await link.write(render_head(answer, keep_alive=False) + cut)
            # A reset discards what the kernel still holds; the peer is to get it first.
            await asyncio.sleep(0.05)
            link.reset()
        case _:
            await link.write(render_head(answer, keep_alive=False))
            async for part in _paced(answer.body, rule.options.get("bytes_per_s", 4096)):
                await link.write(part)


async def _paced(raw: bytes, bytes_per_s: int) -> AsyncIterator[bytes]:
    step = max(1, bytes_per_s // 20)
    for place in range(0, len(raw), step):
        yield raw[place : place + step]
        await asyncio.sleep(step / bytes_per_s)


def _wrong_range(
    headers: tuple[tuple[str, str], ...], raw: bytes, span: Span | None, shift: int
) -> Answer:
    """206 with bytes, truly labelled, from another place than was asked for."""
    start = ((span.start if span is not None else 0) + shift) % len(raw)
    place = ("Content-Range", f"bytes {start}-{len(raw) - 1}/{len(raw)}")
    return Answer(status=206, headers=(*headers, place), body=raw[start:])


def _xml(status: int, code: str, message: str) -> Answer:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{message}</Message></Error>\n"
    )
    return Answer(status=status, headers=(("Content-Type", "application/xml"),), body=body.encode())
