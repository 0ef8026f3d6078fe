"""Deadlines, resets and odd answers at the client itself, whose deadlines can be shortened."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from pipeline.adapters.aimlapi.client import Access, ApiClient
from pipeline.core.purchase.answers import (
    Accepted,
    Finished,
    LogMissing,
    Rejected,
    Running,
    SubmitAnswer,
    Throttled,
    Unknown,
    Unreachable,
    Unsent,
)
from pipeline.core.purchase.lookup import Window
from tests.answers.answering import answering, http_answer
from tests.answers.shop import Shop
from tests.builders import LYRICS

BODY = json.dumps(
    {
        "model": "minimax/music-2.6",
        "prompt": "warm indie folk, 92 BPM",
        "lyrics": LYRICS,
        "audio_setting": {"format": "mp3", "sample_rate": 44100, "bitrate": 256000},
    }
)
CRID = f"sm1.{'a' * 32}.1.n0"


def now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def client(url: str, *, key: str = "a-key") -> AsyncIterator[ApiClient]:
    async with ApiClient(Access(base_url=url, key=key), now=now, trust_env=False) as api:
        yield api


async def submit(
    url: str, *, key: str = "a-key", deadline_s: float = 5.0
) -> tuple[SubmitAnswer, int]:
    """The answer, and how often the intent was to be written."""
    intents = 0

    async def on_sending() -> None:
        nonlocal intents
        intents += 1

    async with client(url, key=key) as api:
        answer = await api.submit(
            BODY, client_request_id=CRID, on_sending=on_sending, deadline_s=deadline_s
        )
    return answer, intents


def submit_to(shop: Shop, *, deadline_s: float = 5.0) -> tuple[SubmitAnswer, int]:
    return asyncio.run(submit(shop.vendor.api_url, key=shop.vendor.key, deadline_s=deadline_s))


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("hang", {}),
        ("accept_then_hang", {}),
        ("accept_then_drip", {"seconds": 0.1}),
        ("accept_then_drip", {"seconds": 0.1, "head": True}),
        ("accept_then_delay", {"seconds": 3}),
    ],
)
def test_an_answer_that_does_not_end_in_time_is_unknown(
    shop: Shop, fault: str, options: dict[str, object]
) -> None:
    shop.vendor.fault("post", fault, **options)
    began_s = time.monotonic()
    answer, intents = submit_to(shop, deadline_s=0.5)
    assert time.monotonic() - began_s < 2.5
    assert answer == Unknown(reason="no answer in time")
    assert intents == 1
    assert shop.vendor.ledger().posts == 1


def test_a_refusal_whose_body_is_cut_short_is_still_that_refusal() -> None:
    async def refused() -> SubmitAnswer:
        head = b"HTTP/1.1 422 No\r\nContent-Length: 1000\r\n\r\n{"
        async with answering(head) as url:
            answer, _ = await submit(url)
        return answer

    assert isinstance(asyncio.run(refused()), Rejected)


def test_a_reset_connection_may_have_carried_the_request_if_the_intent_was_written(
    shop: Shop,
) -> None:
    shop.vendor.fault("post", "reset_before_read")
    answer, intents = submit_to(shop)
    # The reset can win against the end of the connect: then nothing was sent, nothing written.
    assert (type(answer), intents) in ((Unknown, 1), (Unsent, 0))


def test_a_refused_connection_sends_nothing_and_writes_no_intent(shop: Shop) -> None:
    shop.vendor.kill()
    answer, intents = submit_to(shop)
    assert isinstance(answer, Unsent)
    assert intents == 0


def test_tls_that_is_no_tls_sends_nothing_and_writes_no_intent() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            await reader.read(1)
            writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            writer.close()
            await writer.wait_closed()

    async def try_it() -> tuple[SubmitAnswer, int]:
        server = await asyncio.start_server(greet, "127.0.0.1", 0)
        async with server:
            return await submit(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")

    answer, intents = asyncio.run(try_it())
    assert isinstance(answer, Unsent)
    assert intents == 0


def test_an_error_while_the_intent_is_written_sends_nothing(shop: Shop) -> None:
    class DiskFull(Exception):
        pass

    async def refuse() -> None:
        raise DiskFull

    async def try_it() -> None:
        async with client(shop.vendor.api_url, key=shop.vendor.key) as api:
            await api.submit(BODY, client_request_id=CRID, on_sending=refuse)

    with pytest.raises(DiskFull):
        asyncio.run(try_it())
    assert shop.vendor.ledger().accepted == ()
    assert shop.vendor.ledger().posts == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed_so_the_key_stays_home(shop: Shop, status: int) -> None:
    shop.vendor.fault("post", "redirect", status=status)
    answer, _ = submit_to(shop)
    assert isinstance(answer, Unknown)
    ledger = shop.vendor.ledger()
    assert ledger.violations == ()
    assert len(ledger.requests) == 1


@pytest.mark.parametrize("where", ["poll", "logs"])
def test_a_redirect_of_a_free_request_is_not_followed_either(shop: Shop, where: str) -> None:
    shop.vendor.fault(where, "redirect")

    async def ask() -> object:
        async with client(shop.vendor.api_url, key=shop.vendor.key) as api:
            if where == "poll":
                return await api.poll("g" * 21)
            return await api.log(Window(start=now() - timedelta(hours=1), end=now()), offset=0)

    assert isinstance(asyncio.run(ask()), Unreachable)
    assert shop.vendor.ledger().violations == ()


@pytest.mark.parametrize(
    ("fault", "options"),
    [("hang", {}), ("drip", {"seconds": 0.1}), ("drip", {"seconds": 0.1, "head": True})],
)
def test_a_poll_that_does_not_end_in_time_may_be_asked_again(
    shop: Shop, fault: str, options: dict[str, object]
) -> None:
    async def ask() -> list[object]:
        accepted, _ = await submit(shop.vendor.api_url, key=shop.vendor.key)
        assert isinstance(accepted, Accepted)
        shop.vendor.fault("poll", fault, **options)
        async with client(shop.vendor.api_url, key=shop.vendor.key) as api:
            return [
                await api.poll(accepted.generation_id, deadline_s=0.4),
                await api.poll(accepted.generation_id, deadline_s=5.0),
            ]

    began_s = time.monotonic()
    first, second = asyncio.run(ask())
    assert time.monotonic() - began_s < 4
    assert first == Unreachable(reason="no answer in time")
    assert isinstance(second, (Running, Finished))


def test_a_log_that_hangs_is_unreachable_and_a_missing_one_is_missing(shop: Shop) -> None:
    window = Window(start=now() - timedelta(hours=1), end=now())
    shop.vendor.fault("logs", "hang")
    shop.vendor.fault("logs", "404")

    async def ask() -> list[object]:
        async with client(shop.vendor.api_url, key=shop.vendor.key) as api:
            return [
                await api.log(window, offset=0, deadline_s=0.4),
                await api.log(window, offset=0, deadline_s=5.0),
            ]

    first, second = asyncio.run(ask())
    assert isinstance(first, Unreachable)
    assert isinstance(second, LogMissing)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"id": "g1", "meta": {"usage": {"usd_spent": 1e99999999999999999999}}}',
        b'{"id": "g1", "meta": {"usage": {"usd_spent": NaN}}}',
        b'{"id": "g1", "meta": {"usage": {"credits_used": ' + b"9" * 5000 + b"}}}",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b"null",
        b'{"id": ["g1"]}',
        b'{"id": "two words"}',
        b'{"id": ""}',
    ],
    ids=lambda raw: raw[:40].decode("latin-1"),
)
def test_an_answer_that_cannot_be_read_is_unknown_and_never_an_error(raw: bytes) -> None:
    async def try_it() -> SubmitAnswer:
        async with answering(http_answer(raw)) as url:
            answer, _ = await submit(url)
        return answer

    assert isinstance(asyncio.run(try_it()), Unknown)


def test_half_a_credit_s_worth_is_kept_exact_on_its_way_in() -> None:
    raw = b'{"id": "g1", "meta": {"usage": {"credits_used": 390001, "usd_spent": 0.1950005}}}'

    async def try_it() -> SubmitAnswer:
        async with answering(http_answer(raw)) as url:
            answer, _ = await submit(url)
        return answer

    answer = asyncio.run(try_it())
    assert isinstance(answer, Accepted)
    assert (answer.cost.usd, answer.cost.credits) == (Decimal("0.1950005"), 390001)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Length: 11\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
    ],
    ids=range(10),
)
def test_bytes_that_are_no_answer_are_unknown_and_never_an_error(raw: bytes) -> None:
    async def try_it() -> SubmitAnswer:
        async with answering(raw) as url:
            answer, _ = await submit(url, deadline_s=2.0)
        return answer

    assert isinstance(asyncio.run(try_it()), Unknown)


@pytest.mark.parametrize(
    "header",
    [
        b"Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        b"Mon, 01 Jan 2030 00:00:00 -99999999999999999999",
        b"9" * 400,
        b"\xb2",
    ],
    ids=range(4),
)
def test_a_retry_after_out_of_any_range_is_taken_as_absent(header: bytes) -> None:
    async def try_it() -> SubmitAnswer:
        raw = http_answer(b"{}", status="429 Too Many", headers=b"Retry-After: " + header + b"\r\n")
        async with answering(raw) as url:
            answer, _ = await submit(url)
        return answer

    answer = asyncio.run(try_it())
    assert isinstance(answer, Throttled)
    assert answer.wait_s is None


@pytest.mark.parametrize("echo", ["plain", "cut"])
def test_a_key_that_the_answer_echoes_is_not_in_the_reason(echo: str) -> None:
    key = "sk-0123456789abcdefghijklmnopqrstuvwxyz"
    padding = "x" * (185 if echo == "cut" else 3)
    raw = json.dumps({"message": f"{padding} {key}"}).encode()

    async def try_it() -> SubmitAnswer:
        async with answering(http_answer(raw, status="422 No")) as url:
            answer, _ = await submit(url, key=key)
        return answer

    answer = asyncio.run(try_it())
    assert isinstance(answer, Rejected)
    assert key[:8] not in answer.reason
