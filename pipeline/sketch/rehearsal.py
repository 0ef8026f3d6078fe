"""A bad day, on order: stands before the application and does to requests what faults ask for."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.sketch import logs
from pipeline.sketch.contract import LARGEST_BODY_BYTES, bucket_error_body, error_body
from pipeline.sketch.faults import Effect, Fault, FaultBook, Place
from pipeline.sketch.jobs import Job
from pipeline.sketch.service import Service

UNKNOWN_STATUS = "waiting"
_PLACES = {
    ("POST", "/v2/generate/audio"): Place.POST,
    ("GET", "/v2/generate/audio"): Place.POLL,
    ("GET", "/v2/logs"): Place.LOGS,
    ("GET", "/v2/billing"): Place.BILLING,
}
# What a poll says instead of how the generation stands.
_TOLD: Mapping[Effect, Mapping[str, str | None]] = {
    Effect.UNKNOWN_STATUS: {"status": UNKNOWN_STATUS},
    Effect.STUCK: {"status": "generating"},
    Effect.NO_LINK: {"status": "completed", "audio_file": None},
}
_GATEWAY_PAGE = (
    b"<!doctype html><html><head><title>502</title></head><body>Bad gateway</body></html>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer, before it is sent."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def with_body(self, body: bytes) -> Answer:
        """The same answer with another body, and a length to match."""
        kept = tuple(pair for pair in self.headers if pair[0].lower() != b"content-length")
        length = (b"content-length", str(len(body)).encode())
        return Answer(status=self.status, headers=(*kept, length), body=body)


class Rehearsal:
    """The application with faults before it. ``dead_links`` gets signatures of expired links."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        faults: FaultBook,
        service: Service,
        dead_links: set[str],
        hang_up: Callable[[Scope], None],
    ) -> None:
        """``hang_up`` drops the connection of a request without another byte."""
        self._app = app
        self._faults = faults
        self._service = service
        self._dead_links = dead_links
        self._hang_up = hang_up

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, as it is or as a fault has it."""
        place = place_of(scope)
        if place is None:
            await self._app(scope, receive, send)
            return
        body = await _read(receive) if place is Place.POST else b""
        again = _replayed(body, receive) if place is Place.POST else receive
        fault = self._faults.due(place, self._subject(place, scope, body))
        if fault is None:
            await self._app(scope, again, send)
        elif fault.effect is Effect.LOST_REQUEST:
            await self._drop(scope)
        elif fault.effect in (Effect.STATUS, Effect.HTML):
            await _send_all(_instead(fault, scope), send)
        else:
            await self._spoil(fault, scope, again, send)

    async def _spoil(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        """What happens to a request that the application does answer."""
        self._prepare(fault, scope)
        if fault.effect is Effect.SLOW:
            await asyncio.sleep(fault.seconds)
        answer = await _captured(self._app, scope, receive)
        if fault.effect is Effect.LOST_ANSWER:
            await self._drop(scope)
        elif answer.status >= 300:
            await _send_all(answer, send)
        elif fault.effect is Effect.TRUNCATE:
            # Ending without the last part makes the server close the connection.
            await send(_start(answer))
            half = answer.body[: len(answer.body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
        elif fault.effect is Effect.STATUS_AFTER_ACCEPT:
            await _send_all(_instead(fault, scope), send)
        else:
            await _send_all(_changed(fault, answer), send)

    def _prepare(self, fault: Fault, scope: Scope) -> None:
        query = _query(scope)
        if fault.effect is Effect.EXPIRED:
            self._dead_links.add(query.get("Signature", ""))
        job = self._service.job(query.get("generation_id", ""))
        if fault.effect is Effect.ERROR and job is not None:
            self._service.condemn(job)

    async def _drop(self, scope: Scope) -> None:
        self._hang_up(scope)
        await asyncio.sleep(0.05)  # the server learns of it in a later turn of its loop

    def _subject(self, place: Place, scope: Scope, body: bytes) -> str:
        """The texts and ids of the song that a request is about."""
        if place is Place.POST:
            sent = dict(scope["headers"]).get(b"x-client-request-id", b"").decode("latin-1")
            return f"{_texts(_document(body))}\n{sent}"
        if place is Place.CDN:
            return _subject_of(self._service.job(_file_name(scope).rpartition(".")[0]))
        return _subject_of(self._service.job(_query(scope).get("generation_id", "")))


def place_of(scope: Scope) -> Place | None:
    """Which endpoint a request is for, None for all that no fault befalls."""
    if scope["type"] != "http":
        return None
    if scope["path"].startswith("/cdn/"):
        return Place.CDN
    return _PLACES.get((scope["method"], scope["path"]))


def _subject_of(job: Job | None) -> str:
    if job is None:
        return ""
    return f"{_texts(job.body)}\n{job.client_request_id or ''}\n{job.generation_id}"


def _texts(body: Mapping[str, Any]) -> str:
    return f"{body.get('prompt')}\n{body.get('lyrics')}"


def _document(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _query(scope: Scope) -> dict[str, str]:
    parsed = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return {name: values[-1] for name, values in parsed.items()}


def _file_name(scope: Scope) -> str:
    return unquote(scope["path"].removeprefix("/cdn/"))


def _instead(fault: Fault, scope: Scope) -> Answer:
    """The answer that a fault gives in the application's place."""
    if fault.effect is Effect.HTML:
        return Answer(status=200, headers=_type("text/html"), body=b"").with_body(_GATEWAY_PAGE)
    retry = ((b"retry-after", fault.retry_after.encode()),) if fault.retry_after else ()
    kind, body = _error(fault, scope)
    headers = (*_type(kind), *retry)
    return Answer(status=fault.status, headers=headers, body=b"").with_body(body)


