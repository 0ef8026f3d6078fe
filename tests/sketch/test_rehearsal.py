from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.sketch.running import CLIENT, Running, running
from tests.sketch.songs import body

WAV = {"audio_setting": {"format": "wav", "sample_rate": 16000}}
SUBMIT = "/v2/generate/audio"


@contextmanager
def rehearsing(folder: Path, *faults: str) -> Iterator[Running]:
    with running(folder, price="0.195", faults=faults) as server:
        yield server


def accepted(server: Running) -> int:
    return int(server.call("GET", "/v2/logs?period=1h").json()["pagination"]["total"])


def test_a_rate_limit_has_the_vendors_body_and_takes_nothing(tmp_path: Path) -> None:
    faults = ("post:429:retry-after=5*2", "post:503:body=problem", "post:502:body=html")
    with rehearsing(tmp_path, *faults) as server:
        answers = [server.call("POST", SUBMIT, json=body(**WAV)) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [429, 429, 503, 502]
        assert answers[0].headers["retry-after"] == "5"
        assert answers[0].json()["statusCode"] == "429"
        assert answers[2].headers["content-type"] == "application/problem+json"
        assert answers[2].json()["error"]["name"] == "ServiceUnavailable"
        assert answers[3].text.startswith("<!doctype html>")
        assert accepted(server) == 0


def test_a_lost_answer_is_accepted_and_a_lost_request_is_not(tmp_path: Path) -> None:
    with rehearsing(tmp_path, "post:lost-answer", "post:500-after-accept") as server:
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            server.submit("request-1", **WAV)
        failed = server.call("POST", SUBMIT, json=body(**WAV))
        assert failed.status_code == 500
        assert accepted(server) == 2
    with rehearsing(tmp_path / "other", "post:lost-request") as server:
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            server.submit("request-1", **WAV)
        assert accepted(server) == 0


def test_polls_go_wrong_and_right_again(tmp_path: Path) -> None:
    faults = ("poll:404*2", "poll:unknown-status", "poll:stuck:skip=1", "poll:no-link:skip=1")
    with rehearsing(tmp_path, *faults) as server:
        job = server.submit(**WAV)
        polls = [server.call("GET", SUBMIT, params={"generation_id": job}) for _ in range(3)]
        assert [answer.status_code for answer in polls] == [404, 404, 200]
        assert polls[2].json() == {"id": job, "status": "waiting"}
        server.poll(job)
        assert server.poll(job) == {"id": job, "status": "generating"}
        server.poll(job)


def test_a_failed_generation_stays_failed_and_costs_nothing(tmp_path: Path) -> None:
    with rehearsing(tmp_path, "poll:error:match=young") as server:
        spared = server.submit(**WAV, lyrics="[Verse]\nsome other words")
        job = server.submit(**WAV)
        server.poll(spared)
        told = [server.poll(job)["status"], server.poll(job)["status"]]
        assert told == ["error", "error"]
        failed = server.call("GET", "/v2/logs?period=1h&status=failed").json()["data"]
        assert [(row["inference_id"], row["cost"]["usd"]) for row in failed] == [(job, 0)]
        assert server.finished(spared)["status"] == "completed"
        assert server.call("GET", "/v2/billing").json()["current_balance"] == 999.805


def test_downloads_go_wrong_and_an_expired_link_stays_dead(tmp_path: Path) -> None:
    with rehearsing(tmp_path, "cdn:expired", "cdn:404", "cdn:truncate", "cdn:garbage") as server:
        job = server.submit(**WAV)
        first = server.finished(job)["audio_file"]["url"]
        dead = CLIENT.get(first)
        assert (dead.status_code, dead.headers["content-type"]) == (403, "application/xml")
        fresh = server.poll(job)["audio_file"]["url"]
        assert fresh != first
        assert CLIENT.get(fresh).status_code == 404
        with pytest.raises(httpx.RemoteProtocolError):
            CLIENT.get(fresh)
        garbage, whole = CLIENT.get(fresh), CLIENT.get(fresh)
        assert len(garbage.content) == len(whole.content)
        assert garbage.content != whole.content
        assert whole.content.startswith(b"RIFF")
        assert CLIENT.get(first).status_code == 403


def test_the_log_can_be_missing_or_empty(tmp_path: Path) -> None:
    with rehearsing(tmp_path, "logs:404", "logs:empty") as server:
        server.submit(**WAV)
        assert server.call("GET", "/v2/logs?period=1h").status_code == 404
        assert server.call("GET", "/v2/logs?period=1h").json()["data"] == []
        assert accepted(server) == 1
