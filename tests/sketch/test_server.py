from __future__ import annotations

import re
from collections.abc import Iterator

import miniaudio
import pytest

from tests.sketch.running import CLIENT, Running, running
from tests.sketch.songs import MODEL, body

WAV = {"audio_setting": {"format": "wav", "sample_rate": 16000}}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("jobs"), price="0.195") as up:
        yield up


@pytest.fixture(scope="module")
def link(server: Running) -> str:
    answer = server.finished(server.submit(**WAV))
    assert set(answer) == {"id", "status", "audio_file"}
    return str(answer["audio_file"]["url"])


def test_a_song_is_submitted_rendered_and_downloaded(server: Running) -> None:
    answer = server.call(
        "POST", "/v2/generate/audio", json=body(), headers={"x-client-request-id": "customer-42"}
    )
    submitted = answer.json()
    assert re.fullmatch(r"[A-Za-z0-9_-]{21}", submitted["id"])
    assert submitted["status"] == "queued"
    assert submitted["meta"]["usage"] == {"credits_used": 390000, "usd_spent": 0.195}
    assert answer.headers["x-client-request-id"] == "customer-42"
    assert answer.headers["x-inference-id"] == submitted["id"]
    seen = server.poll(submitted["id"])
    assert seen["status"] in ("queued", "generating")
    assert set(seen) == {"id", "status"}
    url = server.finished(submitted["id"])["audio_file"]["url"]
    assert url.startswith(f"{server.url}/cdn/{submitted['id']}.mp3?Expires=")
    audio = CLIENT.get(url)
    assert audio.headers["content-type"] == "audio/mpeg"
    assert miniaudio.mp3_get_info(audio.content).sample_rate == 44100


def test_without_the_key_nothing_is_answered(server: Running) -> None:
    for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": server.key}):
        for method, path in (("POST", "/v2/generate/audio"), ("GET", "/v2/logs?period=1h")):
            answer = CLIENT.request(method, server.url + path, headers=headers, json=body())
            assert answer.status_code == 401
            assert answer.json()["statusCode"] == "401"


def test_refusals_have_the_vendors_shape(server: Running) -> None:
    answer = server.call("POST", "/v2/generate/audio", json=body(prompt="short"))
    assert answer.status_code == 400
    document = answer.json()
    assert set(document) == {"message", "path", "requestId", "statusCode", "timestamp"}
    assert "prompt" in document["message"]
    assert document["path"] == "/v2/generate/audio"
    form = server.call("POST", "/v2/generate/audio", content=b"a=b")
    assert form.status_code == 415
    big = server.call(
        "POST",
        "/v2/generate/audio",
        content=b" " * 300_000,
        headers={"content-type": "application/json"},
    )
    assert big.status_code == 413
    unknown = {"generation_id": "x" * 21}
    assert server.call("GET", "/v2/generate/audio", params=unknown).status_code == 404
    assert server.call("GET", "/v2/generate/audio").status_code == 400
    assert server.call("GET", "/v2/nothing").json()["statusCode"] == "404"


def test_a_download_needs_no_key_and_can_be_resumed(link: str) -> None:
    whole = CLIENT.get(link)
    assert whole.headers["accept-ranges"] == "bytes"
    assert int(whole.headers["content-length"]) == len(whole.content)
    rest = {"range": "bytes=1000-"}
    part = CLIENT.get(link, headers=rest | {"if-range": whole.headers["etag"]})
    assert part.status_code == 206
    assert part.content == whole.content[1000:]
    total = len(whole.content)
    assert part.headers["content-range"] == f"bytes 1000-{total - 1}/{total}"
    changed = CLIENT.get(link, headers=rest | {"if-range": '"another"'})
    assert (changed.status_code, changed.content) == (200, whole.content)
    beyond = CLIENT.get(link, headers={"range": f"bytes={total}-"})
    assert beyond.status_code == 416


def test_a_tampered_link_is_refused(link: str) -> None:
    for broken in (
        link[:-1] + ("0" if link[-1] != "0" else "1"),
        link.replace("Expires=", "Expires=9"),
        link.partition("?")[0],
        link.partition("&")[0],
    ):
        assert CLIENT.get(broken).status_code == 403


def test_an_expired_link_is_refused_and_a_poll_brings_a_fresh_one(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("expiring")
    with running(folder, lifetime_s=0) as hasty:
        job = hasty.submit(**WAV)
        assert CLIENT.get(hasty.finished(job)["audio_file"]["url"]).status_code == 403
    with running(folder) as patient:
        assert CLIENT.get(patient.poll(job)["audio_file"]["url"]).status_code == 200


def test_the_log_pages_through_requests_newest_first(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with running(tmp_path_factory.mktemp("logged"), price="0.5", key="") as server:
        ids = [server.submit(f"request-{n}", **WAV) for n in range(5)]
        pages = [
            server.call("GET", f"/v2/logs?period=1h&limit=2&offset={at}").json() for at in (0, 2, 4)
        ]
        rows = [row for page in pages for row in page["data"]]
        assert [row["inference_id"] for row in rows] == ids[::-1]
        assert rows[0]["client_request_id"] == "request-4"
        assert rows[0]["cost"] == {"usd": 0.5, "credits": 1_000_000}
        assert rows[0]["model"] == MODEL
        assert [page["pagination"]["has_more"] for page in pages] == [True, True, False]
        assert pages[0]["pagination"]["total"] == 5
        none = server.call("GET", "/v2/logs?period=1h&status=failed").json()
        assert none["data"] == []
        assert server.call("GET", "/v2/logs").status_code == 400
        assert server.call("GET", "/v2/billing").json() == {
            "current_balance": 997.5,
            "currency": "USD",
        }


def test_the_ledger_shows_what_songs_cost_page_by_page(server: Running) -> None:
    ids = [server.submit(), server.submit()]
    query: dict[str, str] = {"from": "2026-01-01T00:00:00Z", "limit": "1"}
    found: list[dict[str, object]] = []
    while True:
        page = server.call("GET", "/v2/billing/transactions", params=query).json()
        found += page["data"]
        if not page["pagination"]["has_more"]:
            break
        query["cursor"] = page["pagination"]["next_cursor"]
    assert [entry["reference_id"] for entry in found[:2]] == ids[::-1]
    assert found[0]["amount"] == {"usd": 0.195, "credits": 390000}
    assert server.call("GET", "/v2/billing/transactions", params={"cursor": "x"}).status_code == 400
    assert CLIENT.get(f"{server.url}/v2/billing/transactions").status_code == 401


def test_the_catalogue_knows_the_model_and_its_price_without_a_key(server: Running) -> None:
    asked = {"id": MODEL, "include": "pricing"}
    (listed,) = CLIENT.get(f"{server.url}/v1/models", params=asked).json()["data"]
    assert listed["id"] == MODEL
    assert listed["pricing"]["units"][0]["price"] == 0.195
    asked["id"] = "somebody/else"
    assert CLIENT.get(f"{server.url}/v1/models", params=asked).json()["data"] == []
    assert CLIENT.get(f"{server.url}/v1/models/deprecations").json()["data"] == []
