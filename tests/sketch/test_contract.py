from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from pipeline.sketch.contract import BodyInvalidError, client_request_id, parse_body
from pipeline.sketch.links import is_allowed, signed_path
from pipeline.sketch.logs import QueryInvalidError, parse_query
from pipeline.sketch.performance import performance_seed
from tests.sketch.songs import body


def test_a_body_without_audio_setting_gets_the_best_mp3() -> None:
    audio = parse_body(json.dumps(body()).encode()).audio
    assert (audio.format, audio.sample_rate, audio.bitrate) == ("mp3", 44100, 256000)


@pytest.mark.parametrize(
    "broken",
    [
        {"model": "minimax/music-9"},
        {"prompt": "too short"},
        {"prompt": "x" * 2001},
        {"prompt": None},
        {"lyrics": "la la la "},
        {"lyrics": "x" * 3001},
        {"lyrics": "\ud800" * 20},
        {"audio_setting": None},
        {"audio_setting": {}},
        {"audio_setting": {"format": "ogg"}},
        {"audio_setting": {"format": "mp3", "sample_rate": 48000}},
        {"audio_setting": {"format": "mp3", "sample_rate": 44100.0}},
        {"audio_setting": {"format": "mp3", "bitrate": "128000"}},
    ],
    ids=repr,
)
def test_a_body_that_breaks_the_schema_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(BodyInvalidError):
        parse_body(json.dumps(body(**broken)).encode())


def test_a_field_that_the_contract_does_not_know_changes_nothing_and_is_named() -> None:
    asked = {"audio_setting": {"format": "mp3", "bitrate": 64000}}
    odd = {"audio_setting": {**asked["audio_setting"], "bit_rate": 1}, "seed": 7, "\ud800": []}
    plain, spelled = (parse_body(json.dumps(body(**sent)).encode()) for sent in (asked, odd))
    assert (spelled.body, spelled.audio) == (plain.body, plain.audio)
    assert plain.ignored == ()
    assert spelled.ignored == ("seed", "\\ud800", "audio_setting.bit_rate")
    assert performance_seed(spelled.body, None) == performance_seed(plain.body, None)


def test_lengths_count_code_points() -> None:
    assert parse_body(json.dumps(body(prompt="\U0001f600" * 2000)).encode()).prompt
    assert parse_body(json.dumps(body(lyrics="\U0001f600" * 3000)).encode()).lyrics


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    with pytest.raises(BodyInvalidError):
        parse_body(raw)


def test_deep_nesting_is_no_json_for_us() -> None:
    with pytest.raises(BodyInvalidError):
        parse_body(b"[" * 100_000)


def test_a_malformed_client_request_id_is_ignored() -> None:
    assert client_request_id("sm1.abc:1_-") == "sm1.abc:1_-"
    assert [client_request_id(i) for i in (None, "", "a b", "x" * 129, "é", "a\n")] == [None] * 6


def test_the_nonce_does_not_change_the_performance_but_attempt_and_digest_do() -> None:
    digest = "0123456789abcdef" * 2
    first = performance_seed(body(), f"sm1.{digest}.1.nonce")
    assert performance_seed(body(), f"sm1.{digest}.1.other") == first
    assert performance_seed(body(), f"sm1.{digest}.2.nonce") != first
    assert performance_seed(body(), f"sm1.{digest[::-1]}.1.nonce") != first
    assert performance_seed(body(lyrics="la " * 9), f"sm1.{digest}.1.nonce") != first


def test_an_id_of_another_form_leaves_the_body_alone_to_decide() -> None:
    plain = performance_seed(body(), None)
    others = ("customer-42", "sm1.XYZ.1.n", "sm2." + "0" * 32 + ".1.n")
    assert {performance_seed(body(), other) for other in others} == {plain}
    reordered = dict(reversed(body().items()))
    assert performance_seed(reordered, None) == plain


def test_a_link_is_good_for_its_path_until_it_expires() -> None:
    link = signed_path("/cdn/a.mp3", secret=b"k", expires_at_s=1000)
    query = QueryParams(link.partition("?")[2])
    signature = query["Signature"]
    assert is_allowed("/cdn/a.mp3", "1000", signature, secret=b"k", now_s=999.9)
    assert not is_allowed("/cdn/a.mp3", "1000", signature, secret=b"k", now_s=1000.0)
    assert not is_allowed("/cdn/b.mp3", "1000", signature, secret=b"k", now_s=0)
    assert not is_allowed("/cdn/a.mp3", "2000", signature, secret=b"k", now_s=0)
    assert not is_allowed("/cdn/a.mp3", "1000", signature, secret=b"other", now_s=0)
    assert not is_allowed("/cdn/a.mp3", None, None, secret=b"k", now_s=0)


NOW = datetime(2026, 7, 2, tzinfo=UTC)


def test_a_log_window_is_a_period_or_a_start_and_an_end() -> None:
    assert parse_query(QueryParams("period=7d"), now=NOW).start == NOW - timedelta(days=7)
    told = parse_query(QueryParams("start=2026-07-01T00:00:00Z&end=2026-07-01T02:00:00"), now=NOW)
    assert told.end - told.start == timedelta(hours=2)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "period=0h",
        "period=7w",
        "period=93d",
        "start=2026-07-01T00:00:00Z",
        "period=1h&start=2026-07-01&end=2026-07-02",
        "start=2026-07-02&end=2026-07-01",
        "start=yesterday&end=today",
        "period=1h&limit=0",
        "period=1h&limit=101",
        "period=1h&offset=-1",
        "period=1h&status=succeeded,failed",
    ],
)
def test_a_log_query_that_breaks_the_contract_is_refused(query: str) -> None:
    with pytest.raises(QueryInvalidError):
        parse_query(QueryParams(query), now=NOW)
