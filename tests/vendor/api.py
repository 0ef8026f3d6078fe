"""The API's port: generations and the request log; ``account.py`` has the rest."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import string
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from .account import PLACES, Account
from .contracts import MODEL, RefusedError, contract_of
from .faults import Rule
from .http1 import Answer, Link, Request, Server, json_answer
from .misbehave import error_answer
from .schema import (
    CLIENT_REQUEST_ID,
    LogQuery,
    parse_body,
    parse_logs,
    parse_poll,
)
from .world import Sold, World

_ID_SIGNS = string.ascii_letters + string.digits + "_-"
_CREDITS_PER_USD = 2_000_000
_UNKNOWN_STATUS = "waiting"
_ACCEPTING = ("dearer", "no_usage", "usage_credits_only", "slashed_id", "same_id")


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _whole_ms(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds * 1000) / 1000, UTC)


class Api:
    """``/v2/generate/audio`` and ``/v2/logs``, and what ``Account`` answers."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._account = Account(world)
        self.server = Server(self._respond, refuse=self._refuse, cut_short=self._cut_short)

    def _refuse(self, connection: int) -> bool:
        rule = self._world.rules.take_at_accept()
        if rule is not None:
            self._world.fragment("connect", "", connection, rule.do)
        return rule is not None

    def _cut_short(self, method: str, connection: int) -> None:
        kind = "post" if method == "POST" else "other"
        self._world.fragment(kind, self._world.safe(method), connection, None)

    async def _respond(self, request: Request, link: Link) -> None:
        self._world.look_for_leaks(request)
        match (request.method, request.path):
            case ("POST", "/v2/generate/audio"):
                with self._world.post_in_flight():
                    await self._post(request, link)
            case ("GET", "/v2/generate/audio"):
                await self._poll(request, link)
            case ("GET", "/v2/logs"):
                await self._logs(request, link)
            case ("GET", path) if path in PLACES:
                await self._account.respond(request, link)
            case _:
                await self._nowhere(request, link)

    async def _nowhere(self, request: Request, link: Link) -> None:
        seq = self._world.received("other", request)
        self._world.violation("unknown_endpoint", f"{request.method} {request.path}")
        answer = error_answer(
            404, f"Cannot {request.method} {request.path}", path=request.path, body="message"
        )
        await self._world.send(None, request, link, seq, answer)

    def _unauthorized(self, request: Request) -> Answer | None:
        if self._world.is_authorized(request):
            return None
        return error_answer(401, "missing or invalid API key", path=request.path)

    # POST /v2/generate/audio

    async def _post(self, request: Request, link: Link) -> None:
        world = self._world
        seq = world.received("post", request)
        body, refusal = self._inspect_post(request)
        text = request.body.decode("utf-8", "replace")
        if body is not None:
            text = "\n".join(
                (
                    body.get("prompt", ""),
                    body.get("lyrics", ""),
                    request.header("x-client-request-id") or "",
                )
            )
        rule = world.due("post", text, seq)
        if rule is not None and rule.do not in _ACCEPTING and "accept_then" not in rule.do:
            answer = error_answer(503, "not accepted", path=request.path)
            await world.send(rule, request, link, seq, answer)
            return
        refusal = self._unauthorized(request) or refusal or self._over_limit(request)
        if refusal is not None:
            await world.send(None, request, link, seq, refusal)
            return
        assert body is not None
        await asyncio.sleep(world.settings.post_latency_s)
        answer = self._sell(request, body, rule, seq)
        await asyncio.sleep(world.settings.answer_latency_s)
        mangling = rule if rule is not None and rule.do not in _ACCEPTING else None
        await world.send(mangling, request, link, seq, answer)

    def _inspect_post(self, request: Request) -> tuple[dict[str, Any] | None, Answer | None]:
        """The body if it holds, else the refusal; violations are written down on the way."""
        world = self._world
        if request.nth > 1:
            world.violation("post_on_reused_connection", f"request {request.nth} on a connection")
        named = request.header("x-client-request-id")
        if named is None:
            world.violation("client_request_id_missing", request.path)
        elif not CLIENT_REQUEST_ID.fullmatch(named):
            world.violation("client_request_id_invalid", named)
        if request.query:
            world.violation("query_on_post", request.path)
        kind = (request.header("content-type") or "").partition(";")[0].strip().lower()
        try:
            if kind != "application/json":
                raise RefusedError("Content-Type must be application/json")
            return parse_body(request.body, music_26=world.settings.contract), None
        except RefusedError as wrong:
            world.violation("body_schema", str(wrong))
            return None, error_answer(400, str(wrong), path=request.path)

    def _over_limit(self, request: Request) -> Answer | None:
        world, limits = self._world, self._world.settings
        crowded = limits.concurrency_limit is not None and (
            world.posts_in_flight > limits.concurrency_limit
        )
        if crowded or (limits.active_limit is not None and world.active() >= limits.active_limit):
            return error_answer(429, "too many requests", path=request.path)
        if world.balance_micros() < round(limits.price_usd * 1_000_000):
            return error_answer(403, "you have run out of credits", path=request.path)
        return None

    def _sell(self, request: Request, body: dict[str, Any], rule: Rule | None, seq: int) -> Answer:
        world, do = self._world, rule.do if rule is not None else ""
        options = rule.options if rule is not None else {}
        usd = world.settings.price_usd
        if do == "dearer":
            usd = options.get("usd", usd * 2)
        generation_id = "".join(secrets.choice(_ID_SIGNS) for _ in range(21))
        model = "minimax/music-2.0" if do == "slashed_id" else body["model"]
        if contract_of(model, world.settings.contract).has_named_ids:
            generation_id = f"{uuid.uuid4()}:{model}"
        sold = world.accept(request, body, usd=usd, generation_id=generation_id)
        world.book.update_request(seq, generation_id=sold.id)
        shown = next(iter(world.sold)) if do == "same_id" else sold.id
        return self._receipt(sold, shown, do, options.get("value", "absent"))

    def _receipt(self, sold: Sold, shown_id: str, do: str, absence: str) -> Answer:
        usd = sold.usd_micros / 1_000_000
        usage: dict[str, Any] = {
            "credits_used": sold.usd_micros * _CREDITS_PER_USD // 1_000_000,
            "usd_spent": usd,
        }
        headers = [("x-inference-id", shown_id)]
        if sold.client_request_id is not None:
            headers.append(("x-client-request-id", sold.client_request_id))
        if do == "usage_credits_only":
            del usage["usd_spent"]
        if do != "no_usage":
            headers.append(("x-aimlapi-credits-used", str(usage["credits_used"])))
            if "usd_spent" in usage:
                headers.append(("x-aimlapi-usd-spent", str(usd)))
        receipt: dict[str, Any] = {"id": shown_id, "status": "queued", "meta": {"usage": usage}}
        if do == "no_usage":
            receipt["meta"] = None if absence == "null" else {"usage": None}
            if absence == "absent":
                del receipt["meta"]
        return json_answer(
            receipt, status=self._world.settings.success_status, headers=tuple(headers)
        )

    # GET /v2/generate/audio

    async def _poll(self, request: Request, link: Link) -> None:
        world = self._world
        try:
            generation_id, refusal = parse_poll(request.query), None
        except RefusedError as wrong:
            generation_id = ""
            refusal = error_answer(400, str(wrong), path=request.path)
            world.violation("poll_query", str(wrong))
        seq = world.received("poll", request, world.safe(generation_id))
        sold = world.sold.get(generation_id)
        rule = world.due("poll", sold.text if sold is not None else generation_id, seq)
        await asyncio.sleep(world.settings.poll_latency_s)
        refusal = self._unauthorized(request) or refusal
        if refusal is None and sold is None:
            refusal = error_answer(404, "generation not found", path=request.path)
        if refusal is not None or sold is None:
            assert refusal is not None
            await world.send(rule, request, link, seq, refusal)
            return
        world.count_poll(sold)
        changed = self._changed_poll(rule, sold)
        answer = json_answer(changed if changed is not None else self._state(sold))
        await world.send(None if changed is not None else rule, request, link, seq, answer)

    def _state(self, sold: Sold) -> dict[str, Any]:
        status = self._world.status_of(sold)
        state: dict[str, Any] = {"id": sold.id, "status": status}
        if status == "error":
            state["error"] = {"name": sold.error_name, "message": sold.error_message}
        if status == "completed":
            state["audio_file"] = {"url": self._world.link_to(sold)}
        return state

    def _changed_poll(self, rule: Rule | None, sold: Sold) -> dict[str, Any] | None:
        """A whole answer with something wrong in it, where the rule asks for one."""
        if rule is None:
            return None
        value = rule.options.get("value")
        match rule.do:
            case "unknown_status":
                return {"id": sold.id, "status": value or _UNKNOWN_STATUS}
            case "generating":
                return {"id": sold.id, "status": "generating"}
            case "error_status":
                message = rule.options.get("message", "the content was refused by the model")
                self._world.fail(sold, value or "ContentPolicyError", message)
                return self._state(sold)
            case "completed_without_url":
                return {"id": sold.id, "status": "completed", "audio_file": None}
            case "bad_url_scheme":
                url = value or "file:///etc/passwd"
                return {"id": sold.id, "status": "completed", "audio_file": {"url": url}}
        return None

    # GET /v2/logs

    async def _logs(self, request: Request, link: Link) -> None:
        world = self._world
        seq = world.received("logs", request)
        rule = world.due("logs", "", seq)
        changes = rule is not None and rule.do in ("lag", "never_has_more_false")
        answer = self._logs_answer(request, rule)
        await world.send(None if changes else rule, request, link, seq, answer)

    def _logs_answer(self, request: Request, rule: Rule | None) -> Answer:
        world, now = self._world, time.monotonic()
        refusal = self._unauthorized(request)
        if refusal is not None:
            return refusal
        world.log_calls = [at for at in world.log_calls if now - at < 60] + [now]
        if len(world.log_calls) > world.settings.logs_per_minute:
            world.violation("logs_rate", f"{len(world.log_calls)} requests in a minute")
            return error_answer(429, "too many requests", path=request.path)
        try:
            query = parse_logs(request.query, now=_whole_ms(world.now()))
        except RefusedError as wrong:
            world.violation("logs_query", str(wrong))
            return error_answer(400, str(wrong), path=request.path)
        if query.key_prefix is not None and not world.key.startswith(query.key_prefix):
            return error_answer(403, "a management key is required", path=request.path)
        return json_answer(self._page(query, rule))

    def _page(self, query: LogQuery, rule: Rule | None) -> dict[str, Any]:
        if rule is not None and rule.do == "never_has_more_false":
            rows = [self._foreign_row(query.end, place) for place in range(query.limit)]
            total, has_more = 10**6 + query.offset, True
        else:
            lag_s = self._world.settings.logs_lag_s
            if rule is not None and rule.do == "lag":
                lag_s = rule.options.get("seconds", 1.0)
            matching = [row for row in self._rows(lag_s) if _matches(row, query)]
            rows = matching[query.offset : query.offset + query.limit]
            total, has_more = len(matching), query.offset + query.limit < len(matching)
        shown = [{**row, "created": _stamp(row["created"])} for row in rows]
        pagination = {
            "limit": query.limit,
            "offset": query.offset,
            "total": total,
            "has_more": has_more,
        }
        return {"data": shown, "pagination": pagination}

    def _rows(self, lag_s: float) -> list[dict[str, Any]]:
        """Every visible row, newest first."""
        world = self._world
        foreign = range(world.settings.foreign_log_rows)
        visible = [one for one in world.sold.values() if time.time() - one.accepted_at >= lag_s]
        own = sorted(visible, key=lambda one: one.accepted_at, reverse=True)
        newest = own[0].accepted_at if own else time.time() - 1
        # As new as the newest of ours and listed first: the pages stay where they are.
        newest_at = _whole_ms(newest + world.settings.clock_offset_s)
        return list(
            itertools.chain(
                (self._foreign_row(newest_at, place) for place in foreign),
                (self._own_row(sold) for sold in own),
            )
        )

    def _own_row(self, sold: Sold) -> dict[str, Any]:
        failed = sold.error_name is not None
        usd = 0.0 if failed else sold.usd_micros / 1_000_000
        return _row(
            model=sold.body["model"],
            created=_whole_ms(sold.accepted_at + self._world.settings.clock_offset_s),
            status="failed" if failed else "succeeded",
            origin="api",
            usd=usd,
            request_id=sold.request_id,
            inference_id=sold.id,
            client_request_id=sold.client_request_id,
        )

    def _foreign_row(self, created: datetime, place: int) -> dict[str, Any]:
        return _row(
            model=MODEL,
            created=created,
            status="succeeded",
            origin="playground",
            usd=0.195,
            request_id=None,
            inference_id=f"foreign-{place:013d}",
            client_request_id=None,
        )


def _row(*, usd: float, **columns: Any) -> dict[str, Any]:
    return {
        **columns,
        "cost": {"usd": usd, "credits": round(usd * _CREDITS_PER_USD)},
        "tokens": {"input": 0, "output": 0, "total": 0},
    }


def _matches(row: dict[str, Any], query: LogQuery) -> bool:
    names = {row["model"], row["model"].partition("/")[2]}
    return (
        query.start <= row["created"] <= query.end
        and (not query.models or bool(names & query.models))
        and (not query.statuses or row["status"] in query.statuses)
    )
