"""The double keeps the contract, breaks it as told, and counts truly."""

from __future__ import annotations

import http.client
import itertools
import json
import re
import socket
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import miniaudio
import pytest

from tests.vendor.audio import real_bitrate, render_audio
from tests.vendor.client import Vendor
from tests.vendor.faults import KNOWN
from tests.vendor.ledger import read_ledger
from tests.vendor.settings import Settings

BODY: dict[str, Any] = {
    "model": "minimax/music-2.6",
    "prompt": "calm piano, soft strings",
    "lyrics": "[Verse]\nStreetlights flicker",
}
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(method: str, url: str, *, body: bytes | None = None, **headers: str) -> Reply:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    try:
        target = parts.path + ("?" + parts.query if parts.query else "")
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        connection.request(method, target, body=body, headers=named)
        answer = connection.getresponse()
        found = {name.lower(): text for name, text in answer.getheaders()}
        return Reply(status=answer.status, headers=found, body=answer.read())
    finally:
        connection.close()


def post(vendor: Vendor, body: Any = None, *, request_id: str | None = None) -> Reply:
    return ask(
        "POST",
        vendor.api_url + "/v2/generate/audio",
        body=body if isinstance(body, bytes) else json.dumps(body or BODY).encode(),
        Authorization=f"Bearer {vendor.key}",
        Content_Type="application/json",
        X_Client_Request_Id=request_id or f"t.{next(_numbers)}.n",
    )


def get(vendor: Vendor, path: str) -> Reply:
    return ask("GET", vendor.api_url + path, Authorization=f"Bearer {vendor.key}")


def poll(vendor: Vendor, generation_id: str) -> Reply:
    return get(vendor, "/v2/generate/audio?generation_id=" + quote(generation_id, safe=""))


def logs(vendor: Vendor, **query: Any) -> Reply:
    return get(vendor, "/v2/logs?" + urlencode(query or {"period": "1h"}, doseq=True))


def link(vendor: Vendor, **audio: Any) -> str:
    """A signed link to a new file that is ready."""
    body = {**BODY, "audio_setting": audio} if audio else BODY
    generation_id = post(vendor, body).json["id"]
    url: str = poll(vendor, generation_id).json["audio_file"]["url"]
    return url


@pytest.fixture(scope="module")
def running() -> Iterator[Vendor]:
    with Vendor(seconds=0, audio_seconds=0.3) as vendor:
        yield vendor
        assert vendor.complaints() == ""


@pytest.fixture
def vendor(running: Vendor) -> Vendor:
    running.reset()
    return running


# The contract


def test_a_submission_is_accepted_with_an_id_and_its_price(vendor: Vendor) -> None:
    answer = post(vendor, request_id="sm1.abc.1.x")
    assert answer.status == 200
    assert re.fullmatch(r"[A-Za-z0-9_-]{21}", answer.json["id"])
    assert answer.json["status"] == "queued"
    assert answer.json["meta"] == {"usage": {"credits_used": 390000, "usd_spent": 0.195}}
    assert answer.headers["x-inference-id"] == answer.json["id"]
    assert answer.headers["x-client-request-id"] == "sm1.abc.1.x"
    (bought,) = vendor.ledger().accepted
    assert (bought.id, bought.client_request_id) == (answer.json["id"], "sm1.abc.1.x")
    assert bought.body == BODY
    assert bought.has_key
    assert vendor.ledger().violations == ()


def test_a_generation_is_queued_then_generating_then_completed_without_meta(
    vendor: Vendor,
) -> None:
    vendor.set(seconds=0.6)
    generation_id = post(vendor).json["id"]
    seen: list[str] = []
    while "completed" not in seen:
        answer = poll(vendor, generation_id).json
        seen.append(answer["status"])
        time.sleep(0.03)
    assert list(dict.fromkeys(seen)) == ["queued", "generating", "completed"]
    assert set(answer) == {"id", "status", "audio_file"}


def test_polls_can_be_what_completes_a_generation(vendor: Vendor) -> None:
    vendor.set(polls=3)
    generation_id = post(vendor).json["id"]
    seen = [poll(vendor, generation_id).json["status"] for _ in range(4)]
    assert seen == ["queued", "generating", "completed", "completed"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"model":"minimax/music-2.6","model":"minimax/music-2.6"}',
        {**BODY, "seed": 1},
        {**BODY, "model": "minimax/music-2.5"},
        {**BODY, "prompt": "x" * 9},
        {**BODY, "prompt": "x" * 2001},
        {**BODY, "lyrics": "x" * 9},
        {**BODY, "lyrics": "x" * 3001},
        {**BODY, "lyrics": None},
        {name: BODY[name] for name in ("model", "prompt")},
        {**BODY, "audio_setting": None},
        {**BODY, "audio_setting": {}},
        {**BODY, "audio_setting": {"format": "flac"}},
        {**BODY, "audio_setting": {"format": "mp3", "sample_rate": 48000}},
        {**BODY, "audio_setting": {"format": "mp3", "sample_rate": 44100.0}},
        {**BODY, "audio_setting": {"format": "mp3", "bitrate": "256000"}},
        {**BODY, "audio_setting": {"format": "mp3", "audio_sample_rate": 44100}},
    ],
)
def test_a_body_outside_the_contract_is_refused_and_not_paid(vendor: Vendor, body: Any) -> None:
    answer = post(vendor, body)
    assert answer.status == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json) >= {"title", "status", "message", "instance", "requestId", "error"}
    ledger = vendor.ledger()
    assert (ledger.accepted, ledger.posts) == ((), 1)
    assert ledger.violation_kinds == ("body_schema",)


