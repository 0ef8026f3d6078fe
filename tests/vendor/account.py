"""The account's own endpoints: balance, ledger, catalogue, and the models on their way out."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from .contracts import MODEL, OTHERS, RefusedError
from .faults import Rule
from .http1 import Answer, Link, Request, json_answer
from .misbehave import error_answer
from .schema import LedgerQuery, parse_ledger
from .world import Sold, World

_CREDITS_PER_USD = 2_000_000
_HERE = frozenset(("amount", "missing", "refund", "twice", "endless", "circle", "currency",
                   "unlisted", "alias", "variants", "variable", "per_second", "no_pricing",
                   "deprecated", "superseded", "withdrawn", "garbage"))  # fmt: skip


def _stamp(seconds: float) -> str:
    moment = datetime.fromtimestamp(int(seconds * 1000) / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


PLACES = {
    "/v2/billing": "billing",
    "/v2/billing/transactions": "transactions",
    "/v1/models": "models",
    "/v1/models/deprecations": "deprecations",
}


class Account:
    """``/v2/billing``, ``/v2/billing/transactions``, ``/v1/models`` and what is retired of them."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def respond(self, request: Request, link: Link) -> None:
        """Answers one question, or spoils it as a rule says."""
        world, where = self._world, PLACES[request.path]
        seq = world.received(where, request)
        rule = world.due(where, "\n".join(one.text for one in world.sold.values()), seq)
        own = rule if rule is not None and rule.do in _HERE else None
        answer = self._answer(where, request, own)
        await world.send(None if own else rule, request, link, seq, answer)

    def _answer(self, where: str, request: Request, rule: Rule | None) -> Answer:
        if where in ("models", "deprecations"):
            if request.header("authorization") is not None:
                self._world.violation("key_to_catalogue", request.path)
        elif not self._world.is_authorized(request):
            return error_answer(401, "missing or invalid API key", path=request.path)
        if rule is not None and rule.do == "garbage":
            return json_answer(_garbage(where))
        match where:
            case "billing":
                return self._billing(rule)
            case "transactions":
                return self._transactions(request, rule)
            case "models":
                return self._models(request, rule)
            case _:
                return json_answer(_feed(rule))

    def _billing(self, rule: Rule | None) -> Answer:
        balance = self._world.balance_micros() / 1_000_000
        currency = rule.options.get("value", "EUR") if rule is not None else "USD"
        return json_answer({"current_balance": balance, "currency": currency})

    # The ledger

    def _transactions(self, request: Request, rule: Rule | None) -> Answer:
        try:
            query = parse_ledger(request.query)
            place = _place(query)
        except RefusedError as wrong:
            self._world.violation("ledger_query", str(wrong))
            return error_answer(400, str(wrong), path=request.path)
        do = rule.do if rule is not None else ""
        if do in ("endless", "circle"):
            rows = [_foreign(time.time(), number) for number in range(query.limit)]
            cursor = _cursor(query, place + query.limit if do == "endless" else 7)
            return json_answer(_page(rows, cursor))
        entries = [row for row in self._entries(rule) if _is_asked(row, query)]
        rows = entries[place : place + query.limit]
        is_last = place + query.limit >= len(entries)
        return json_answer(_page(rows, None if is_last else _cursor(query, place + query.limit)))

    def _entries(self, rule: Rule | None) -> list[dict[str, Any]]:
        """Every visible entry, newest first."""
        world = self._world
        seen = [
            one for one in world.sold.values()
            if time.time() - one.accepted_at >= world.settings.ledger_lag_s
        ]  # fmt: skip
        newest = max((one.accepted_at for one in seen), default=time.time())
        shift = world.settings.clock_offset_s
        foreign = [
            _foreign(newest + shift, number) for number in range(world.settings.foreign_entries)
        ]
        own = [row for one in seen for row in self._of(one, rule)]
        own.sort(key=lambda row: str(row["created_at"]))
        own.reverse()  # of those within a millisecond, too, the newest comes first
        first = {**_entry(0.0, 1000.0, "TOPUP", "PAYMENT", None), "created_at": _stamp(newest - 60)}
        return [*foreign, *own, first]

    def _of(self, sold: Sold, rule: Rule | None) -> Iterator[dict[str, Any]]:
        """The movements of one generation, as they are or as a rule has them."""
        at = sold.accepted_at + self._world.settings.clock_offset_s
        is_meant = rule is not None and (rule.match is None or rule.match in sold.text)
        do = rule.do if rule is not None and is_meant else ""
        usd = sold.usd_micros / 1_000_000
        if rule is not None and do == "amount":
            usd = rule.options.get("usd", usd * 2)
        has_failed = sold.error_name is not None and do not in ("amount", "twice")
        if do == "missing" or (has_failed and not self._world.settings.are_refunds_shown):
            return
        yield _entry(at, usd, "CHARGE", "MODEL_USAGE", sold.id)
        if do == "twice":
            yield _entry(at + 0.005, usd, "CHARGE", "MODEL_USAGE", sold.id)
        if do == "refund" or has_failed:
            back = rule.options.get("usd", usd) if rule is not None and do else usd
            yield _entry(at + 0.01, back, "TOPUP", "REFUND", sold.id)

    # The catalogue

    def _models(self, request: Request, rule: Rule | None) -> Answer:
        asked = dict(parse_qsl(request.query, keep_blank_values=True))
        do = rule.do if rule is not None else ""
        name = asked.get("id", MODEL).lower()
        if name not in (MODEL, *OTHERS) or do == "unlisted":
            return json_answer({"object": "list", "data": []})
        short = name.rpartition("/")[2]
        listed = {
            "id": f"{name}-pro" if do == "alias" else name,
            "aliases": [name, short] if do == "alias" else [short],
            "type": "internal/audio",
            "info": {"name": short.title(), "developer": "Somebody"},
            "tags": ["playground:music"],
        }
        if "pricing" in asked.get("include", "") and do != "no_pricing":
            listed["pricing"] = self._pricing(do)
        return json_answer({"object": "list", "data": [listed]})

    def _pricing(self, do: str) -> dict[str, Any]:
        settings = self._world.settings
        usd = settings.price_usd if settings.catalogue_usd is None else settings.catalogue_usd
        if do == "variable":
            return {"kind": "variable"}
        if do == "variants":
            rates = [
                {"when": {"quality": name}, "price": usd * times, "unit": "generation", "per": 1}
                for name, times in (("draft", 1), ("full", 2))
            ]
            return {"kind": "variants", "dimensions": ["quality"], "variants": rates}
        unit = "second" if do == "per_second" else "generation"
        return {
            "kind": "fixed",
            "units": [{"unit": unit, "price": usd * 1000, "per": 1000, "content": "audio"}],
        }


