"""Downloads at the fetcher itself: what a file's end proves, and connections that crawl."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.adapters.aimlapi import cdn
from pipeline.adapters.aimlapi.cdn import Cdn, Progress
from pipeline.adapters.blob_store import checksum_of
from pipeline.core.purchase.answers import DeadLink, FetchAnswer, Fetched, Finished, Unreachable
from tests.answers.answering import answering, http_answer
from tests.answers.shop import Shop, open_shop
from tests.answers.test_client import client, submit


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """A paid song and the link to it."""

    shop: Shop
    link: str


@pytest.fixture(scope="module")
def one_sale() -> Iterator[Sold]:
    async def buy(shop: Shop) -> str:
        accepted, _ = await submit(shop.vendor.api_url, key=shop.vendor.key)
        async with client(shop.vendor.api_url, key=shop.vendor.key) as api:
            answer = await api.poll(accepted.generation_id)
            for _ in range(100):
                if isinstance(answer, Finished):
                    break
                await asyncio.sleep(0.05)
                answer = await api.poll(accepted.generation_id)
        assert isinstance(answer, Finished)
        return answer.link

    with open_shop() as shop:
        yield Sold(shop=shop, link=asyncio.run(buy(shop)))


@pytest.fixture
def sold(one_sale: Sold) -> Sold:
    one_sale.shop.vendor.clear_faults()
    return one_sale


def fetch(link: str, path: Path, visits: int = 1) -> list[FetchAnswer]:
    async def visit() -> list[FetchAnswer]:
        progress = Progress()
        async with Cdn() as files:
            return [await files.fetch(link, path, progress) for _ in range(visits)]

    return asyncio.run(visit())


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("hang", {}),
        ("slow", {"bytes_per_s": 200}),
        ("drip", {"seconds": 0.05}),
        ("drip", {"seconds": 0.05, "head": True}),
    ],
)
def test_a_download_that_crawls_is_given_up_and_may_be_tried_again(
    sold: Sold,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    options: dict[str, object],
) -> None:
    monkeypatch.setattr(cdn, "SILENCE_S", 0.5)
    monkeypatch.setattr(cdn, "VISIT_DEADLINE_S", 2.0)
    sold.shop.vendor.fault("cdn", fault, **options)
    began_s = time.monotonic()
    (answer,) = fetch(sold.link, tmp_path / "song.mp3")
    assert time.monotonic() - began_s < 5
    assert isinstance(answer, Unreachable)


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("truncate", {"bytes": 1000}),
        ("chunked_truncate", {"bytes": 1000}),
        ("reset_at", {"bytes": 1000}),
    ],
)
def test_a_file_cut_short_is_resumed_where_it_ended(
    sold: Sold, tmp_path: Path, fault: str, options: dict[str, object]
) -> None:
    whole = tmp_path / "whole.mp3"
    fetch(sold.link, whole)
    before = sold.shop.vendor.ledger().cdn
    sold.shop.vendor.fault("cdn", fault, **options)
    first, second = fetch(sold.link, tmp_path / "song.mp3", visits=2)
    assert isinstance(first, Unreachable)
    assert second == Fetched(size_bytes=whole.stat().st_size)
    assert (tmp_path / "song.mp3").read_bytes() == whole.read_bytes()
    asked = [one.headers.get("range") for one in sold.shop.vendor.ledger().of("cdn")[before:]]
    assert asked == [None, "bytes=1000-"]


def test_only_bytes_that_came_in_one_answer_are_vouched_for_without_reading_them_again(
    sold: Sold, tmp_path: Path
) -> None:
    path = tmp_path / "song.mp3"
    (answer,) = fetch(sold.link, path)
    assert isinstance(answer, Fetched)
    assert answer.checksum == checksum_of(path)
    for fault in ("truncate", "truncate_no_length"):
        path.unlink()
        sold.shop.vendor.fault("cdn", fault, bytes=1000)
        answer = fetch(sold.link, path, visits=2)[-1]
        assert isinstance(answer, Fetched)
        assert answer.checksum is None


def test_a_file_without_a_length_is_whole_only_once_nothing_comes_after_it(
    sold: Sold, tmp_path: Path
) -> None:
    whole = tmp_path / "whole.mp3"
    fetch(sold.link, whole)
    sold.shop.vendor.fault("cdn", "truncate_no_length", bytes=1000)
    (answer,) = fetch(sold.link, tmp_path / "song.mp3")
    assert answer == Fetched(size_bytes=whole.stat().st_size)
    assert (tmp_path / "song.mp3").read_bytes() == whole.read_bytes()


def test_another_recording_under_the_same_link_is_not_glued_to_the_first(
    sold: Sold, tmp_path: Path
) -> None:
    whole = tmp_path / "whole.mp3"
    fetch(sold.link, whole)
    sold.shop.vendor.fault("cdn", "changed")
    sold.shop.vendor.fault("cdn", "truncate", bytes=1000)
    changed = tmp_path / "changed.mp3"
    fetch(sold.link, changed)
    mixed = tmp_path / "mixed.mp3"
    sold.shop.vendor.clear_faults()
    sold.shop.vendor.fault("cdn", "truncate", bytes=1000)
    sold.shop.vendor.fault("cdn", "changed")
    answers = fetch(sold.link, mixed, visits=3)
    assert isinstance(answers[-1], Fetched)
    assert mixed.read_bytes() in (whole.read_bytes(), changed.read_bytes())


def test_the_key_is_never_sent_and_the_link_never_altered(sold: Sold, tmp_path: Path) -> None:
    fetch(sold.link, tmp_path / "song.mp3")
    assert sold.shop.vendor.ledger().violations == ()
    assert not any(one.has_key for one in sold.shop.vendor.ledger().of("cdn"))


@pytest.mark.parametrize(
    "link",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/song.mp3",
        "http://",
        "http://[::1",
        "http://127.0.0.1:99999999/song.mp3",
        "http://127.0.0.1:1/\x00",
        "http://127.0.0.1:1/\ud800.mp3",
        "http://\ud800/song.mp3",
        f"http://{'a' * 70}.invalid/song.mp3",
        "http://xn--/song.mp3",
        "",
    ],
    ids=ascii,
)
def test_a_link_that_leads_nowhere_is_an_answer_and_never_an_error(
    link: str, tmp_path: Path
) -> None:
    (answer,) = fetch(link, tmp_path / "song.mp3")
    assert isinstance(answer, (DeadLink, Unreachable))
    assert not (tmp_path / "song.mp3").exists()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://[::1\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 206 Partial Content\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 206 Part\r\nContent-Range: bytes 5-1/3\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n\r\n",
        http_answer(b"nope", headers=b"Content-Encoding: gzip\r\n"),
        http_answer(b"", status="304 Not Modified"),
    ],
    ids=range(10),
)
def test_an_answer_that_is_no_file_is_never_taken_for_one(raw: bytes, tmp_path: Path) -> None:
    async def visit() -> FetchAnswer:
        async with answering(raw) as url, Cdn() as files:
            return await files.fetch(f"{url}/song.mp3", tmp_path / "song.mp3", Progress())

    assert isinstance(asyncio.run(visit()), (DeadLink, Unreachable))