WORDLESS: dict[str, Any] = {"prompt": "rain on a tin roof"}
SUNG = {**WORDLESS, "lyrics": BODY["lyrics"]}
LATER = {"audio_setting": {"format": "mp3", "audio_sample_rate": 44100}}
ALLOWED = [
    ("minimax/music-2.0", {**SUNG, **LATER}),
    ("minimax/music-1.5", {**SUNG, **LATER}),
    ("elevenlabs/eleven_music", {"prompt": "x" * 2000, "music_length_ms": 300_000}),
    ("google/lyria2", {**WORDLESS, "negative_prompt": "drums", "seed": 7}),
    ("stable-audio", {**WORDLESS, "seconds_total": 47, "steps": 1000}),
]
REFUSED = [
    ("minimax/music-2.0", {**SUNG, "audio_setting": {"format": "mp3", "sample_rate": 44100}}),
    ("minimax/music-2.0", WORDLESS),
    ("minimax/music-1.5", {**SUNG, "prompt": "x" * 301}),
    ("elevenlabs/eleven_music", SUNG),
    ("elevenlabs/eleven_music", {"prompt": "x" * 2001}),
    ("elevenlabs/eleven_music", {**WORDLESS, "music_length_ms": 9_999}),
    ("elevenlabs/eleven_music", {**WORDLESS, "music_length_ms": 10_000.0}),
    ("google/lyria2", {**WORDLESS, "seed": "7"}),
    ("google/lyria2", {**WORDLESS, **LATER}),
    ("google/lyria2", {**WORDLESS, "steps": 7}),
    ("stable-audio", {**WORDLESS, "seconds_total": 48}),
    ("stable-audio", {**WORDLESS, "steps": 0}),
    ("stable-audio", {"steps": 10}),
]


@pytest.mark.parametrize(("model", "body"), ALLOWED, ids=[model for model, _ in ALLOWED])
def test_other_models_have_fields_and_ids_of_their_own(
    vendor: Vendor, model: str, body: dict[str, Any]
) -> None:
    generation_id = post(vendor, {"model": model, **body}).json["id"]
    assert re.fullmatch(rf"[0-9a-f-]{{36}}:{re.escape(model)}", generation_id)
    assert poll(vendor, generation_id).json["status"] == "completed"
    assert logs(vendor).json["data"][0]["model"] == model
    assert vendor.ledger().violations == ()


@pytest.mark.parametrize(("model", "body"), REFUSED)
def test_another_models_field_or_limit_is_refused(
    vendor: Vendor, model: str, body: dict[str, Any]
) -> None:
    assert post(vendor, {"model": model, **body}).status == 400
    assert vendor.ledger().accepted == ()


def test_the_later_contract_takes_the_place_of_the_first(vendor: Vendor) -> None:
    vendor.set(contract="2026-04")
    model = {"model": BODY["model"]}
    for allowed in ({}, LATER, SUNG, {"is_instrumental": True}, {"lyrics_optimizer": True}):
        assert post(vendor, {**model, **allowed}).status == 200
    for refused in (
        {**SUNG, "is_instrumental": True},
        {**SUNG, "lyrics_optimizer": True},
        {"is_instrumental": 1},
        {"audio_setting": {"sample_rate": 44100}},
    ):
        assert post(vendor, {**model, **refused}).status == 400


def test_an_id_that_is_not_percent_encoded_is_refused(vendor: Vendor) -> None:
    generation_id = post(vendor, {"model": "google/lyria2", **WORDLESS}).json["id"]
    assert get(vendor, f"/v2/generate/audio?generation_id={generation_id}").status == 400
    assert vendor.ledger().violation_kinds == ("poll_query",)


def test_lengths_count_code_points(vendor: Vendor) -> None:
    assert post(vendor, {**BODY, "lyrics": "\N{MUSICAL SYMBOL G CLEF}" * 3000}).status == 200


def test_a_wrong_key_is_refused_everywhere(vendor: Vendor) -> None:
    for path in (
        "/v2/generate/audio?generation_id=x",
        "/v2/logs?period=1h",
        "/v2/billing",
        "/v2/billing/transactions",
    ):
        assert ask("GET", vendor.api_url + path, Authorization="Bearer no").status == 401
        assert ask("GET", vendor.api_url + path).status == 401
    refused = ask(
        "POST",
        vendor.api_url + "/v2/generate/audio",
        body=json.dumps(BODY).encode(),
        Content_Type="application/json",
    )
    assert refused.status == 401
    assert vendor.ledger().accepted == ()


def test_an_unknown_generation_is_404_and_a_bad_query_400(vendor: Vendor) -> None:
    assert poll(vendor, "nobody").status == 404
    assert get(vendor, "/v2/generate/audio").status == 400
    assert get(vendor, "/v2/generate/audio?generation_id=a&generation_id=b").status == 400
    assert get(vendor, "/v2/elsewhere").status == 404


def test_the_balance_falls_with_each_purchase_until_it_is_403(vendor: Vendor) -> None:
    vendor.set(balance_usd=0.4)
    assert [post(vendor).status for _ in range(3)] == [200, 200, 403]
    assert get(vendor, "/v2/billing").json == {"current_balance": 0.01, "currency": "USD"}
    assert vendor.ledger().charged_usd == pytest.approx(0.39)


