"""The state that the double's ports share: what was bought, what is due, what was seen."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from .contracts import contract_of
from .faults import Rule, RuleBook
from .http1 import Answer, Link, Request
from .ledger import Book
from .misbehave import perform
from .schema import CLIENT_REQUEST_ID
from .settings import Settings

_ACCESS_KEY_ID = "LTAI5tVendorDoubleOnly00"
_SIGNED = re.compile(r"(Signature|OSSAccessKeyId)=[^&\s\"]*")


@dataclass(slots=True, kw_only=True)
class Sold:
    """An accepted generation in memory; the ledger's file has the same."""

    id: str
    accepted_at: float
    body: dict[str, Any]
    client_request_id: str | None
    request_id: str
    usd_micros: int
    polls: int = 0
    first_link_expires: int | None = None
    error_name: str | None = None
    error_message: str | None = None
    last_link_expires: int = 0

    @property
    def token(self) -> str:
        """Its name on the CDN: 16 letters."""
        digest = hashlib.sha256(self.id.encode()).digest()[:16]
        return "".join(chr((97 if byte & 32 else 65) + byte % 26) for byte in digest)

    @property
    def extension(self) -> str:
        made = contract_of(self.body["model"], "seed").delivers
        return str(self.body.get("audio_setting", {}).get("format", made))

    @property
    def sample_rate(self) -> int:
        asked = self.body.get("audio_setting", {})
        return int(asked.get("sample_rate", asked.get("audio_sample_rate", 44100)))

    @property
    def text(self) -> str:
        """What a rule's ``match`` is looked for in."""
        return "\n".join(
            (
                self.body.get("prompt", ""),
                self.body.get("lyrics", ""),
                self.client_request_id or "",
                self.id,
            )
        )


