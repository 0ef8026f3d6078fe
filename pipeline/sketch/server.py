"""The API's contract over HTTP: submit, poll, download, log, billing, catalogue."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Container
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from pipeline.sketch import books, links, logs
from pipeline.sketch.audio import MEDIA_TYPES
from pipeline.sketch.contract import (
    LARGEST_BODY_BYTES,
    MODELS,
    BodyInvalidError,
    GenerationRequest,
    bucket_error_body,
    client_request_id,
    error_body,
    parse_body,
)
from pipeline.sketch.jobs import Job
from pipeline.sketch.service import Service


def build_app(
    service: Service,
    *,
    api_key: str | None,
    base_url: str,
    link_lifetime_s: int,
    dead_links: Container[str] = (),
) -> Starlette:
    """The application. Without ``api_key`` any bearer token will do, but there must be one.

    ``base_url`` is what download links begin with; ``dead_links`` are signatures of links that
    have expired before their time.
    """
    app = Starlette(
        routes=[
            Route("/v2/generate/audio", _submit, methods=["POST"]),
            Route("/v2/generate/audio", _poll, methods=["GET"]),
            Route("/v2/logs", _logs, methods=["GET"]),
            Route("/v2/billing", _billing, methods=["GET"]),
            Route("/v2/billing/transactions", _ledger, methods=["GET"]),
            Route("/v1/models", _models, methods=["GET"]),
            Route("/v1/models/deprecations", _deprecations, methods=["GET"]),
            Route("/cdn/{name}", _download, methods=["GET"]),
        ],
        exception_handlers={HTTPException: _refused, Exception: _broken},  # type: ignore[dict-item]
    )
    app.router.redirect_slashes = False
    app.state.service = service
    app.state.api_key = api_key
    app.state.base_url = base_url
    app.state.link_lifetime_s = link_lifetime_s
    app.state.dead_links = dead_links
    return app


async def _submit(request: Request) -> Response:
    service = _authorized(request)
    content_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if content_type != "application/json":
        raise HTTPException(415, "the body must be application/json")
    wanted = _parsed(await _body(request))
    sent_id = client_request_id(request.headers.get("x-client-request-id"))
    try:
        job = await service.accept(wanted, sent_id)
    except OSError as error:
        raise HTTPException(503, f"the job could not be written: {error.strerror}") from error
    usd = Decimal(job.usd_spent)
    answer = {
        "id": job.generation_id,
        "status": "queued",
        "meta": {"usage": {"credits_used": job.credits_used, "usd_spent": _number(usd)}},
    }
    headers = {
        "x-inference-id": job.generation_id, "x-aimlapi-credits-used": str(job.credits_used),
        "x-aimlapi-usd-spent": job.usd_spent,
    }  # fmt: skip
    if sent_id is not None:
        headers["x-client-request-id"] = sent_id
    return JSONResponse(answer, headers=headers)


async def _poll(request: Request) -> Response:
    service = _authorized(request)
    job = service.job(_generation_id(request.query_params))
    if job is None:
        raise HTTPException(404, "there is no such generation")
    put_off = service.put_off(job)
    if put_off is not None:
        raise HTTPException(507, f"the song waits for room in {service.folder.folder}: {put_off}")
    status = service.status_of(job)
    answer: dict[str, Any] = {"id": job.generation_id, "status": status}
    end = service.end_of(job)
    if status == "completed":
        answer["audio_file"] = {"url": _fresh_link(request, service, job)}
    elif status == "error" and end is not None:
        answer["error"] = {"name": end.error_name, "message": end.error_message}
    return JSONResponse(answer)


def _generation_id(query: QueryParams) -> str:
    """The one parameter of a poll; others mean nothing here. Raises 400."""
    found = query.getlist("generation_id")
    if len(found) != 1:
        raise HTTPException(400, "generation_id: " + ("given twice" if found else "required"))
    return found[0]


def _fresh_link(request: Request, service: Service, job: Job) -> str:
    state = request.app.state
    expires_at_s = int(time.time()) + state.link_lifetime_s
    path = f"/cdn/{quote(service.folder.audio_path(job).name)}"
    signed = links.signed_path(path, secret=service.secret, expires_at_s=expires_at_s)
    while signed.rpartition("=")[2] in state.dead_links:
        expires_at_s += 1
        signed = links.signed_path(path, secret=service.secret, expires_at_s=expires_at_s)
    return f"{state.base_url}{signed}"


async def _download(request: Request) -> Response:
    """The audio itself; the link's signature is the permission, no key is asked for."""
    service: Service = request.app.state.service
    query = request.query_params
    is_dead = query.get("Signature") in request.app.state.dead_links
    if is_dead or not links.is_allowed(
        request.url.path, query.get("Expires"), query.get("Signature"),
        secret=service.secret, now_s=time.time(),
    ):  # fmt: skip
        raise HTTPException(403, "the link has expired or was not signed here")
    name: str = request.path_params["name"]
    job = service.job(name.rpartition(".")[0])
    end = service.end_of(job) if job else None
    if job is None or end is None or service.folder.audio_path(job).name != name:
        raise HTTPException(404, "there is no such file")
    path = service.folder.audio_path(job)
    if not path.is_file():
        raise HTTPException(404, "the file is gone")
    return FileResponse(
        path, media_type=MEDIA_TYPES[job.extension], headers={"etag": f'"{end.sha256}"'}
    )