# The ledger and the catalogue


def ledger_pages(vendor: Vendor, limit: int = 2) -> list[dict[str, Any]]:
    rows, cursor = [], ""
    while cursor is not None:
        path = f"/v2/billing/transactions?from=2026-01-01T00:00:00Z&limit={limit}"
        page = get(vendor, path + (f"&cursor={cursor}" if cursor else "")).json
        rows += page["data"]
        cursor = page["pagination"]["next_cursor"]
        assert page["pagination"]["has_more"] is (cursor is not None)
    return rows


def test_the_ledger_has_one_entry_a_purchase_newest_first_and_pages_by_cursor(
    vendor: Vendor,
) -> None:
    ids = [post(vendor).json["id"] for _ in range(3)]
    vendor.set(foreign_entries=2)
    rows = ledger_pages(vendor)
    charged = [row["reference_id"] for row in rows if row["direction"] == "CHARGE"]
    assert charged == ["foreign-0000000000000", "foreign-0000000000001", *ids[::-1]]
    assert rows[2]["amount"] == {"usd": 0.195, "credits": 390000}
    assert (rows[-1]["type"], rows[-1]["reference_id"]) == ("PAYMENT", None)


def test_a_failed_generation_is_absent_from_the_ledger_or_given_back(vendor: Vendor) -> None:
    generation_id = post(vendor).json["id"]
    vendor.fault("poll", "error_status")
    poll(vendor, generation_id)
    assert [row["type"] for row in ledger_pages(vendor)] == ["PAYMENT"]
    vendor.set(are_refunds_shown=True)
    assert [row["type"] for row in ledger_pages(vendor)] == ["REFUND", "MODEL_USAGE", "PAYMENT"]


@pytest.mark.parametrize(
    "query",
    ["limit=101", "from=yesterday", "cursor=no", "sort=asc", "type=A&type=B",
     "from=2026-08-02T00:00:00Z&to=2026-08-01T00:00:00Z"],
)  # fmt: skip
def test_a_ledger_question_that_breaks_the_contract_is_refused(vendor: Vendor, query: str) -> None:
    assert get(vendor, f"/v2/billing/transactions?{query}").status == 400
    assert vendor.ledger().violation_kinds == ("ledger_query",)


def test_the_catalogue_answers_anybody_and_a_key_is_a_violation(vendor: Vendor) -> None:
    url = f"{vendor.api_url}/v1/models?id=minimax/music-2.6&include=pricing"
    (model,) = ask("GET", url).json["data"]
    assert model["pricing"]["units"][0]["price"] / model["pricing"]["units"][0]["per"] == 0.195
    assert ask("GET", f"{vendor.api_url}/v1/models?id=nobody").json["data"] == []
    feed = ask("GET", f"{vendor.api_url}/v1/models/deprecations").json["data"]
    assert [row["id"] for row in feed] == ["openai/gone"]
    assert vendor.ledger().violations == ()
    get(vendor, "/v1/models")
    assert vendor.ledger().violation_kinds == ("key_to_catalogue",)


# The log


def test_the_log_names_generations_by_client_request_id_newest_first(vendor: Vendor) -> None:
    ids = [post(vendor, request_id=f"log.{number}").json["id"] for number in range(3)]
    answer = logs(vendor).json
    assert [row["inference_id"] for row in answer["data"]] == ids[::-1]
    assert [row["client_request_id"] for row in answer["data"]] == ["log.2", "log.1", "log.0"]
    assert answer["data"][0]["cost"] == {"usd": 0.195, "credits": 390000}
    assert answer["pagination"] == {"limit": 50, "offset": 0, "total": 3, "has_more": False}


def test_the_log_pages_by_offset_past_other_peoples_rows(vendor: Vendor) -> None:
    vendor.set(foreign_log_rows=250)
    generation_id = post(vendor).json["id"]
    found, offset = [], 0
    while True:
        page = logs(vendor, period="1h", limit=100, offset=offset).json
        found += [row["inference_id"] for row in page["data"]]
        if not page["pagination"]["has_more"]:
            break
        offset += 100
    assert (len(found), found[-1]) == (251, generation_id)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "period=0h",
        "period=1w",
        "period=2209h",
        "period=1h&period=1h",
        "period=1h&start=2026-07-01T00:00:00Z",
        "start=2026-07-01T00:00:00Z",
        "start=2026-07-02&end=2026-07-01",
        "start=2026-01-01&end=2026-04-04",
        "start=1767225600&end=1767225601",
        "start=2026-07-01T00:00:00+00:00&end=2026-07-02T00:00:00Z",  # a plus means a blank
        "period=1h&limit=0",
        "period=1h&limit=101",
        "period=1h&offset=-1",
        "period=1h&status=succeeded,failed",
        "period=1h&client_request_id=x",
    ],
)
def test_a_log_query_outside_the_contract_is_refused(vendor: Vendor, query: str) -> None:
    assert get(vendor, "/v2/logs?" + query).status == 400
    assert vendor.ledger().violation_kinds == ("logs_query",)


