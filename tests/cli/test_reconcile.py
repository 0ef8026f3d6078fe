"""``report --reconcile`` through the real command, beside what the double's ledger says."""

import contextlib
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.adapters.aimlapi.client import Access
from pipeline.adapters.run_lock import run_lock
from pipeline.cli.session import load_workspace
from pipeline.errors import ExitCode
from pipeline.runner.clock import Clock
from pipeline.runner.ledger.reconciling import Patience, reconcile
from tests.builders import song, songs, write_manifest
from tests.cli.seeing import again, cost, inside, printed
from tests.command import Ended, Songmake
from tests.vendor.client import Vendor

FIRST, SECOND = "81 BPM", "82 BPM"  # what a rule finds a song of the album by


def reconciled(shop: Songmake, *words: str) -> Ended:
    return inside(shop, "report", "--reconcile", *words)


def document(shop: Songmake) -> Any:
    return printed(reconciled(shop, "--json"), "reconciliation")


def kinds(found: Any) -> dict[str, str]:
    return {f"{row['song']}#{row['take']}": row["kind"] for row in found["takes"]}


def row_of(shop: Songmake, name: str) -> Any:
    return [row for row in cost(shop)["takes"] if row["song"] == name][-1]


def grow_older(shop: Songmake, *, hours: int) -> None:
    """Every time of the journal, so many hours ago."""
    at = (datetime.now(UTC) - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    path = shop.project / ".songmake" / "journal.sqlite3"
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE attempts SET intent_at = ?", (at,))
        db.execute("UPDATE attempts SET submitted_at = ? WHERE submitted_at IS NOT NULL", (at,))
        db.execute("UPDATE attempts SET completed_at = ? WHERE completed_at IS NOT NULL", (at,))


@pytest.fixture
def sold(shop: Songmake, vendor: Vendor) -> Songmake:
    """Two songs, bought and published, that the double's books know."""
    write_manifest(shop.project, songs(2))
    assert again(shop).code == 0
    return shop


def test_adopted_audio_is_in_nobodys_books_and_a_moved_song_has_its_name_of_today(
    shop: Songmake, vendor: Vendor
):
    vendor.fault("transactions", "amount", match=FIRST, usd=0.25, times=None)
    write_manifest(shop.project, songs(2))
    assert again(shop).code == 0
    three = songs(3)
    write_manifest(shop.project, {"lamp": {**three.pop("song-1"), "moved_from": "song-1"}, **three})
    file = min((shop.project / "outputs").rglob("*.mp3"))
    assert inside(shop, "adopt", "song-3", "--file", str(file), "--cost", "2").code == 0
    found = document(shop)
    assert kinds(found) == {"lamp#1": "charged_more"}
    assert reconciled(shop).out.endswith("journal $0.445 · ledger $0.445\n")


def test_books_that_agree_end_with_0_and_nothing_but_questions_was_sent(
    sold: Songmake, vendor: Vendor
):
    before = cost(sold)
    ended = reconciled(sold)
    assert ended.code == 0, ended.said
    assert ended.out == "2 paid attempts: 2 agreed\njournal $0.39 · ledger $0.39\n"
    assert ended.err == ""
    assert cost(sold) == before
    found = document(sold)
    assert (found["exit_code"], found["takes"], found["purchases"]) == (0, [], [])
    assert found["ledger"]["is_whole"]
    assert found["log"]["is_whole"]
    ledger = vendor.ledger()
    assert ledger.posts == 2
    assert {one.method for one in ledger.requests if one.kind != "post"} == {"GET"}


@pytest.mark.parametrize(
    ("fault", "kind", "charged", "said"),
    [
        ({"do": "amount", "usd": 0.25}, "charged_more", "0.250000", "charged $0.25"),
        ({"do": "twice"}, "charged_more", "0.390000", "charged $0.39 in 2 charges"),
        ({"do": "amount", "usd": 0.1}, "charged_less", "0.100000", "charged $0.10"),
        ({"do": "refund"}, "refunded", "0.000000", "charged $0.00: $0.195 was given back"),
        ({"do": "refund", "usd": 0.1}, "refunded", "0.095000", "$0.10 was given back"),
    ],
)
def test_another_amount_in_the_ledger_is_named_and_booked_once(
    sold: Songmake, vendor: Vendor, fault: dict[str, Any], kind: str, charged: str, said: str
):
    vendor.fault("transactions", match=FIRST, times=None, **fault)
    found = document(sold)
    assert kinds(found) == {"song-1#1": kind}
    (row,) = found["takes"]
    assert said in row["message"]
    assert (row["journal_before_usd"], row["journal_after_usd"]) == ("0.195000", charged)
    assert row["ledger_usd"] == charged
    assert (found["exit_code"], found["totals"]["corrected"]) == (0, 1)
    booked = row_of(sold, "song-1")
    assert (booked["charged_usd"], booked["cost_source"]) == (charged, "ledger")
    assert booked["state"] == "published"
    assert row_of(sold, "song-2")["cost_source"] == "answer"
    assert reconciled(sold).out.startswith("2 paid attempts: 2 agreed\n")


def test_a_guessed_price_is_confirmed_by_the_ledger(shop: Songmake, vendor: Vendor):
    vendor.fault("post", "no_usage")
    write_manifest(shop.project, songs(1))
    assert again(shop).code == 0
    assert row_of(shop, "song-1")["cost_source"] == "estimated"
    assert reconciled(shop).code == 0
    row = row_of(shop, "song-1")
    assert (row["cost_source"], row["credits_used"]) == ("ledger", 390_000)


def test_a_failed_song_that_was_charged_is_named_until_a_person_decides(
    shop: Songmake, vendor: Vendor
):
    write_manifest(shop.project, songs(1))
    vendor.fault("poll", "error_status")
    assert again(shop).code == 1
    assert document(shop)["exit_code"] == 0
    vendor.set(are_refunds_shown=True)
    assert document(shop)["exit_code"] == 0
    vendor.fault("transactions", "amount", usd=0.2, match=FIRST, times=None)
    ended = reconciled(shop)
    assert ended.code == 10, ended.said
    assert "album/song-1#1: charged all the same\n" in ended.out
    assert "failed, and charged all the same ($0.20)" in ended.out
    assert "songmake settle 'album/song-1#1' --charged\n" in ended.out
    assert row_of(shop, "song-1")["state"] == "failed"
    assert inside(shop, "settle", "song-1#1", "--charged").code == 0
    assert reconciled(shop).code == 0
    row = row_of(shop, "song-1")
    assert (row["state"], row["charged_usd"]) == ("lost", "0.200000")
    assert vendor.ledger().posts == 1


def test_a_doubt_that_the_log_knows_is_found_and_collected(shop: Songmake, vendor: Vendor):
    write_manifest(shop.project, songs(1))
    vendor.fault("post", "accept_then_500")
    vendor.fault("logs", "404")
    assert again(shop).code == 3
    ended = reconciled(shop)
    assert ended.code == 0, ended.said
    assert "album/song-1#1: found, to be collected\n" in ended.out
    row = row_of(shop, "song-1")
    assert (row["state"], row["held_usd"]) == ("submitted", "0.195000")
    assert row["cost_source"] == "ledger"
    assert again(shop).code == 0
    assert row_of(shop, "song-1")["state"] == "published"
    assert vendor.ledger().posts == 1


def test_a_doubt_that_nobody_knows_stays_one(shop: Songmake, vendor: Vendor):
    write_manifest(shop.project, songs(1))
    vendor.fault("post", "500")
    vendor.fault("logs", "404")
    assert again(shop).code == 3
    ended = reconciled(shop)
    assert ended.code == 3
    assert "in the provider's log: songmake settle 'album/song-1#1' --generation ID\n" in ended.out
    assert kinds(document(shop)) == {"song-1#1": "in_doubt"}
    assert row_of(shop, "song-1")["in_doubt_usd"] == "0.195000"
    assert vendor.ledger().posts == 1


@pytest.mark.parametrize(("answer", "state"), [("403", "planned"), ("422", "rejected")])
def test_a_refused_request_that_was_taken_all_the_same_is_not_bought_again(
    shop: Songmake, vendor: Vendor, answer: str, state: str
):
    write_manifest(shop.project, songs(1))
    vendor.fault("post", f"accept_then_{answer}")
    assert again(shop).code == 1
    assert row_of(shop, "song-1")["state"] == state
    found = document(shop)
    assert kinds(found) == {"song-1#1": "found"}
    assert found["takes"][0]["state_after"] == "submitted"
    assert again(shop).code == 0
    assert row_of(shop, "song-1")["charged_usd"] == "0.195000"
    assert vendor.ledger().posts == 1


@pytest.fixture
def held(shop: Songmake, vendor: Vendor) -> Songmake:
    """One song that was submitted and left, and is rendered at once."""
    vendor.set(seconds=0.0)
    write_manifest(shop.project, songs(1))
    assert again(shop, "--no-wait").code == 6
    assert row_of(shop, "song-1")["held_usd"] == "0.195000"
    return shop


def test_a_hold_that_was_rendered_and_charged_is_settled(held: Songmake, vendor: Vendor):
    vendor.fault("transactions", "amount", usd=0.2, times=None)
    assert kinds(document(held)) == {"song-1#1": "settled"}
    row = row_of(held, "song-1")
    assert (row["state"], row["charged_usd"], row["cost_source"]) == ("ready", "0.200000", "ledger")
    assert again(held).code == 0
    assert row_of(held, "song-1")["charged_usd"] == "0.200000"
    assert vendor.ledger().posts == 1


def test_a_hold_of_a_failed_song_is_released(held: Songmake, vendor: Vendor):
    vendor.fault("poll", "error_status")
    assert kinds(document(held)) == {"song-1#1": "released"}
    row = row_of(held, "song-1")
    assert (row["state"], row["held_usd"], row["charged_usd"]) == ("failed", "0.000000", "0.000000")


def test_a_hold_of_a_failed_song_stays_while_the_ledger_shows_a_charge(
    held: Songmake, vendor: Vendor
):
    vendor.fault("poll", "error_status", times=None)
    vendor.fault("transactions", "amount", usd=0.195)
    found = document(held)
    assert (kinds(found), found["exit_code"]) == ({"song-1#1": "charged_anyway"}, 10)
    assert row_of(held, "song-1")["held_usd"] == "0.195000"
    assert kinds(document(held)) == {"song-1#1": "released"}


def test_a_hold_is_given_a_day_before_it_is_called_never_settled(held: Songmake, vendor: Vendor):
    vendor.fault("poll", "generating", times=None)
    vendor.fault("transactions", "missing", times=None)
    found = document(held)
    assert (kinds(found), found["exit_code"]) == ({"song-1#1": "pending"}, 0)
    grow_older(held, hours=30)
    ended = reconciled(held)
    assert ended.code == 10
    assert "album/song-1#1: never settled\n" in ended.out
    assert "neither charged nor given back" in " ".join(ended.out.split())
    assert row_of(held, "song-1")["state"] == "submitted"


def test_what_is_not_in_the_ledger_yet_is_no_difference_for_a_day(sold: Songmake, vendor: Vendor):
    vendor.fault("transactions", "missing", match=FIRST, times=None)
    ended = reconciled(sold)
    assert ended.code == 0
    assert ended.out.startswith("2 paid attempts: 1 agreed, 1 not in the ledger yet\n")
    grow_older(sold, hours=30)
    found = document(sold)
    assert (kinds(found), found["exit_code"]) == ({"song-1#1": "uncharged"}, 10)
    assert row_of(sold, "song-1")["charged_usd"] == "0.195000"


def test_a_purchase_that_this_journal_does_not_know_is_named(sold: Songmake, vendor: Vendor):
    (sold.project / "manifests" / "album.lock.json").unlink()  # it would have told
    ended = reconciled(sold, "--state", "elsewhere", "--output", "there")
    assert ended.code == 10
    assert ended.out.count("bought, and unknown to this journal") == 2
    assert "another journal's, $0.195, generation" in ended.out
    write_manifest(sold.project, {"other": song(prompt="slow waltz, 60 BPM")}, name="other")
    ended = inside(
        sold, "report", "--reconcile", "manifests/other.yaml", "--state", "b", "--output", "b"
    )
    assert ended.code == 0
    assert "the log shows 2 purchases of other albums or journals, $0.39" in ended.out


@pytest.mark.parametrize("do", ["404", "html200", "garbage", "huge", "gzip_bomb", "circle"])
def test_a_ledger_that_is_missing_or_mad_is_a_warning_and_moves_nothing(
    sold: Songmake, vendor: Vendor, do: str
):
    before = cost(sold)
    vendor.fault("transactions", do, times=None)
    ended = reconciled(sold)
    assert ended.code == 6, ended.said
    assert ended.err.count("warning: the provider's ledger was not read to its end (") == 1
    assert "2 not compared" in ended.out
    assert cost(sold) == before
    assert len(vendor.ledger().of("transactions")) <= 4  # asked again, and not for ever


def test_a_ledger_without_end_is_read_in_bounds(sold: Songmake, vendor: Vendor):
    vendor.fault("transactions", "endless", times=None)
    found = document(sold)
    assert found["exit_code"] == 6
    assert found["ledger"]["problem"] == "it is longer than one run may read"
    assert len(vendor.ledger().of("transactions")) <= 200


def test_a_ledger_that_stumbles_is_asked_again(sold: Songmake, vendor: Vendor):
    vendor.fault("transactions", "429", retry_after="0")
    vendor.fault("transactions", "500")
    vendor.fault("logs", "503")
    ended = reconciled(sold)
    assert (ended.code, ended.err) == (0, "")


def test_without_a_log_the_ledger_is_compared_all_the_same(sold: Songmake, vendor: Vendor):
    vendor.fault("logs", "404", times=None)
    ended = reconciled(sold)
    assert ended.code == 0
    assert "warning: the provider's log was not read to its end (HTTP 404" in ended.err
    assert ended.out.startswith("2 paid attempts: 2 agreed\n")


def test_both_books_are_read_page_by_page(sold: Songmake, vendor: Vendor):
    vendor.set(foreign_entries=250, foreign_log_rows=250, clock_offset_s=-3600.0)
    ended = reconciled(sold)
    assert ended.code == 0
    assert ended.out.startswith("2 paid attempts: 2 agreed\n")
    ledger = vendor.ledger()
    assert (len(ledger.of("transactions")), ledger.logs) == (3, 3)


def test_what_is_said_fits_80_columns(shop: Songmake, vendor: Vendor):
    name = "a-song-with-a-name-that-is-as-long-as-anybody-could-want"
    write_manifest(shop.project, {name: song(prompt="warm indie folk, 81 BPM"), **songs(2)})
    vendor.fault("poll", "error_status", match="82 BPM")
    assert again(shop).code == 1
    vendor.fault("transactions", "amount", match="8", times=None)
    ended = reconciled(shop)
    assert ended.code == 10
    typed = ("    next: ", "    in the log: ")
    assert max(len(line) for line in ended.out.splitlines() if not line.startswith(typed)) <= 80


def test_reconciling_needs_the_key_and_the_books_of_who_sold_it(sold: Songmake, vendor: Vendor):
    elsewhere = {**sold.environment, "AIMLAPI_BASE_URL": "https://192.0.2.1"}
    ended = reconciled(Songmake(project=sold.project, environment=elsewhere))
    assert ended.code == 2
    assert "https://192.0.2.1 cannot know of them" in ended.err
    ended = reconciled(Songmake(project=sold.project, environment={}))
    assert ended.code == 2
    assert "AIMLAPI_KEY is not set" in ended.err
    assert reconciled(sold, "--import", "x.json").code == 2


@pytest.mark.parametrize(
    ("patience", "problem"),
    [
        (Patience(question_s=0.2, book_s=9.0, retries=0), "no answer in time"),
        (Patience(question_s=9.0, book_s=0.2, retries=0), "it was not read in time"),
    ],
)
def test_a_ledger_that_says_nothing_is_left_in_time(
    sold: Songmake, vendor: Vendor, patience: Patience, problem: str
):
    for where in ("transactions", "logs"):
        vendor.fault(where, "hang", times=None)
    folders = {"state": sold.project / ".songmake", "output": sold.project / "outputs"}
    workspace = load_workspace([sold.project / "manifests"], is_quiet=True, **folders)
    access = Access(base_url=vendor.api_url, key=vendor.key)
    outcome = reconcile(workspace, access, clock=Clock(), warn=print, patience=patience)
    assert outcome.causes == {ExitCode.UNFINISHED}
    assert (outcome.ledger.problem, outcome.log.problem) == (problem, problem)
    assert {finding.kind.value for finding in outcome.findings} == {"not_compared"}


def test_nothing_is_asked_while_a_run_is_at_work(sold: Songmake, vendor: Vendor):
    before = len(vendor.ledger().requests)
    with run_lock(sold.project / ".songmake", holder={"who": "a run"}):
        assert reconciled(sold).code == 4
    assert len(vendor.ledger().requests) == before
