from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.adapters.aimlapi.bodies import Unreadable, parse_object
from pipeline.adapters.aimlapi.translate import (
    clean,
    clip,
    is_web_link,
    log_page,
    poll_answer,
    retry_after_s,
    said_by,
    submit_answer,
)
from pipeline.core.money import Cost, booking_of
from pipeline.core.purchase.answers import (
    Accepted,
    AccountRefused,
    Failed,
    Finished,
    LogMissing,
    LogPage,
    NotFound,
    PollAnswer,
    Rejected,
    Running,
    SubmitAnswer,
    Throttled,
    Unknown,
    Unreachable,
)

NOW = datetime(2026, 8, 1, 9, 30, tzinfo=UTC)
ID = "NDxdQ2xZY1L6PYQNkJgbA"
RECEIPT = {"id": ID, "status": "queued"}
LINK = "https://cdn.aimlapi.com/moose/song.mp3?Expires=1&Signature=abc"
REFUSED_FOR_GOOD = {400, 404, 405, 409, 410, 413, 415, 422, 451}
ACCOUNT = {401, 402, 403}


def submitted(status: int, body: Any = None, **headers: str) -> SubmitAnswer:
    return submit_answer(status, headers, body, now=NOW)


def polled(status: int, body: Any = None, **headers: str) -> PollAnswer:
    return poll_answer(status, headers, body, now=NOW)


def expected_of(status: int) -> type[object]:
    """The answer table, row by row, for a body with an id."""
    if 200 <= status < 300:
        return Accepted
    if status == 429:
        return Throttled
    if status in ACCOUNT:
        return AccountRefused
    return Rejected if status in REFUSED_FOR_GOOD else Unknown


@pytest.mark.parametrize("status", range(100, 600))
def test_every_code_of_a_paid_answer_is_in_the_table(status: int) -> None:
    assert type(submitted(status, RECEIPT)) is expected_of(status)


@pytest.mark.parametrize("status", [*range(300, 600)])
def test_a_code_means_the_same_without_a_readable_body(status: int) -> None:
    assert type(submitted(status, None)) is expected_of(status)


@pytest.mark.parametrize(
    "body",
    [
        None, {}, {"id": None}, {"id": 7}, {"id": ""}, {"id": [ID]}, {"id": " "}, {"id": "a b"},
        {"id": f"{ID}\n"}, {"id": "ü"}, {"id": "x" * 201}, {"ID": ID}, {"result": {"id": ID}},
    ],
)  # fmt: skip
def test_success_without_a_usable_id_is_unknown(body: Any) -> None:
    assert type(submitted(200, body)) is Unknown


@pytest.mark.parametrize("generation_id", [ID, "2f:minimax/music-2.0", "x" * 200, "?&#%20"])
def test_any_printable_id_is_kept_as_it_is(generation_id: str) -> None:
    answer = submitted(201, {"id": generation_id})
    assert isinstance(answer, Accepted)
    assert answer.generation_id == generation_id


@pytest.mark.parametrize(
    ("usage", "cost"),
    [
        ({"credits_used": 390000, "usd_spent": 0}, Cost(usd=Decimal(0), credits=390000)),
        ({"usd_spent": Decimal("0.195")}, Cost(usd=Decimal("0.195"))),
        ({"credits_used": Decimal("390000.0")}, Cost(credits=390000)),
        ({"usd_spent": "0.195", "credits_used": "1"}, Cost()),
        ({"usd_spent": True, "credits_used": False}, Cost()),
        ({"usd_spent": Decimal(-1), "credits_used": -1}, Cost()),
        ({"usd_spent": Decimal("1E+999999")}, Cost()),
        ({"usd_spent": 10**400, "credits_used": 10**400}, Cost()),
        ({"usd_spent": 10_001}, Cost()),
        ({"usd_spent": None}, Cost()),
        (None, Cost()),
        ([], Cost()),
        ("0.195", Cost()),
    ],
)
def test_a_cost_is_taken_only_where_it_makes_sense(usage: Any, cost: Cost) -> None:
    answer = submitted(200, {**RECEIPT, "meta": {"usage": usage}})
    assert isinstance(answer, Accepted)
    assert answer.cost == cost