def test_the_logs_window_and_filters_hold(vendor: Vendor) -> None:
    post(vendor)
    now = datetime.now(UTC)
    around = {"start": (now - timedelta(days=91)).isoformat(), "end": now.isoformat()}
    later = {"start": now.isoformat(), "end": (now + timedelta(hours=1)).isoformat()}
    assert logs(vendor, **around).json["pagination"]["total"] == 1
    assert logs(vendor, **later).json["pagination"]["total"] == 0
    assert logs(vendor, period="1d", status="failed").json["data"] == []
    both = logs(vendor, period="1d", status=["succeeded", "failed"], model="music-2.6")
    assert both.json["pagination"]["total"] == 1
    assert logs(vendor, period="1d", model="minimax/music-2.0").json["data"] == []
    assert logs(vendor, period="1d", key_prefix="other").status == 403


def test_an_invalid_client_request_id_is_dropped_and_billed(vendor: Vendor) -> None:
    assert post(vendor, request_id="not/valid").status == 200
    assert logs(vendor).json["data"][0]["client_request_id"] is None
    assert vendor.ledger().violation_kinds == ("client_request_id_invalid",)


def test_log_requests_are_limited_by_the_minute(vendor: Vendor) -> None:
    vendor.set(logs_per_minute=2)
    assert [logs(vendor).status for _ in range(3)] == [200, 200, 429]


def test_rows_appear_late_when_told(vendor: Vendor) -> None:
    vendor.set(logs_lag_s=0.3)
    post(vendor)
    assert logs(vendor).json["data"] == []
    time.sleep(0.35)
    assert len(logs(vendor).json["data"]) == 1
    vendor.fault("logs", "lag", seconds=60)
    assert logs(vendor).json["data"] == []


# The CDN


@pytest.mark.parametrize("sample_rate", [16000, 24000, 32000, 44100])
@pytest.mark.parametrize("bitrate", [32000, 64000, 128000, 256000])
@pytest.mark.parametrize("channels", [1, 2])
def test_each_mp3_decodes_at_its_rate_and_length(
    sample_rate: int, bitrate: int, channels: int
) -> None:
    sounds = [
        render_audio(
            name,
            audio_format="mp3",
            sample_rate=sample_rate,
            bitrate=bitrate,
            seconds=1.0,
            channels=channels,
        )
        for name in ("one", "two", "one")
    ]
    decoded = miniaudio.mp3_read_s16(sounds[0])
    assert (decoded.sample_rate, decoded.nchannels) == (sample_rate, channels)
    assert 1.0 <= decoded.duration < 1.3
    assert not any(decoded.samples)
    seconds = decoded.num_frames / sample_rate
    assert len(sounds[0]) * 8 / seconds == pytest.approx(
        real_bitrate(sample_rate, bitrate), rel=0.01
    )
    assert sounds[0] == sounds[2] != sounds[1]


@pytest.mark.parametrize("sample_rate", [16000, 24000, 32000, 44100])
def test_wav_and_pcm_are_the_same_sound(vendor: Vendor, sample_rate: int) -> None:
    wav = ask("GET", link(vendor, format="wav", sample_rate=sample_rate)).body
    pcm = ask("GET", link(vendor, format="pcm", sample_rate=sample_rate)).body
    decoded = miniaudio.decode(wav, nchannels=2, sample_rate=sample_rate)
    assert decoded.sample_rate == sample_rate
    assert max(decoded.samples) > 2000
    assert len(wav) - 44 == decoded.num_frames * 4
    assert len(pcm) % 4 == 0


def test_a_link_serves_the_same_bytes_whole_and_in_ranges(vendor: Vendor) -> None:
    url = link(vendor)
    whole = ask("GET", url)
    assert whole.headers["content-type"] == "audio/mpeg"
    assert ask("HEAD", url).headers["content-length"] == str(len(whole.body))
    rest = ask("GET", url, Range="bytes=1000-", If_Range=whole.headers["etag"])
    assert (rest.status, rest.body) == (206, whole.body[1000:])
    total = len(whole.body)
    assert rest.headers["content-range"] == f"bytes 1000-{total - 1}/{total}"
    assert ask("GET", url, Range="bytes=5-9").body == whole.body[5:10]
    assert ask("GET", url, Range="bytes=-9").body == whole.body[-9:]
    assert ask("GET", url, Range=f"bytes={total}-").status == 416
    other = ask("GET", url, Range="bytes=1000-", If_Range='"other"')
    assert (other.status, other.body) == (200, whole.body)


def test_a_link_is_signed_and_expires(vendor: Vendor) -> None:
    url = link(vendor)
    assert set(parse_qs(urlsplit(url).query)) == {"Expires", "OSSAccessKeyId", "Signature"}
    assert urlsplit(url).port != urlsplit(vendor.api_url).port
    assert ask("GET", url.replace("Expires=1", "Expires=2")).status == 403
    assert ask("GET", url.partition("?")[0]).status == 403
    vendor.set(clock_offset_s=90000)
    expired = ask("GET", url)
    assert expired.status == 403
    assert b"expired" in expired.body
    assert vendor.ledger().violation_kinds == ("link_altered",)


def test_a_later_poll_gives_a_fresh_link_or_the_first_again(vendor: Vendor) -> None:
    generation_id = post(vendor).json["id"]
    vendor.fault("cdn", "expire_link")
    first = poll(vendor, generation_id).json["audio_file"]["url"]
    assert [ask("GET", first).status for _ in range(2)] == [403, 403]
    fresh = poll(vendor, generation_id).json["audio_file"]["url"]
    assert ask("GET", fresh).status == 200
    vendor.set(fresh_links=False)
    assert poll(vendor, generation_id).json["audio_file"]["url"] == first


