"""The published operations against the server, by inputs that schemathesis makes up."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from starlette.applications import Starlette

from pipeline.sketch.jobs import End, Job, JobFolder
from pipeline.sketch.server import build_app
from pipeline.sketch.service import Service

CONTRACT = json.loads(Path(__file__).with_name("openapi.json").read_text(encoding="utf-8"))
KEY = "a-key-for-tests"
RUNS = settings(
    max_examples=60, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


def application(folder: Path) -> Starlette:
    """The server without workers: what is accepted is never rendered."""
    service = Service(JobFolder(folder), price_usd=Decimal("0.195"))
    return build_app(service, api_key=KEY, base_url="http://127.0.0.1:1", link_lifetime_s=60)


def operation(app: Starlette, method: str) -> Any:
    """The operation, without the key that each test brings itself."""
    contract = {name: part for name, part in CONTRACT.items() if name != "security"}
    schema = schemathesis.openapi.from_dict(contract)
    schema.app = app
    return schema["/v2/generate/audio"][method]


def answers(app: Starlette, method: str, mode: GenerationMode) -> Counter[int]:
    """Every answer is as the contract describes it; how often each status was met."""
    met: Counter[int] = Counter()

    @RUNS
    @given(case=operation(app, method).as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        answer = case.call(headers={"authorization": f"Bearer {KEY}"})
        case.validate_response(answer)
        met[answer.status_code] += 1

    ask()
    return met


def test_every_valid_request_is_accepted(tmp_path: Path) -> None:
    assert set(answers(application(tmp_path), "POST", GenerationMode.POSITIVE)) == {200}


def test_no_invalid_request_is_accepted(tmp_path: Path) -> None:
    assert set(answers(application(tmp_path), "POST", GenerationMode.NEGATIVE)) == {400}
    assert not list(tmp_path.glob("*.job.json"))


def test_nothing_is_answered_without_the_key(tmp_path: Path) -> None:
    app = application(tmp_path)
    for method in ("GET", "POST"):

        @RUNS
        @given(case=operation(app, method).as_strategy())
        def ask(case: Any) -> None:
            answer = case.call(headers={"authorization": "Bearer another"})
            case.validate_response(answer)
            assert answer.status_code == 401

        ask()


def test_no_poll_of_something_else_is_answered_with_a_song(tmp_path: Path) -> None:
    app = application(tmp_path)
    assert set(answers(app, "GET", GenerationMode.POSITIVE)) == {404}
    assert set(answers(app, "GET", GenerationMode.NEGATIVE)) <= {400, 404}


@pytest.mark.parametrize("error", [None, "generation_failed"])
def test_a_poll_of_a_song_is_as_described_at_every_stage(tmp_path: Path, error: str | None) -> None:
    jobs = JobFolder(tmp_path)
    for name, is_ended in (("a" * 21, False), ("b" * 21, True)):
        body = {"model": "minimax/music-2.6", "prompt": "x" * 10, "lyrics": "y" * 10}
        job = Job(
            generation_id=name, request_id="r", client_request_id=None, created_ns=1, body=body,
            usd_spent="0", credits_used=0,
        )  # fmt: skip
        jobs.accept(job)
        if is_ended:
            jobs.end(End(generation_id=name, error_name=error, error_message=error))
    polls = operation(application(tmp_path), "GET")
    met = []
    for name in ("a" * 21, "b" * 21):
        case = polls.Case(query={"generation_id": name})
        answer = case.call(headers={"authorization": f"Bearer {KEY}"})
        case.validate_response(answer)
        met.append(answer.json()["status"])
    assert met == ["queued", "error" if error else "completed"]