async def _logs(request: Request) -> Response:
    service = _authorized(request)
    token = _bearer(request)
    prefix = request.query_params.get("key_prefix")
    if prefix is not None and not token.startswith(prefix):
        raise HTTPException(403, "key_prefix: another key's requests need a management key")
    try:
        query = logs.parse_query(request.query_params, now=datetime.now(UTC))
    except logs.QueryInvalidError as error:
        raise HTTPException(400, str(error)) from error
    return JSONResponse(logs.render_page(service.jobs, service.ends(), query))


async def _billing(request: Request) -> Response:
    service = _authorized(request)
    return JSONResponse({"current_balance": _number(service.balance_usd()), "currency": "USD"})


async def _ledger(request: Request) -> Response:
    service = _authorized(request)
    try:
        query = books.parse_ledger_query(request.query_params, now=datetime.now(UTC))
    except logs.QueryInvalidError as error:
        raise HTTPException(400, str(error)) from error
    return JSONResponse(books.ledger_page(service.jobs, service.ends(), query))


async def _models(request: Request) -> Response:
    """The catalogue wants no key."""
    service: Service = request.app.state.service
    asked, include = request.query_params.get("id"), request.query_params.get("include", "")
    return JSONResponse(books.catalogue(MODELS[0], service.price_usd, asked=asked, include=include))


async def _deprecations(request: Request) -> Response:
    return JSONResponse(books.deprecations(datetime.now(UTC)))


def _authorized(request: Request) -> Service:
    """The service, for whoever has the key. Raises 401."""
    token = _bearer(request)
    key: str | None = request.app.state.api_key
    if not token or (key is not None and not hmac.compare_digest(token.encode(), key.encode())):
        raise HTTPException(
            401, "the API key is missing or wrong", headers={"www-authenticate": "Bearer"}
        )
    service: Service = request.app.state.service
    return service


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


async def _body(request: Request) -> bytes:
    """The whole body, as far as it is allowed to be long. Raises 413."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY_BYTES:
            raise HTTPException(413, f"the body has more than {LARGEST_BODY_BYTES} bytes")
    return bytes(body)


def _parsed(raw: bytes) -> GenerationRequest:
    try:
        return parse_body(raw)
    except BodyInvalidError as error:
        raise HTTPException(400, str(error)) from error


def _number(amount: Decimal) -> int | float:
    return int(amount) if amount == amount.to_integral_value() else float(amount)


async def _refused(request: Request, error: HTTPException) -> Response:
    return _error(request, error.status_code, error.detail, error.headers)


async def _broken(request: Request, error: Exception) -> Response:
    return _error(request, 500, "the sketch server failed")


def _error(request: Request, status: int, message: str, headers: Any = None) -> Response:
    request_id = f"req-{secrets.token_hex(12)}"
    if request.url.path.startswith("/cdn/"):
        text = bucket_error_body(status, message, request_id=request_id)
        return Response(text, status_code=status, headers=headers, media_type="application/xml")
    document = error_body(
        status, message, path=request.url.path, request_id=request_id,
        at=logs.timestamp(datetime.now(UTC)),
    )  # fmt: skip
    return JSONResponse(document, status_code=status, headers=headers)