class World:
    """Everything that the API, the CDN and the admin port know together.

    One thread, one event loop: nothing here awaits, so each method is one step.
    """

    def __init__(self, book: Book, *, key: str, settings: Settings) -> None:
        self.book = book
        self.key = key
        self.settings = settings
        self.first_settings = settings
        self.rules = RuleBook()
        self.api_url = self.cdn_url = ""
        self.log_calls: list[float] = []
        self.dead_signatures: set[str] = set()  # whole queries of links declared dead
        self.posts_in_flight = 0
        self.peak_posts = int(book.fact("peak_posts") or 0)
        self._secret = bytes.fromhex(book.fact("secret") or secrets.token_hex(16))
        book.set_fact("secret", self._secret.hex())
        self.sold: dict[str, Sold] = {}
        self.by_token: dict[str, Sold] = {}
        for row in book.generations():
            kept = {name: row[name] for name in Sold.__dataclass_fields__ if name in row}
            self._remember(Sold(**kept))

    def _remember(self, sold: Sold) -> None:
        self.sold[sold.id] = sold
        self.by_token[sold.token] = sold

    def reset(self) -> None:
        """As if nothing had ever happened, with the settings of the start."""
        self.book.clear()
        self.sold.clear()
        self.by_token.clear()
        self.log_calls.clear()
        self.dead_signatures.clear()
        self.rules.replace([])
        self.settings = self.first_settings
        self.peak_posts = 0

    def now(self) -> float:
        """The clock that the API shows, Unix seconds."""
        return time.time() + self.settings.clock_offset_s

    @contextmanager
    def post_in_flight(self) -> Iterator[None]:
        """Counts a POST while it is being answered."""
        self.posts_in_flight += 1
        if self.posts_in_flight > self.peak_posts:
            self.peak_posts = self.posts_in_flight
            self.book.set_fact("peak_posts", str(self.peak_posts))
        try:
            yield
        finally:
            self.posts_in_flight -= 1

    def is_authorized(self, request: Request) -> bool:
        return hmac.compare_digest(
            (request.header("authorization") or "").encode(), f"Bearer {self.key}".encode()
        )

    def safe(self, text: str) -> str:
        """The text as it may be written down."""
        return _SIGNED.sub(r"\1=[signed]", text.replace(self.key, "[key]"))

    def safe_headers(self, request: Request) -> dict[str, str]:
        return {name: self.safe(text) for name, text in request.headers if name != "authorization"}

    def violation(self, kind: str, detail: str) -> None:
        self.book.insert("violations", at=time.time(), kind=kind, detail=self.safe(detail))

    def received(self, kind: str, request: Request, generation_id: str | None = None) -> int:
        """Writes a request down before anything is answered; returns its number."""
        return self.book.insert(
            "requests",
            at=time.time(),
            kind=kind,
            method=request.method,
            path=self.safe(request.path),
            connection=request.connection,
            nth=request.nth,
            whole=1,
            headers=self.safe_headers(request),
            has_key=int(self.is_authorized(request)),
            client_request_id=self.safe(request.header("x-client-request-id") or "") or None,
            generation_id=generation_id,
        )

    def fragment(self, kind: str, method: str, connection: int, fault: str | None) -> None:
        """Writes down a request that never arrived, or a connection that was refused."""
        self.book.insert(
            "requests",
            at=time.time(),
            kind=kind,
            method=method,
            path="",
            connection=connection,
            nth=0,
            whole=0,
            headers={},
            has_key=0,
            fault=fault,
        )

    def answered(self, seq: int, status: int | None) -> None:
        self.book.update_request(seq, status=status, answered_at=time.time())

    def due(self, where: str, text: str, seq: int) -> Rule | None:
        """The rule that breaks this request, written down; links in it are filled in."""
        rule = self.rules.take(where, text)
        if rule is not None:
            self.book.update_request(seq, fault=rule.do)
            if rule.do.endswith("redirect") and where != "cdn":
                rule.options.setdefault("location", f"{self.cdn_url}/trap/redirected")
        return rule

    async def send(
        self, rule: Rule | None, request: Request, link: Link, seq: int, answer: Answer
    ) -> None:
        """Answers, or lets the rule spoil it, and writes down what was sent."""
        if rule is None:
            self.answered(seq, answer.status)
            await link.answer(request, answer)
        else:
            self.answered(seq, await perform(rule, request, link, answer))

    def look_for_leaks(self, request: Request) -> None:
        """Records the key, or a signed link, anywhere but in its one place."""
        if request.mentions(self.key, but_header="authorization"):
            self.violation("key_in_odd_place", f"{request.method} {request.path}")
        if (request.header("authorization") or "").count(self.key) > 1:
            self.violation("key_in_odd_place", "twice in Authorization")
        headers_or_body = any("Signature=" in text for _, text in request.headers) or (
            b"Signature=" in request.body or b"OSSAccessKeyId" in request.body
        )
        if headers_or_body or ("Signature=" in request.query and request.path.startswith("/v")):
            self.violation("signed_query_in_odd_place", f"{request.method} {request.path}")

    def accept(
        self, request: Request, body: dict[str, Any], *, usd: float, generation_id: str
    ) -> Sold:
        """Books a generation: from here on it is paid."""
        named = request.header("x-client-request-id")
        valid = named is not None and CLIENT_REQUEST_ID.fullmatch(named) is not None
        if valid and any(one.client_request_id == named for one in self.sold.values()):
            self.violation("client_request_id_reused", str(named))
        sold = Sold(
            id=generation_id,
            accepted_at=time.time(),
            body=body,
            client_request_id=named if valid else None,
            request_id=str(uuid.uuid4()),
            usd_micros=round(usd * 1_000_000),
        )
        self.book.insert(
            "generations",
            id=sold.id,
            accepted_at=sold.accepted_at,
            body=json.loads(self.safe(json.dumps(body))),
            client_request_id=self.safe(named) if valid and named else None,
            request_id=sold.request_id,
            headers=self.safe_headers(request),
            has_key=int(self.is_authorized(request)),
            connection=request.connection,
            usd_micros=sold.usd_micros,
        )
        self._remember(sold)
        return sold

    def count_poll(self, sold: Sold) -> None:
        sold.polls += 1
        self.book.update_generation(sold.id, polls=sold.polls)

    def fail(self, sold: Sold, name: str, message: str) -> None:
        """The generation ends in an error, for good; its hold is released."""
        sold.error_name, sold.error_message = name, message
        self.book.update_generation(sold.id, error_name=name, error_message=message)

    def status_of(self, sold: Sold) -> str:
        """queued, generating, completed or error."""
        if sold.error_name is not None:
            return "error"
        if self.settings.polls is not None:
            if sold.polls >= self.settings.polls:
                return "completed"
            return "queued" if sold.polls <= 1 else "generating"
        age = time.time() - sold.accepted_at
        if age >= self.settings.seconds:
            return "completed"
        return "queued" if age < self.settings.seconds / 3 else "generating"

    def active(self) -> int:
        """Generations neither completed nor failed."""
        return sum(self.status_of(one) in ("queued", "generating") for one in self.sold.values())

    def balance_micros(self) -> int:
        spent = sum(one.usd_micros for one in self.sold.values() if one.error_name is None)
        return round(self.settings.balance_usd * 1_000_000) - spent

    def link_to(self, sold: Sold) -> str:
        """A signed link to its file; a fresh one each time, or always the first."""
        expires = int(self.now() + self.settings.link_ttl_s)
        if not self.settings.fresh_links:
            expires = sold.first_link_expires or expires
        elif self.settings.link_ttl_s > 0:
            # Expires has whole seconds; a later link must still be another one.
            expires = max(expires, sold.last_link_expires + 1)
        sold.last_link_expires = expires
        if sold.first_link_expires is None:
            sold.first_link_expires = expires
            self.book.update_generation(sold.id, first_link_expires=expires)
        day = time.strftime("%Y%m%d%H%M%S", time.gmtime(sold.accepted_at))
        path = f"/moose/music%2Fprod%2Ftts-{day}-{sold.token}.{sold.extension}"
        query = urlencode(
            {
                "Expires": expires,
                "OSSAccessKeyId": _ACCESS_KEY_ID,
                "Signature": self._sign(path, str(expires)),
            }
        )
        return f"{self.cdn_url}{path}?{query}"

    def _sign(self, path: str, expires: str) -> str:
        mark = hmac.new(self._secret, f"GET\n{expires}\n{path}".encode(), "sha1")
        return base64.b64encode(mark.digest()).decode()

    def link_fault(self, request: Request) -> str | None:
        """Why a link is not served (an OSS error code), or None when it is."""
        given = parse_qsl(request.query, keep_blank_values=True)
        fields = Counter(name for name, _ in given)
        if fields != Counter(("Expires", "OSSAccessKeyId", "Signature")):
            return "AccessDenied"
        asked = dict(given)
        signature = self._sign(request.path, asked["Expires"])
        if (
            not hmac.compare_digest(signature, asked["Signature"])
            or asked["OSSAccessKeyId"] != _ACCESS_KEY_ID
        ):
            return "SignatureDoesNotMatch"
        is_dead = request.query in self.dead_signatures
        return "Expired" if is_dead or self.now() > int(asked["Expires"]) else None
