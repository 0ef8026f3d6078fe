import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pipeline.adapters.manifest.schema_files import schemas_folder
from pipeline.core.documents.cost_report import cost_report
from pipeline.core.documents.status_document import status_document
from pipeline.core.documents.summary_document import summary_document
from pipeline.core.purchase.attempt import State
from pipeline.core.purchase.standing import Ledger
from pipeline.errors import ExitCode
from tests.builders import an_album, song, takes_of, write_manifest
from tests.cli.seeing import again, cost, events, inside, printed, summary, valid
from tests.command import Songmake
from tests.core.attempts import attempt_at
from tests.vendor.client import Vendor

WRITTEN = (
    "ai-disclosure",
    "cost-report",
    "doctor",
    "event",
    "gc",
    "lock",
    "picked",
    "picks",
    "plan",
    "reconciliation",
    "status",
    "summary",
    "validation",
    "verification",
)
LATER = "2026-08-02T09:30:00.000Z"


def schema(name: str) -> dict[str, Any]:
    text = (schemas_folder() / f"{name}.schema.json").read_text(encoding="utf-8")
    found = json.loads(text)
    assert isinstance(found, dict)
    return found


def parts(node: Any) -> Iterator[dict[str, Any]]:
    """Every object inside a document."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node:
        if isinstance(child, (dict, list)):
            yield from parts(child)


@pytest.mark.parametrize("name", WRITTEN)
def test_a_schema_is_closed_versioned_and_says_what_every_field_is(name: str):
    document = schema(name)
    Draft202012Validator.check_schema(document)
    versions = [
        part["properties"]["schema"]["const"]
        for part in parts(document)
        if "schema" in part.get("properties", {})
    ]
    assert set(versions) == {f"songmake/{name}/1"}
    for part in parts(document):
        if part.get("type") == "object":
            assert part["additionalProperties"] is False, part
        for field, described in part.get("properties", {}).items():
            assert described.get("description"), f"{name}: {field}"


@pytest.mark.parametrize("state", list(State))
def test_documents_of_every_state_are_as_their_schemas_say(state: State):
    album = an_album()
    takes = takes_of(album)
    fields = {"superseded_at": LATER} if state is State.SUPERSEDED else {}
    stood = State.PUBLISHED if fields else state
    attempt = attempt_at(takes[0], stood, error="said so", **fields)
    report = valid(cost_report(album, takes, [attempt], ()), "cost-report")
    assert report["takes"][0]["state"] == state.value
    status = valid(status_document(takes, Ledger.of([attempt]), [attempt], ["album"]), "status")
    assert state.value in [row["state"] for row in status["takes"]]


@pytest.mark.parametrize("code", list(ExitCode))
def test_a_summary_of_every_exit_code_is_as_its_schema_says(code: ExitCode):
    valid(summary_document(code, reason=None, started_at=LATER, finished_at=LATER), "summary")


def test_a_schema_refuses_what_it_does_not_know():
    document = summary_document(ExitCode.OK, reason=None, started_at=LATER, finished_at=LATER)
    for wrong in (
        {**document, "surprise": 1},
        {**document, "schema": "songmake/summary/2"},
        {**document, "exit_code": 9},
        {**document, "currency": "EUR"},
        {name: field for name, field in document.items() if name != "reason"},
    ):
        with pytest.raises(AssertionError):
            valid(wrong, "summary")


NAMES = "fine twin gone broken refused doubtful charged slow stalled"
SONGS = {name: song(name.title(), prompt=f"a waltz called ({name})") for name in NAMES.split()}
SONGS["twin"] = {**SONGS["fine"], "title": "Twin"}


def test_all_documents_of_a_run_in_which_everything_happens(shop: Songmake, vendor: Vendor):
    for where, do, name in (
        ("post", "422", "refused"),
        ("post", "accept_then_reset", "doubtful"),
        ("post", "accept_then_reset", "charged"),
        ("poll", "error_status", "broken"),
        ("poll", "unknown_status", "slow"),
        ("poll", "generating", "slow"),
        ("cdn", "hang", "stalled"),
    ):
        vendor.fault(where, do, match=f"({name})", times=1 if do == "unknown_status" else None)
    vendor.fault("logs", "404", times=None)
    write_manifest(shop.project, SONGS, budget_usd=5)
    ended = shop.render("--json", "--jobs", "9", "--max-duration", "3", timeout_s=30)
    told = events(ended)
    assert ended.code == 3, ended.err
    assert {one["event"] for one in told} == {
        "run_started",
        "take_changed",
        "warned",
        "run_ended",
    }
    assert told[0]["event"] == "run_started"
    assert (told[-1]["event"], told[-1]["exit_code"]) == ("run_ended", 3)
    assert {one["state"] for one in told if one["event"] == "take_changed"} >= {
        "intent",
        "submitted",
        "ready",
        "published",
        "failed",
        "rejected",
        "in_doubt",
    }
    assert summary(shop)["exit_code"] == 3
    planned = printed(inside(shop, "plan", "--json"), "plan")
    assert {row["action"] for row in planned["takes"]} == {
        "keep",
        "stuck",
        "look_up",
        "collect",
    }
    assert inside(shop, "settle", "charged", "--charged").code == 0
    left = {name: fields for name, fields in SONGS.items() if name != "gone"}
    left["new"] = song("New", prompt="a waltz called (new)", takes=2)
    write_manifest(shop.project, left, budget_usd=0)
    ended = shop.render("--json", "--replace", "broken", "--max-duration", "1.5", timeout_s=30)
    assert events(ended)[-1]["exit_code"] == 3
    found = {row["song"]: row["state"] for row in cost(shop)["takes"]}
    assert found == {
        "fine": "published",
        "twin": "published",
        "gone": "stored",
        "broken": "failed",
        "refused": "rejected",
        "doubtful": "in_doubt",
        "charged": "lost",
        "slow": "submitted",
        "stalled": "ready",
    }
    status = printed(inside(shop, "status", "--json"), "status")
    states = {row["song"]: row["state"] for row in status["takes"]}
    assert states == {**found, "new": "planned"}
    moves = {row["song"]: row["next"] for row in status["takes"]}
    assert moves["doubtful"].startswith("songmake settle 'album/doubtful#1' ")
    assert moves["broken"] == "songmake render --replace 'album/broken#1'"
    assert moves["slow"] == moves["new"] == "songmake render"
    assert moves["fine"] is moves["gone"] is None
    assert status["totals"]["in_doubt_usd"] == "0.195000"
    planned = printed(inside(shop, "plan", "--json"), "plan")
    assert not [row for row in planned["takes"] if row["song"] == "new" and row["is_within_budget"]]
    printed(inside(shop, "verify", "--json"), "verification")
    for report in json.loads(inside(shop, "report", "--json").out):
        valid(report, "cost-report")


def test_a_pause_is_an_event(shop: Songmake, vendor: Vendor):
    vendor.fault("post", "429", retry_after="1")
    write_manifest(shop.project)
    told = events(shop.render("--json"))
    (pause,) = [one for one in told if one["event"] == "waiting"]
    assert 0 < pause["wait_s"] <= 1
    assert "patience" in pause["reason"]


def test_a_pause_is_never_told_as_less_than_nothing(shop: Songmake, vendor: Vendor):
    vendor.fault("post", "429", retry_after="0")
    write_manifest(shop.project)
    ended = shop.render("--json")
    assert "waiting" in {one["event"] for one in events(ended)}
    assert '"wait_s": -' not in ended.out


def test_a_run_that_buys_nothing_has_its_events_too(bought: Songmake, vendor: Vendor):
    told = events(again(bought, "--json"))
    assert told[0]["takes"] == 3
    assert told[-1]["exit_code"] == 0
    assert vendor.ledger().requests == ()


def test_validation_is_a_document_with_every_finding_at_its_place(shop: Songmake):
    write_manifest(
        shop.project, {"one": song(promt="x", takes=0), "two": song(lyrics="[Vers]\nla la la la")}
    )
    ended = inside(shop, "validate", "--json")
    assert ended.code == 2
    found = printed(ended, "validation")
    assert found["is_valid"] is False
    assert {finding["severity"] for finding in found["findings"]} == {"error", "warning"}
    misspelt = next(one for one in found["findings"] if "promt" in one["message"])
    assert misspelt["hint"]
    assert misspelt["file"] == "manifests/album.yaml"
    assert misspelt["line"] > 1


def test_a_valid_album_has_a_document_without_errors(shop: Songmake):
    write_manifest(shop.project)
    found = printed(inside(shop, "validate", "--json"), "validation")
    assert found["is_valid"] is True