@pytest.mark.parametrize("meta", [None, [], "x", 1, {}, {"usage": None}])
def test_meta_of_any_shape_is_no_reason_to_lose_the_id(meta: Any) -> None:
    assert submitted(200, {**RECEIPT, "meta": meta}) == Accepted(generation_id=ID, cost=Cost())


@pytest.mark.parametrize(
    ("header", "wait_s"),
    [
        ("0", 0.0),
        ("2", 2.0),
        (" 2.5 ", 2.5),
        ("-5", None),
        ("", None),
        ("soon", None),
        ("1e3", None),
        ("٣", None),
        ("9" * 30, None),
        ("Sat, 01 Aug 2026 09:30:30 GMT", 30.0),
        ("Sat, 01 Aug 2026 09:30:30", 30.0),
        ("Sat, 01 Aug 2026 11:30:30 +0200", 30.0),
        ("Saturday, 01-Aug-26 09:30:30 GMT", 30.0),
        ("Sat, 01 Aug 2026 09:29:30 GMT", None),
        ("Sat, 99 Aug 2026 09:29:30 GMT", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Mon, 01 Jan 2030 00:00:00 -99999999999999999999", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date_or_nothing(
    header: str | None, wait_s: float | None
) -> None:
    assert retry_after_s(header, now=NOW) == wait_s


@given(
    st.text() | st.from_regex(r"[A-Z][a-z]{2}, \d{1,25} Jan \d{1,25} \d\d:\d\d:\d\d [+-]\d{1,25}")
)
def test_no_retry_after_is_an_error(header: str) -> None:
    wait_s = retry_after_s(header, now=NOW)
    assert wait_s is None or wait_s >= 0


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (200, {"status": "queued"}, Running(status="queued")),
        (200, {"status": "generating"}, Running(status="generating")),
        (200, {"status": "waiting"}, Running(status="waiting", is_known=False)),
        (200, {"status": "failed?"}, Running(status="failed?", is_known=False)),
        (200, {"status": 7}, Running(status="7", is_known=False)),
        (200, {}, Running(status="None", is_known=False)),
        (200, {"status": "completed", "audio_file": {"url": LINK}}, Finished(link=LINK)),
        (200, {"status": "complete", "audio_file": {"url": LINK}}, Finished(link=LINK)),
        (200, {"status": "error", "error": {"name": "N", "message": "m"}}, Failed(reason="m")),
        (200, {"status": "error"}, Failed(reason="the provider reports an error")),
        (404, {"message": "m"}, NotFound(reason="HTTP 404: m")),
        (410, None, NotFound(reason="HTTP 410")),
        (401, None, AccountRefused(reason="HTTP 401")),
        (429, None, Throttled(reason="HTTP 429", wait_s=None)),
        (200, None, Unreachable(reason="HTTP 200, unreadable")),
        (500, {"message": "m"}, Unreachable(reason="HTTP 500: m")),
        (400, {"message": "m"}, Unreachable(reason="HTTP 400: m")),
        (302, None, Unreachable(reason="HTTP 302, unreadable")),
    ],
)
def test_a_poll_means(status: int, body: Any, answer: PollAnswer) -> None:
    assert polled(status, body) == answer


@pytest.mark.parametrize(
    "audio_file",
    [None, {}, [], "https://x/y", {"url": None}, {"url": ""}, {"url": "file:///etc/passwd"},
     {"url": "//host/x"}, {"url": "ftp://host/x"}, {"url": "https://"}, {"url": "http://[::1"}],
)  # fmt: skip
def test_completed_without_a_web_link_is_not_finished(audio_file: Any) -> None:
    answer = polled(200, {"status": "completed", "audio_file": audio_file})
    assert isinstance(answer, Running)
    assert not answer.is_known


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"message": "a", "error": {"message": "b"}}, ": b"),
        ({"message": "a", "title": "t"}, ": a"),
        ({"title": "t"}, ": t"),
        ({"error": "e"}, ": e"),
        ({"detail": "d"}, ": d"),
        ({"message": "  "}, ""),
        ({"message": ["a"]}, ""),
        ({}, ""),
        (None, ""),
        ({"message": "a\n\x1b[31mb\u202e"}, ": a [31mb"),
    ],
)
def test_a_message_is_found_in_every_known_shape(body: Any, said: str) -> None:
    assert said_by(body) == said