def test_the_key_sent_to_the_cdn_is_refused_and_written_down(vendor: Vendor) -> None:
    url = link(vendor)
    assert ask("GET", url, Authorization=f"Bearer {vendor.key}").status == 400
    assert "authorization_to_cdn" in vendor.ledger().violation_kinds


# Faults


def test_a_refusal_carries_the_retry_after_that_was_asked_for(vendor: Vendor) -> None:
    vendor.fault("post", "429", retry_after="3")
    vendor.fault("post", "429", retry_after="date:30", body="problem")
    vendor.fault("post", "429", retry_after="-5", body="html")
    vendor.fault("post", "429", body="empty")
    answers = [post(vendor) for _ in range(5)]
    assert [answer.status for answer in answers] == [429, 429, 429, 429, 200]
    assert answers[0].headers["retry-after"] == "3"
    assert set(answers[0].json) == {"message", "path", "requestId", "statusCode", "timestamp"}
    wait = parsedate_to_datetime(answers[1].headers["retry-after"]) - datetime.now(UTC)
    assert 25 < wait.total_seconds() <= 30
    assert answers[2].headers["retry-after"] == "-5"
    assert answers[2].body.startswith(b"<!doctype html>")
    assert "retry-after" not in answers[3].headers
    assert answers[3].body == b""
    assert len(vendor.ledger().accepted) == 1


def test_a_rule_waits_and_counts_and_matches(vendor: Vendor) -> None:
    rule = vendor.fault("post", "500", skip=1, times=2, match="calm")
    other = vendor.fault("post", "500", times=None, match="loud")
    assert [post(vendor).status for _ in range(4)] == [200, 500, 500, 200]
    assert (vendor.hits(rule), vendor.hits(other)) == (2, 0)
    vendor.clear_faults()
    assert vendor.faults() == []


def test_an_unknown_rule_or_setting_is_refused(vendor: Vendor) -> None:
    for where, what in (("post", "typo"), ("cdn", "lag"), ("nowhere", "hang")):
        with pytest.raises(ValueError, match=r"fault|where"):
            vendor.fault(where, what)
    with pytest.raises(ValueError, match="option"):
        vendor.fault("post", "500", retry_aftr="1")
    with pytest.raises(ValueError, match="setting"):
        vendor.set(secnds=1)


@pytest.mark.parametrize("kind", ["status", "html200", "bad_json", "no_id", "redirect"])
def test_an_answer_can_be_useless_after_acceptance(vendor: Vendor, kind: str) -> None:
    vendor.fault("post", f"accept_then_{kind}")
    answer = post(vendor)
    assert answer.status == {"status": 500, "redirect": 307}.get(kind, 200)
    assert "x-inference-id" not in answer.headers or kind == "bad_json"
    if kind == "no_id":
        assert "id" not in answer.json
    if kind == "bad_json":
        with pytest.raises(ValueError, match=r".+"):
            assert answer.json
    if kind == "redirect":
        ask("GET", answer.headers["location"])
        assert vendor.ledger().violation_kinds == ("redirect_followed",)
    assert len(vendor.ledger().accepted) == 1


def test_an_answer_can_be_reset_or_cut_short(vendor: Vendor) -> None:
    vendor.fault("post", "accept_then_reset")
    with pytest.raises(ConnectionResetError):
        post(vendor)
    vendor.fault("post", "accept_then_truncate")
    with pytest.raises(http.client.IncompleteRead):
        post(vendor)
    assert len(vendor.ledger().accepted) == 2
    vendor.fault("post", "reset_after_read")
    with pytest.raises(ConnectionResetError):
        post(vendor)
    vendor.fault("post", "reset_before_read")
    with pytest.raises(ConnectionError):
        post(vendor)
    ledger = vendor.ledger()
    assert (len(ledger.accepted), ledger.posts) == (2, 3)
    assert [one.fault for one in ledger.requests if not one.whole] == ["reset_before_read"]


def test_an_answer_can_hang_while_the_purchase_stands(vendor: Vendor) -> None:
    vendor.fault("post", "accept_then_hang")
    with pytest.raises(TimeoutError):
        impatient_post(vendor)
    vendor.fault("post", "hang")
    with pytest.raises(TimeoutError):
        impatient_post(vendor)
    assert (len(vendor.ledger().accepted), vendor.ledger().posts) == (1, 2)


def impatient_post(vendor: Vendor) -> None:
    parts = urlsplit(vendor.api_url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=0.2)
    headers = {"Authorization": f"Bearer {vendor.key}", "Content-Type": "application/json"}
    try:
        connection.request("POST", "/v2/generate/audio", json.dumps(BODY), headers)
        connection.getresponse()
    finally:
        connection.close()


