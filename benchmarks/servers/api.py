"""The vendor's API: accepts at once, renders in the time that is wished, counts what it is asked.

Paths, fields and statuses are those of AI/ML API's documentation, as far as songmake uses them.
"""

from __future__ import annotations

import heapq
import itertools
import json
import math
import random
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from benchmarks.servers.http1 import Parts, Request, answer
from benchmarks.servers.wishes import Counts, Wishes

MODEL = "minimax/music-2.6"
PRICE_USD = 0.15
_CREDITS_PER_USD = 2_000_000
_POLL = "generation_id="
_GENERATING = b'{"id": "%b", "status": "generating"}'
_COMPLETED = b'{"id": "%b", "status": "completed", "audio_file": {"url": "%b"}}'


@dataclass(slots=True)
class _Sold:
    """One accepted generation; ``ends_s`` is monotonic, ``told`` whether a poll has seen it."""

    id: str
    ends_s: float
    accepted_at: float
    client_request_id: str | None
    is_told: bool = False


class Api:
    """All endpoints of one account, whose balance never ends. ``cdn_url`` starts every link."""

    def __init__(self, wishes: Wishes, *, cdn_url: str) -> None:
        self._wishes = wishes
        self._cdn_url = cdn_url
        self._random = random.Random(wishes.seed)
        self._sold: dict[str, _Sold] = {}
        self._ends: list[float] = []
        self.posts = self.accepted = self.throttled = self.polls = self.told = 0
        self.lag_s = self.generating_s = self.begun_s = 0.0

    def respond(self, request: Request) -> Parts:
        """The answer to one request."""
        if request.path == "/v2/generate/audio":
            return self._post(request) if request.method == b"POST" else self._poll(request)
        match request.path:
            case "/v2/logs":
                return _json(self._log(request))
            case "/v2/billing":
                return _json({"current_balance": 1_000_000, "currency": "USD"})
            case "/v2/billing/transactions":
                return _json(self._ledger(request))
            case "/v1/models":
                return _json(_models())
            case "/v1/models/deprecations":
                return _json({"object": "list", "data": []})
        return answer(b"404 Not Found", b'{"message": "nothing here"}')

    def counted(self, counts: Counts) -> Counts:
        """``counts`` with what was counted here."""
        return replace(
            counts,
            posts=self.posts,
            accepted=self.accepted,
            throttled=self.throttled,
            polls=self.polls,
            told=self.told,
            lag_s=self.lag_s,
            generating_s=self.generating_s,
            begun_s=self.begun_s,
        )

    def _post(self, request: Request) -> Parts:
        self.posts += 1
        now_s = time.monotonic()
        self.begun_s = self.begun_s or now_s
        while self._ends and self._ends[0] <= now_s:
            heapq.heappop(self._ends)
        if self._wishes.slots is not None and len(self._ends) >= self._wishes.slots:
            self.throttled += 1
            return answer(b"429 Too Many Requests", b'{"message": "too many requests"}')
        return self._accept(request, now_s)

    def _accept(self, request: Request, now_s: float) -> Parts:
        takes_s = self._takes_s()
        sold = _Sold(
            id=f"bench{self.accepted:016d}",
            ends_s=now_s + takes_s,
            accepted_at=time.time(),
            client_request_id=request.header(b"x-client-request-id"),
        )
        self._sold[sold.id] = sold
        heapq.heappush(self._ends, sold.ends_s)
        self.accepted += 1
        self.generating_s += takes_s
        usage = {"credits_used": round(PRICE_USD * _CREDITS_PER_USD), "usd_spent": PRICE_USD}
        receipt = {"id": sold.id, "status": "queued", "meta": {"usage": usage}}
        return answer(b"200 OK", json.dumps(receipt).encode())

    def _takes_s(self) -> float:
        if not self._wishes.sigma:
            return self._wishes.median_s
        return self._random.lognormvariate(math.log(self._wishes.median_s), self._wishes.sigma)

    def _poll(self, request: Request) -> Parts:
        self.polls += 1
        generation_id = unquote(request.query.rpartition(_POLL)[2])
        sold = self._sold.get(generation_id)
        if sold is None:
            return answer(b"404 Not Found", b'{"message": "generation not found"}')
        now_s = time.monotonic()
        if now_s < sold.ends_s:
            return answer(b"200 OK", _GENERATING % sold.id.encode())
        if not sold.is_told:
            sold.is_told = True
            self.told += 1
            self.lag_s += now_s - sold.ends_s
        link = f"{self._cdn_url}/audio/{sold.id}.mp3?Expires=4102444800&Signature=bench"
        return answer(b"200 OK", _COMPLETED % (sold.id.encode(), link.encode()))

    def _log(self, request: Request) -> dict[str, Any]:
        asked = dict(parse_qsl(request.query))
        offset, limit = int(asked.get("offset", 0)), int(asked.get("limit", 100))
        rows = [_log_row(sold) for sold in self._within(asked["start"], asked["end"])]
        page = rows[offset : offset + limit]
        has_more = offset + limit < len(rows)
        about = {"limit": limit, "offset": offset, "total": len(rows), "has_more": has_more}
        return {"data": page, "pagination": about}

    def _ledger(self, request: Request) -> dict[str, Any]:
        asked = dict(parse_qsl(request.query))
        start, limit = int(asked.get("cursor", 0)), int(asked.get("limit", 100))
        rows = self._within(asked["from"], asked["to"])
        following = str(start + limit) if start + limit < len(rows) else None
        about = {"next_cursor": following, "has_more": following is not None}
        page = [_ledger_row(sold) for sold in rows[start : start + limit]]
        return {"data": page, "pagination": about}

    def _within(self, start: str, end: str) -> list[_Sold]:
        """Those accepted in a window, newest first."""
        first, last = (datetime.fromisoformat(text).timestamp() for text in (start, end))
        newest = reversed(self._sold.values())
        young = itertools.dropwhile(lambda sold: sold.accepted_at > last, newest)
        return list(itertools.takewhile(lambda sold: sold.accepted_at >= first, young))


def _json(document: dict[str, Any]) -> Parts:
    return answer(b"200 OK", json.dumps(document).encode())


def _stamp(at: float) -> str:
    moment = datetime.fromtimestamp(at, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _cost() -> dict[str, Any]:
    return {"usd": PRICE_USD, "credits": round(PRICE_USD * _CREDITS_PER_USD)}


def _log_row(sold: _Sold) -> dict[str, Any]:
    return {
        "model": MODEL,
        "created": _stamp(sold.accepted_at),
        "status": "succeeded",
        "origin": "api",
        "cost": _cost(),
        "inference_id": sold.id,
        "client_request_id": sold.client_request_id,
    }


def _ledger_row(sold: _Sold) -> dict[str, Any]:
    return {
        "created_at": _stamp(sold.accepted_at),
        "direction": "CHARGE",
        "type": "MODEL_USAGE",
        "amount": _cost(),
        "model": MODEL,
        "reference_id": sold.id,
    }


def _models() -> dict[str, Any]:
    unit = {"unit": "generation", "price": PRICE_USD, "per": 1, "content": "audio"}
    listed = {
        "id": MODEL,
        "aliases": [MODEL.rpartition("/")[2]],
        "type": "internal/audio",
        "pricing": {"kind": "fixed", "units": [unit]},
    }
    return {"object": "list", "data": [listed]}