@pytest.mark.parametrize(
    "text",
    [
        f"no file at {LINK}",
        f"no file at {LINK.replace('https', 'HTTPS')}",
        f"no file at '{LINK}', sorry",
        f"no file at {LINK.removeprefix('https:')}",
        f"no file at {LINK.removeprefix('https://')}",
        "no file at /moose/song.mp3?Expires=1&Signature=abc",
        "the query Expires=1&OSSAccessKeyId=LTAI&Signature=abc has expired",
    ],
)
def test_no_signature_outlives_a_message(text: str) -> None:
    assert "Signature=abc" not in clean(text)
    assert clean(text).startswith(("no file at", "the query"))


@given(st.text())
def test_a_message_is_one_short_printable_line(text: str) -> None:
    line = clip(clean(text))
    assert line.isprintable()
    assert len(line) <= 200


def test_log_rows_are_read_where_they_can_be() -> None:
    row = {"client_request_id": "sm1.a.1.n", "inference_id": ID, "status": "succeeded"}
    page = log_page(
        {
            "data": [
                {**row, "cost": {"usd": Decimal("0.195"), "credits": 390000}},
                {**row, "status": "failed", "inference_id": None, "cost": 7},
                {**row, "client_request_id": None},
                {**row, "client_request_id": None, "inference_id": None},
                "not a row",
            ],
            "pagination": {"has_more": True},
        }
    )
    assert isinstance(page, LogPage)
    assert (page.row_count, page.has_more, len(page.rows)) == (5, True, 3)
    assert page.rows[0].cost == Cost(usd=Decimal("0.195"), credits=390000)
    assert (page.rows[1].has_failed, page.rows[1].generation_id) == (True, None)


@pytest.mark.parametrize("body", [{}, {"data": None}, {"data": {}}, {"rows": []}])
def test_a_log_of_another_form_is_a_missing_log(body: Any) -> None:
    assert isinstance(log_page(body), LogMissing)


def test_an_empty_page_ends_the_log_whatever_it_says() -> None:
    page = log_page({"data": [], "pagination": {"has_more": True}})
    assert isinstance(page, LogPage)
    assert not page.has_more


WORDS = st.sampled_from(
    ["id", "status", "meta", "usage", "usd_spent", "credits_used", "audio_file", "url", "error",
     "message", "name", "data", "pagination", "has_more", "client_request_id", "inference_id",
     "cost", "usd", "credits", "title", "detail"]
)  # fmt: skip
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals()
    | st.text()
    | st.sampled_from(
        ["queued", "completed", "error", "failed", ID, LINK, "http://[", "http://\ud800"]
    )
    | st.floats(allow_nan=False, allow_infinity=False).map(lambda number: Decimal(repr(number)))
)
BODIES = st.none() | st.dictionaries(
    WORDS,
    st.recursive(
        LEAVES,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
        max_leaves=12,
    ),
    max_size=6,
)
HEADERS = st.dictionaries(st.sampled_from(["retry-after", "x-inference-id"]), st.text())
STATUSES = st.sampled_from([200, 201, 404, 429, 401, 500]) | st.integers(100, 999)


@given(STATUSES, HEADERS, BODIES)
def test_no_answer_to_a_post_is_an_error(
    status: int, headers: dict[str, str], body: dict[str, Any] | None
) -> None:
    answer = submit_answer(status, headers, body, now=NOW)
    if isinstance(answer, Accepted):
        assert booking_of(answer.cost, reserved_microusd=195_000).amount_microusd >= 0


@given(STATUSES, HEADERS, BODIES)
def test_no_answer_to_a_poll_is_an_error(
    status: int, headers: dict[str, str], body: dict[str, Any] | None
) -> None:
    answer = poll_answer(status, headers, body, now=NOW)
    if isinstance(answer, Finished):
        assert is_web_link(answer.link)


@given(BODIES)
def test_no_page_of_the_log_is_an_error(body: dict[str, Any] | None) -> None:
    assert isinstance(log_page(body or {}), (LogPage, LogMissing))


@given(st.binary(max_size=200) | BODIES.map(lambda body: json.dumps(body, default=str).encode()))
def test_no_bytes_on_the_wire_are_an_error(raw: bytes) -> None:
    try:
        body = parse_object(raw)
    except Unreadable:
        body = None
    assert submitted(200, body) is not None
    assert polled(200, body) is not None
    assert log_page(body or {}) is not None