def raw_exchange(vendor: Vendor, *, enough: int, deadline_s: float) -> bytes:
    """What comes back on a raw socket until the end, ``enough`` bytes or the deadline."""
    parts = urlsplit(vendor.api_url)
    body = json.dumps(BODY).encode()
    head = (
        "POST /v2/generate/audio HTTP/1.1\r\nHost: double\r\n"
        f"Authorization: Bearer {vendor.key}\r\nX-Client-Request-Id: raw.{next(_numbers)}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    end = time.monotonic() + deadline_s
    got = bytearray()
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as peer:
        peer.sendall(head.encode() + body)
        while len(got) < enough and time.monotonic() < end:
            peer.settimeout(max(0.01, end - time.monotonic()))
            try:
                piece = peer.recv(1 << 20)
            except TimeoutError:
                break
            if not piece:
                break
            got += piece
    return bytes(got)


def test_an_answer_can_drip(vendor: Vendor) -> None:
    vendor.fault("post", "accept_then_drip", seconds=0.1, head=True)
    got = raw_exchange(vendor, enough=10_000, deadline_s=0.55)
    assert got == b"HTTP/1.1 200 OK"[: len(got)]
    assert 3 <= len(got) <= 7


def dechunked(raw: bytes) -> bytes:
    body = bytearray()
    place = raw.index(b"\r\n\r\n") + 4
    while True:
        end = raw.index(b"\r\n", place)
        size = int(raw[place:end], 16)
        if size == 0:
            return bytes(body)
        body += raw[end + 2 : end + 2 + size]
        place = end + 2 + size + 2


def test_a_small_answer_can_unpack_to_more_than_a_gigabyte(vendor: Vendor) -> None:
    vendor.fault("post", "accept_then_gzip_bomb")
    raw = raw_exchange(vendor, enough=1 << 30, deadline_s=10)
    assert len(raw) < 3_000_000
    assert b"Content-Encoding: gzip" in raw
    unpack, packed, total = zlib.decompressobj(31), dechunked(raw), 0
    first = b""
    while not unpack.eof:
        piece = unpack.decompress(packed, 1 << 24)
        packed = unpack.unconsumed_tail
        first = first or piece[:200]
        total += len(piece)
    assert total > 1_000_000_000
    assert first.startswith(b'{"id": "')


def test_an_answer_can_be_two_hundred_megabytes(vendor: Vendor) -> None:
    vendor.fault("post", "accept_then_huge")
    raw = raw_exchange(vendor, enough=1 << 30, deadline_s=10)
    assert len(raw) > 200_000_000
    vendor.fault("poll", "huge", bytes=1 << 20)
    answer = poll(vendor, post(vendor).json["id"])
    assert len(answer.json["pad"]) == 1 << 20
    assert answer.json["status"] == "completed"


def test_usage_can_be_dearer_or_missing(vendor: Vendor) -> None:
    vendor.fault("post", "dearer", usd=1.25)
    vendor.fault("post", "usage_credits_only")
    vendor.fault("post", "no_usage")
    vendor.fault("post", "no_usage", value="null")
    answers = [post(vendor).json for _ in range(4)]
    assert answers[0]["meta"]["usage"] == {"credits_used": 2500000, "usd_spent": 1.25}
    assert answers[1]["meta"]["usage"] == {"credits_used": 390000}
    assert "meta" not in answers[2]
    assert answers[3]["meta"] is None
    assert vendor.ledger().charged_usd == pytest.approx(1.25 + 3 * 0.195)


def test_ids_can_have_slashes_or_repeat(vendor: Vendor) -> None:
    vendor.fault("post", "slashed_id")
    vendor.fault("post", "same_id")
    first, second = (post(vendor).json["id"] for _ in range(2))
    assert re.fullmatch(r"[0-9a-f-]{36}:minimax/music-2\.0", first)
    assert first == second
    assert poll(vendor, first).json["status"] == "completed"
    assert len(vendor.ledger().accepted) == 2


def test_a_poll_can_say_strange_things(vendor: Vendor) -> None:
    generation_id = post(vendor).json["id"]
    for what in ("404", "unknown_status", "completed_without_url", "bad_url_scheme", "generating"):
        vendor.fault("poll", what)
    vendor.fault("poll", "bad_url_scheme", value="ftp://127.0.0.1/x")
    vendor.fault("poll", "html200", match=generation_id)
    assert poll(vendor, generation_id).status == 404
    answers = [poll(vendor, generation_id).json for _ in range(5)]
    assert answers[0]["status"] == "waiting"
    assert answers[1]["audio_file"] is None
    assert answers[2]["audio_file"]["url"] == "file:///etc/passwd"
    assert answers[3]["status"] == "generating"
    assert answers[4]["audio_file"]["url"].startswith("ftp:")
    assert poll(vendor, generation_id).headers["content-type"].startswith("text/html")
    assert poll(vendor, generation_id).json["status"] == "completed"


def test_a_failed_generation_stays_failed_and_costs_nothing(vendor: Vendor) -> None:
    generation_id = post(vendor).json["id"]
    vendor.fault("poll", "error_status", message="refused")
    answers = [poll(vendor, generation_id).json for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0]["error"] == {"name": "ContentPolicyError", "message": "refused"}
    assert vendor.ledger().charged_usd == 0
    (row,) = logs(vendor).json["data"]
    assert (row["status"], row["cost"]) == ("failed", {"usd": 0.0, "credits": 0})


def test_the_log_can_page_without_end(vendor: Vendor) -> None:
    vendor.fault("logs", "never_has_more_false", times=None)
    for offset in (0, 100, 5000):
        page = logs(vendor, period="1h", limit=100, offset=offset).json
        assert (len(page["data"]), page["pagination"]["has_more"]) == (100, True)


def test_a_download_can_end_early_in_each_way(vendor: Vendor) -> None:
    url = link(vendor)
    whole = ask("GET", url).body
    vendor.fault("cdn", "truncate", bytes=100)
    with pytest.raises(http.client.IncompleteRead) as cut:
        ask("GET", url)
    assert cut.value.partial == whole[:100]
    vendor.fault("cdn", "truncate_no_length", bytes=100)
    assert ask("GET", url).body == whole[:100]
    vendor.fault("cdn", "chunked_truncate", bytes=100)
    with pytest.raises(http.client.IncompleteRead):
        ask("GET", url)
    vendor.fault("cdn", "reset_at", bytes=100)
    with pytest.raises(ConnectionResetError):
        ask("GET", url)
    vendor.fault("cdn", "empty200")
    assert ask("GET", url).body == b""
    assert ask("GET", url).body == whole


def test_a_download_can_be_something_else(vendor: Vendor) -> None:
    url = link(vendor)
    whole = ask("GET", url)
    vendor.fault("cdn", "garbage")
    garbage = ask("GET", url).body
    assert len(garbage) == len(whole.body)
    with pytest.raises(miniaudio.DecodeError):
        miniaudio.decode(garbage)
    vendor.fault("cdn", "html200")
    assert ask("GET", url).headers["content-type"].startswith("text/html")
    vendor.fault("cdn", "changed")
    changed = ask("GET", url, Range="bytes=10-", If_Range=whole.headers["etag"])
    assert (changed.status, changed.headers["etag"] != whole.headers["etag"]) == (200, True)
    vendor.fault("cdn", "503", retry_after="1")
    failed = ask("GET", url)
    assert (failed.status, failed.headers["retry-after"]) == (503, "1")
    assert failed.body.startswith(b"<?xml")


def test_ranges_can_be_ignored_or_wrong(vendor: Vendor) -> None:
    url = link(vendor)
    whole = ask("GET", url).body
    vendor.fault("cdn", "no_range")
    ignored = ask("GET", url, Range="bytes=100-")
    assert (ignored.status, ignored.body) == (200, whole)
    vendor.fault("cdn", "wrong_range")
    wrong = ask("GET", url, Range="bytes=100-")
    assert (wrong.status, wrong.body) == (206, whole[107:])
    assert wrong.headers["content-range"].startswith("bytes 107-")


def test_a_download_can_move_or_crawl(vendor: Vendor) -> None:
    url = link(vendor)
    whole = ask("GET", url).body
    vendor.fault("cdn", "redirect")
    moved = ask("GET", url)
    assert moved.status == 302
    assert moved.headers["location"] != url
    assert ask("GET", moved.headers["location"]).body == whole
    vendor.fault("cdn", "slow", bytes_per_s=len(whole) * 4)
    began = time.monotonic()
    assert ask("GET", url).body == whole
    assert 0.15 < time.monotonic() - began < 1.5


FAULTS = [(where, what) for where, kinds in KNOWN.items() for what in sorted(kinds)]
PAID_FAULTS = ("dearer", "no_usage", "usage_credits_only", "slashed_id", "same_id")


@pytest.mark.parametrize("where", list(KNOWN))
def test_every_fault_can_happen_and_breaks_one_request_alone(vendor: Vendor, where: str) -> None:
    for what in sorted(KNOWN[where]):
        vendor.reset()
        generation_id = post(vendor).json["id"]
        paths = {
            "post": "/v2/generate/audio",
            "poll": f"/v2/generate/audio?generation_id={generation_id}",
            "logs": "/v2/logs?period=1h",
            "transactions": "/v2/billing/transactions",
            "models": "/v1/models?include=pricing",
            "deprecations": "/v1/models/deprecations",
        }
        url = vendor.api_url + paths.get(where, "/v2/billing")
        if where == "cdn":
            url = poll(vendor, generation_id).json["audio_file"]["url"]
        rule = vendor.fault(where, what, seconds=0.001, bytes=50)
        poke(vendor, "POST" if where == "post" else "GET", url)
        assert vendor.hits(rule) == 1, what
        assert get(vendor, "/v2/billing").status == 200
        bought = len(vendor.ledger().accepted) - 1
        assert bought == int("accept_then" in what or what in PAID_FAULTS), what


def poke(vendor: Vendor, method: str, url: str) -> None:
    """Sends a request and takes what little comes back."""
    parts = urlsplit(url)
    body = json.dumps(BODY) if method == "POST" else ""
    key = "" if url.startswith(vendor.cdn_url) else f"Authorization: Bearer {vendor.key}\r\n"
    query = f"?{parts.query}" if parts.query else ""
    head = f"{method} {parts.path}{query} HTTP/1.1\r\nHost: double\r\n{key}"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    head += f"X-Client-Request-Id: poke.{next(_numbers)}\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection((parts.hostname, parts.port), timeout=0.1) as peer:
            peer.sendall((head + body).encode())
            for _ in range(3):
                peer.recv(65536)
    except (ConnectionError, TimeoutError):
        pass


def test_the_readme_knows_every_fault_setting_and_violation() -> None:
    folder = Path(__file__).resolve().parents[1] / "vendor"
    told = (folder / "README.md").read_text(encoding="utf-8")
    sources = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    kinds = set(re.findall(r'violation\(\s*"(\w+)"', sources))
    faults = {what.removeprefix("accept_then_") for _, what in FAULTS} - {"reset", "no_id"}
    names = kinds | faults | {field.name for field in fields(Settings)}
    assert sorted(name for name in names if f"`{name}`" not in told) == []


# Counting


def test_concurrency_is_counted_and_limited(vendor: Vendor) -> None:
    vendor.set(post_latency_s=0.3, concurrency_limit=3)
    with ThreadPoolExecutor(6) as pool:
        codes = sorted(answer.status for answer in pool.map(lambda _: post(vendor), range(6)))
    assert codes == [200, 200, 200, 429, 429, 429]
    assert 4 <= vendor.ledger().peak_posts <= 6
    vendor.set(concurrency_limit=None, active_limit=1, post_latency_s=0, polls=9)
    assert post(vendor).status == 429


def test_a_post_on_a_used_connection_is_a_violation(vendor: Vendor) -> None:
    parts = urlsplit(vendor.api_url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    headers = {"Authorization": f"Bearer {vendor.key}", "Content-Type": "application/json"}
    for number in (1, 2):
        named = headers | {"X-Client-Request-Id": f"reuse.{number}"}
        connection.request("POST", "/v2/generate/audio", json.dumps(BODY), named)
        assert connection.getresponse().read()
    connection.close()
    assert vendor.ledger().violation_kinds == ("post_on_reused_connection",)


def test_secrets_in_odd_places_are_violations_and_not_kept(vendor: Vendor) -> None:
    url = link(vendor)
    ask("GET", vendor.api_url + "/v2/billing?key=" + vendor.key)
    get(vendor, "/v2/billing?" + urlsplit(url).query)
    post(vendor, {**BODY, "prompt": f"sing {vendor.key}"})
    kinds = vendor.ledger().violation_kinds
    assert {"key_in_odd_place", "signed_query_in_odd_place"} <= set(kinds)
    signature = parse_qs(urlsplit(url).query)["Signature"][0]
    files = [path.read_bytes() for path in vendor.folder.iterdir()]
    assert not any(signature.encode() in content for content in files)
    assert not any(vendor.key.encode() in content for content in files)


def test_a_request_without_an_id_or_with_a_used_one_is_a_violation(vendor: Vendor) -> None:
    post(vendor, request_id="sm1.d.1.a")
    post(vendor, request_id="sm1.d.1.a")
    post(vendor, request_id="sm1.d.1.b")
    vendor.fault("post", "hang")
    with pytest.raises(TimeoutError):
        impatient_post(vendor)
    ledger = vendor.ledger()
    assert ledger.violation_kinds == ("client_request_id_missing", "client_request_id_reused")
    assert ledger.bought_twice == ("sm1.d.1",)
    assert ledger.purchases()["sm1.d.1"] == 3


def test_half_a_post_is_written_down_and_not_accepted(vendor: Vendor) -> None:
    parts = urlsplit(vendor.api_url)
    with socket.create_connection((parts.hostname, parts.port)) as peer:
        peer.sendall(
            b"POST /v2/generate/audio HTTP/1.1\r\nHost: double\r\nContent-Length: 900\r\n\r\n{"
        )
    ledger = vendor.wait_for(lambda ledger: bool(ledger.requests))
    assert [(one.kind, one.whole) for one in ledger.requests] == [("post", False)]
    assert (ledger.posts, ledger.accepted) == (0, ())


# The process


def test_it_starts_quickly_and_serves_hundreds_a_second(tmp_path: Path) -> None:
    began = time.monotonic()
    with Vendor(tmp_path, is_fresh=True, seconds=0) as vendor:
        assert time.monotonic() - began < 2
        generation_id = post(vendor).json["id"]
        began = time.monotonic()
        for _ in range(300):
            poll(vendor, generation_id)
        assert 300 / (time.monotonic() - began) > 200


def test_a_killed_double_comes_back_with_what_it_sold(tmp_path: Path) -> None:
    vendor = Vendor(tmp_path, seconds=0).start()
    try:
        generation_id = post(vendor).json["id"]
        url = poll(vendor, generation_id).json["audio_file"]["url"]
        before = ask("GET", url).body
        vendor.kill()
        assert vendor.ledger().ids == (generation_id,)
        with pytest.raises(ConnectionRefusedError):
            poll(vendor, generation_id)
        vendor.start()
        assert poll(vendor, generation_id).json["status"] == "completed"
        assert ask("GET", url).body == before
    finally:
        vendor.stop()
    assert read_ledger(vendor.ledger_path).polls == 2


def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from tests.vendor.client import Vendor\n"
        "vendor = Vendor(Path(sys.argv[1]), is_fresh=True).start()\n"
        "print(vendor.pid, vendor.api_url, flush=True); time.sleep(60)"
    )
    root = Path(__file__).resolve().parents[2]
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], cwd=root, stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    with parent.stdout:
        url = parent.stdout.readline().split()[1].decode()
        assert ask("GET", url + "/v2/billing").status == 401
        parent.kill()
        parent.wait()
    end = time.monotonic() + 3
    while time.monotonic() < end:
        try:
            ask("GET", url + "/v2/billing")
        except ConnectionError:
            return
        time.sleep(0.02)
    pytest.fail("the double outlived its parent")


def test_its_key_is_in_no_argument_and_a_stuck_answer_does_not_keep_it(tmp_path: Path) -> None:
    vendor = Vendor(tmp_path, is_fresh=True).start()
    command = Path(f"/proc/{vendor.pid}/cmdline")
    if command.exists():
        assert vendor.key.encode() not in command.read_bytes()
    vendor.fault("post", "accept_then_hang")

    def wait_in_vain() -> None:
        with pytest.raises(ConnectionError):
            post(vendor)

    stuck = threading.Thread(target=wait_in_vain)
    stuck.start()
    vendor.wait_for(lambda ledger: len(ledger.accepted) == 1)
    began = time.monotonic()
    vendor.stop()
    stuck.join()
    assert time.monotonic() - began < 1
