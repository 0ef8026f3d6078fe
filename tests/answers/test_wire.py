"""The transport under polls and downloads against servers that keep to no rule; httpx's own judges.

Real sockets; where both transports can be asked, they have to say the same.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from pipeline.adapters.aimlapi.asking import Asker, Reply
from pipeline.adapters.aimlapi.wire import Wire, pool
from tests.answers.answering import http_answer
from tests.answers.scripted import Script, certified, saying, scripted

ROOM_BYTES = 16 << 10
OK = http_answer(b"whole")


@asynccontextmanager
async def wired(
    *, timeout_s: float = 5.0, authority: Path | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    context = httpx.create_ssl_context(trust_env=False)
    if authority is not None:
        context.load_verify_locations(authority)
    wire = Wire(context, room_bytes=ROOM_BYTES)
    async with httpx.AsyncClient(transport=wire, timeout=timeout_s, trust_env=False) as client:
        yield client


def asked(script: Script, *, timeout_s: float = 5.0, times: int = 1) -> tuple[list[bytes], int]:
    """The bodies of so many answers in turn, and how many connections they took."""

    async def ask() -> tuple[list[bytes], int]:
        async with scripted(script) as served, wired(timeout_s=timeout_s) as client:
            return [(await client.get(served.url)).content for _ in range(times)], served.accepts

    return asyncio.run(ask())


def open_sockets() -> int:
    found = 0
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - its links are read, not followed
        try:
            found += os.readlink(f"/proc/self/fd/{name}").startswith("socket:")  # noqa: PTH115
        except OSError:
            continue
    return found


ODD = (
    OK,
    http_answer(b""),
    http_answer(b"x" * 300_000),
    http_answer(b"{}", status="404 Not Found"),
    b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.0 200 OK\r\n\r\nto the end",
    b"HTTP/1.1 200 OK\r\n\r\n" + b"y" * 100_000,
    b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    b"HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a: 2\r\nX-Caf\xe9: no\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX-Empty:\r\nX-Sp:   a  \r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX-Folded: a\r\n  b\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK,
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\nContent-Length: 1\r\n\r\n1\r\na\r\n0\r\n"
    b"X-Trailer: t\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    OK + b"and something after its end",
    # not legal
    b"",
    b"\r\n",
    b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\ncut",
    b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc",
    b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Le",
    b"HTTP/1.1 99999 OK\r\nContent-Length: 0\r\n\r\n",
)  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("raw", ODD, ids=range(len(ODD)))
def test_what_a_server_says_means_the_same_to_httpx_and_to_the_wire(
    raw: bytes, method: str
) -> None:
    async def said(client: httpx.AsyncClient, url: str) -> object:
        try:
            answered = await client.request(method, url)
        except httpx.HTTPError as error:
            return type(error)
        headers = answered.headers.raw
        return answered.status_code, headers, answered.content, answered.reason_phrase

    async def both() -> list[object]:
        async with (
            scripted(saying(raw)) as served,
            httpx.AsyncClient(trust_env=False) as plain,
            wired() as client,
        ):
            return [await said(plain, served.url), await said(client, served.url)]

    by_httpx, by_wire = asyncio.run(both())
    assert by_wire == by_httpx


def test_a_connection_is_used_again_after_answers_of_every_framing() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX-T: t\r\n\r\n"
    for raw, body in ((OK, b"whole"), (chunked, b"ab"), (http_answer(b""), b"")):
        assert asked(saying(raw, times=9), times=5) == ([body] * 5, 1)


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nwhole",
        b"HTTP/1.1 200 OK\r\nConnection: Keep-Alive, CLOSE\r\nContent-Length: 5\r\n\r\nwhole",
        OK + b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n0\r\n\r\n" + OK,
    ],
)
def test_a_connection_that_may_not_or_must_not_be_used_again_is_not(raw: bytes) -> None:
    assert asked(saying(raw, times=9), times=3) == ([b"whole"] * 3, 3)


def test_a_body_longer_than_it_was_said_to_be_ends_its_connection() -> None:
    async def head_first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(9):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
            await asyncio.sleep(0.02)
            writer.write(b"whole" + OK)

    assert asked(head_first, times=3) == ([b"whole"] * 3, 3)


def test_an_answer_that_comes_before_its_question_is_nobody_s() -> None:
    async def speak_unasked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        await is_idle.wait()
        writer.write(http_answer(b"alien"))
        await reader.read()
        is_hung_up.set()

    is_idle, is_hung_up = asyncio.Event(), asyncio.Event()

    async def ask() -> tuple[bytes, int]:
        async with scripted(speak_unasked) as served, wired() as client:
            await client.get(served.url)
            is_idle.set()
            await asyncio.wait_for(is_hung_up.wait(), 5)
            return (await client.get(served.url)).content, served.accepts

    assert asyncio.run(ask()) == (b"whole", 2)


def test_a_connection_that_was_idle_for_too_long_is_not_used_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pool, "KEPT_S", 0.0)
    assert asked(saying(OK, times=9), times=3) == ([b"whole"] * 3, 3)


def test_a_connection_closed_while_it_was_idle_costs_no_answer() -> None:
    async def answer_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        await reader.readuntil(b"\r\n\r\n")  # the second question is read and not answered

    assert asked(answer_one, times=4) == ([b"whole"] * 4, 4)


def test_a_new_connection_that_says_nothing_is_not_asked_twice() -> None:
    async def ask() -> int:
        async with scripted(saying(b"")) as served, wired() as client:
            with pytest.raises(httpx.RemoteProtocolError):
                await client.get(served.url)
            return served.accepts

    assert asyncio.run(ask()) == 1


def test_an_answer_that_began_on_a_kept_connection_is_not_asked_again() -> None:
    async def answer_half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK[:20])

    async def ask() -> int:
        async with scripted(answer_half) as served, wired() as client:
            await client.get(served.url)
            with pytest.raises(httpx.RemoteProtocolError):
                await client.get(served.url)
            return served.accepts

    assert asyncio.run(ask()) == 1


async def endless_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-More: " + b"y" * 1000 + b"\r\n")
        await writer.drain()


async def endless_interim(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)
        await writer.drain()


@pytest.mark.parametrize("script", [endless_head, endless_interim])
def test_a_head_without_end_is_given_up(script: Script) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        asked(script)


def test_a_head_of_very_many_headers_is_refused() -> None:
    with pytest.raises(httpx.RemoteProtocolError, match="too many headers"):
        asked(saying(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 400 + b"Content-Length: 0\r\n\r\n"))


def test_a_switch_of_protocols_that_nobody_asked_for_is_refused() -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        asked(saying(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"))


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"])
def test_silence_ends_with_a_read_time_out_and_frees_the_socket(said: bytes) -> None:
    async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await reader.read()  # until the client hangs up
        await reader.read()

    async def ask() -> None:
        async with scripted(stall) as served, wired(timeout_s=0.2) as client:
            before = open_sockets()
            with pytest.raises(httpx.ReadTimeout):
                await client.get(served.url)
            await until(lambda: open_sockets() == before)

    asyncio.run(ask())


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not is_so():  # noqa: ASYNC110 - the kernel tells nobody
            await asyncio.sleep(0.01)


def test_a_dribbling_answer_is_read_as_long_as_it_moves() -> None:
    async def dribble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for place in range(len(OK)):
            writer.write(OK[place : place + 1])
            await writer.drain()
            await asyncio.sleep(0.001)

    assert asked(dribble, timeout_s=1.0) == ([b"whole"], 1)


def test_a_reset_within_a_body_brings_what_came_and_then_an_error() -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf")
        await asyncio.sleep(0.2)
        held: socket.socket = writer.get_extra_info("socket")
        held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async def ask() -> bytes:
        came = b""
        async with (
            scripted(reset) as served,
            wired() as client,
            client.stream("GET", served.url) as answered,
        ):
            pieces = answered.aiter_raw()
            came = await anext(pieces)
            with pytest.raises(httpx.ReadError):
                await anext(pieces)
        return came

    assert asyncio.run(ask()) == b"half"


@pytest.mark.parametrize("is_tls", [False, True])
def test_a_slow_reader_holds_little_and_loses_nothing(is_tls: bool, tmp_path: Path) -> None:
    known = certified(tmp_path, "IP:127.0.0.1", 2) if is_tls else None
    total = 3_000_000
    body = bytes(place % 251 for place in range(total))

    async def ask() -> tuple[bytes, int]:
        came, largest = bytearray(), 0
        async with (
            scripted(saying(http_answer(body)), trust=known and known.trust) as served,
            wired(authority=known and known.certificate) as client,
            client.stream("GET", served.url) as answered,
        ):
            await asyncio.sleep(0.2)  # by now the server has filled whatever takes it
            async for piece in answered.aiter_raw():
                came += piece
                largest = max(largest, len(piece))
        return bytes(came), largest

    came, largest = asyncio.run(ask())
    assert came == body
    assert largest <= ROOM_BYTES


def test_cancelling_within_a_body_frees_the_socket_and_spoils_no_later_answer() -> None:
    async def first_pours(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if head.startswith(b"GET /pour"):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n" + b"z" * 100_000)
            await reader.read()
        writer.write(OK)

    async def read_slowly(client: httpx.AsyncClient, url: str) -> None:
        async with client.stream("GET", url) as answered:
            async for _ in answered.aiter_raw():
                await asyncio.sleep(0)

    async def ask() -> bytes:
        async with scripted(first_pours) as served, wired() as client:
            before = open_sockets()
            reading = asyncio.create_task(read_slowly(client, f"{served.url}/pour"))
            await until(lambda: open_sockets() == before + 2)
            await asyncio.sleep(0.05)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await until(lambda: open_sockets() == before)
            return (await client.get(served.url)).content

    assert asyncio.run(ask()) == b"whole"


def test_closing_the_client_closes_every_connection() -> None:
    async def ask() -> tuple[int, int]:
        async with scripted(saying(OK, times=9)) as served:
            before = open_sockets()
            async with wired() as client:
                await asyncio.gather(*(client.get(served.url) for _ in range(5)))
                assert open_sockets() > before
            await until(lambda: open_sockets() == before)
            return before, open_sockets()

    before, after = asyncio.run(ask())
    assert after == before


@pytest.mark.parametrize(
    ("names", "days", "is_known"),
    [
        ("DNS:elsewhere.example", 2, True),
        ("IP:127.0.0.1", 2, False),
        ("IP:127.0.0.1", -1, True),
    ],
    ids=["another host's", "self-signed", "expired"],
)
def test_a_certificate_that_proves_nothing_is_no_connection(
    names: str, days: int, is_known: bool, tmp_path: Path
) -> None:
    known = certified(tmp_path, names, days)

    async def ask() -> None:
        async with (
            scripted(saying(OK), trust=known.trust) as served,
            wired(authority=known.certificate if is_known else None) as client,
        ):
            with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                await client.get(served.url)

    asyncio.run(ask())


def test_tls_that_is_cut_without_a_farewell_is_an_end(tmp_path: Path) -> None:
    known = certified(tmp_path, "IP:127.0.0.1", 2)

    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nsome")
        await writer.drain()
        await asyncio.sleep(0.05)
        held: socket.socket = writer.get_extra_info("socket")
        held.shutdown(socket.SHUT_RDWR)

    async def ask() -> bytes:
        async with (
            scripted(cut, trust=known.trust) as served,
            wired(authority=known.certificate) as client,
        ):
            return (await client.get(served.url)).content

    assert asyncio.run(ask()) == b"some"


@pytest.mark.parametrize("length", [b"", b"Content-Length: 60000\r\n"], ids=["none", "length"])
def test_tls_that_ends_while_nobody_reads_is_read_to_its_end(length: bytes, tmp_path: Path) -> None:
    """More waits in TLS than there is room for, and no farewell follows it."""
    known = certified(tmp_path, "IP:127.0.0.1", 2)

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n" + length + b"\r\n" + b"x" * 60_000)
        held: socket.socket = writer.get_extra_info("socket")
        held.shutdown(socket.SHUT_WR)
        await reader.read()

    async def ask() -> tuple[int, int]:
        pieces = []
        async with (
            scripted(pour, trust=known.trust) as served,
            wired(authority=known.certificate) as client,
            client.stream("GET", served.url) as answered,
        ):
            async for piece in answered.aiter_raw():
                pieces.append(len(piece))
                await asyncio.sleep(0.01)
        return sum(pieces), max(pieces)

    came, largest = asyncio.run(ask())
    assert came == 60_000
    assert largest <= ROOM_BYTES


def test_a_handshake_that_does_not_end_is_given_up_and_frees_the_socket() -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        while await reader.read(1000):
            pass

    async def ask() -> None:
        async with scripted(say_nothing) as served, wired(timeout_s=0.2) as client:
            before = open_sockets()
            with pytest.raises(httpx.ConnectTimeout):
                await client.get(served.url.replace("http:", "https:"))
            await until(lambda: open_sockets() == before)

    asyncio.run(ask())


def test_a_redirect_from_plain_to_tls_is_followed(tmp_path: Path) -> None:
    known = certified(tmp_path, "IP:127.0.0.1", 2)

    async def ask() -> bytes:
        async with scripted(saying(OK), trust=known.trust) as secure:
            there = f"Location: {secure.url}/song.mp3\r\n".encode()
            moved = http_answer(b"", status="302 Found", headers=there)
            async with (
                scripted(saying(moved)) as served,
                wired(authority=known.certificate) as client,
            ):
                return (await client.get(served.url, follow_redirects=True)).content

    assert asyncio.run(ask()) == b"whole"


def test_a_proxy_of_the_environment_is_asked_and_the_server_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def ask() -> tuple[object, int, int]:
        answer = saying(http_answer(b'{"from": "proxy"}'))
        async with scripted(answer) as proxy, scripted(saying(OK)) as served:
            monkeypatch.setenv("HTTP_PROXY", proxy.url)
            monkeypatch.setenv("http_proxy", proxy.url)
            async with Asker(served.url, key=None, trust_env=True) as asker:
                reply = await asker.get("/v2/billing", {}, deadline_s=5)
            return reply, proxy.accepts, served.accepts

    reply, proxied, direct = asyncio.run(ask())
    assert isinstance(reply, Reply)
    assert (reply.body, proxied, direct) == ({"from": "proxy"}, 1, 0)


def test_a_proxy_is_left_out_where_the_environment_is_not_to_be_trusted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def ask() -> tuple[int, int]:
        async with scripted(saying(OK)) as proxy, scripted(saying(http_answer(b"{}"))) as served:
            monkeypatch.setenv("http_proxy", proxy.url)
            async with Asker(served.url, key=None, trust_env=False) as asker:
                await asker.get("/v2/billing", {}, deadline_s=5)
            return proxy.accepts, served.accepts

    assert asyncio.run(ask()) == (0, 1)


def test_many_questions_at_once_take_no_more_connections_than_allowed() -> None:
    async def ask() -> tuple[int, set[type]]:
        async with scripted(saying(http_answer(b"{}"), times=999)) as served:
            async with Asker(served.url, key=None, trust_env=False) as asker:
                replies = await asyncio.gather(
                    *(asker.get("/", {}, deadline_s=20) for _ in range(300))
                )
            return served.accepts, {type(reply) for reply in replies}

    assert asyncio.run(ask()) == (8, {Reply})


def test_nothing_with_a_body_is_ever_sent_this_way() -> None:
    async def ask() -> int:
        async with scripted(saying(OK)) as served, wired() as client:
            with pytest.raises(httpx.LocalProtocolError):
                await client.post(served.url, content=b"money")
            return served.accepts

    assert asyncio.run(ask()) == 0