def _error(fault: Fault, scope: Scope) -> tuple[str, bytes]:
    """Content type and body of an error, in the form that the fault asks for."""
    phrase = (
        HTTPStatus(fault.status).phrase.lower() if fault.status in set(HTTPStatus) else "failed"
    )
    message = f"{phrase}, as rehearsed"
    request_id = f"req-{secrets.token_hex(12)}"
    if fault.body == "html":
        return "text/html", _GATEWAY_PAGE
    if fault.body == "empty":
        return "text/plain", b""
    if scope["path"].startswith("/cdn/"):
        return "application/xml", bucket_error_body(fault.status, message, request_id=request_id)
    document = error_body(
        fault.status, message, path=scope["path"], request_id=request_id,
        at=logs.timestamp(datetime.now(UTC)), is_problem=fault.body == "problem",
    )  # fmt: skip
    kind = "application/problem+json" if fault.body == "problem" else "application/json"
    return kind, json.dumps(document).encode()


def _changed(fault: Fault, answer: Answer) -> Answer:
    """An answer of the application's, with what the fault changes in it."""
    if fault.effect is Effect.GARBAGE:
        words = b"this is no audio. "
        return answer.with_body((words * (len(answer.body) // len(words) + 1))[: len(answer.body)])
    if fault.effect is Effect.EMPTY:
        page = _document(answer.body)
        page["data"] = []
        page["pagination"] |= {"total": 0, "has_more": False}
        return answer.with_body(json.dumps(page).encode())
    told = _TOLD.get(fault.effect)
    if told is None:
        return answer
    return answer.with_body(json.dumps({"id": _document(answer.body)["id"], **told}).encode())


def _type(kind: str) -> tuple[tuple[bytes, bytes], ...]:
    return ((b"content-type", kind.encode()),)


async def _read(receive: Receive) -> bytes:
    """The request's body, as far as anybody will look at it."""
    body = b""
    while len(body) <= LARGEST_BODY_BYTES:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return body


def _replayed(body: bytes, receive: Receive) -> Receive:
    """What brings the body again, and after it whatever comes."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return left.pop() if left else await receive()

    return again


async def _captured(app: ASGIApp, scope: Scope, receive: Receive) -> Answer:
    """What the application would have answered."""
    messages: list[Message] = []

    async def keep(message: Message) -> None:
        messages.append(dict(message))

    await app(scope, receive, keep)
    start = next(message for message in messages if message["type"] == "http.response.start")
    body = b"".join(message.get("body", b"") for message in messages)
    return Answer(
        status=start["status"], headers=tuple(tuple(pair) for pair in start["headers"]), body=body
    )


async def _send_all(answer: Answer, send: Send) -> None:
    await send(_start(answer))
    await send({"type": "http.response.body", "body": answer.body})


def _start(answer: Answer) -> Message:
    return {
        "type": "http.response.start",
        "status": answer.status,
        "headers": list(answer.headers),
    }