def _garbage(where: str) -> dict[str, Any]:
    return {
        "billing": {"current_balance": "a lot", "currency": ["USD"]},
        "transactions": {"data": [7, {"reference_id": "x y", "amount": "?"}], "pagination": {
            "has_more": False, "next_cursor": None}},
        "models": {"object": "list", "data": {"id": 7}},
        "deprecations": {"object": "list", "data": "none"},
    }[where]  # fmt: skip


def _feed(rule: Rule | None) -> dict[str, Any]:
    """The retired models: one that nobody asks for, and ours if a rule says so."""
    rows = [_retired("openai/gone", "withdrawn", "2026-08-10", None)]
    if rule is not None:
        day = None if rule.do == "superseded" else rule.options.get("value", "2027-01-31")
        rows.append(_retired(MODEL, rule.do, day, "minimax/music-3.0"))
    return {"object": "list", "generated_at": _stamp(time.time()), "data": rows}


def _retired(name: str, status: str, day: str | None, successor: str | None) -> dict[str, Any]:
    return {
        "id": name.upper() if name == MODEL else name,
        "aliases": [name],
        "status": status,
        "deprecated_at": "2026-08-10",
        "shutdown_at": day,
        "replaced_by": successor,
        "reason": "provider_delisted",
    }


def _entry(
    at: float, usd: float, direction: str, kind: str, reference: str | None
) -> dict[str, Any]:
    return {
        "created_at": _stamp(at),
        "direction": direction,
        "type": kind,
        "amount": {"usd": usd, "credits": round(usd * _CREDITS_PER_USD)},
        "model": MODEL if kind == "MODEL_USAGE" else None,
        "reference_id": reference,
    }


def _foreign(at: float, number: int) -> dict[str, Any]:
    return _entry(at, 0.01, "CHARGE", "MODEL_USAGE", f"foreign-{number:013d}")


def _page(rows: list[dict[str, Any]], cursor: str | None) -> dict[str, Any]:
    return {
        "data": rows,
        "pagination": {"next_cursor": cursor, "has_more": cursor is not None},
    }


def _is_asked(row: dict[str, Any], query: LedgerQuery) -> bool:
    moment = datetime.fromisoformat(str(row["created_at"]).replace("Z", "+00:00"))
    after = query.start is None or moment >= query.start
    before = query.end is None or moment < query.end
    is_direction = query.direction in (None, row["direction"])
    return after and before and is_direction and query.kind in (None, row["type"])


def _cursor(query: LedgerQuery, place: int) -> str:
    """Opaque, and good for this very question alone."""
    plain = f"v1|{query.start}|{query.end}|{query.direction}|{query.kind}|{place}"
    return base64.urlsafe_b64encode(plain.encode()).decode()


def _place(query: LedgerQuery) -> int:
    if query.cursor is None:
        return 0
    try:
        place = int(base64.urlsafe_b64decode(query.cursor).decode().rpartition("|")[2])
    except ValueError as wrong:
        raise RefusedError("the cursor was not issued here") from wrong
    if query.cursor != _cursor(query, place):
        raise RefusedError("the cursor belongs to another question")
    return place
